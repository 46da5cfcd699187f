// Starts the simulator's server for tests: on loopback, on a free port. Internal errors make `close` fail.
import { expect } from 'chai';
import type { Simulator } from '../../open-simulator.ts';
import { type ApiServer, type ApiServerOptions, startApi } from '../start-api.ts';

export interface TestApi extends ApiServer {
  /** Reported schedule errors, "IAM: reason". */
  readonly scheduleFaults: readonly string[];
  /** Closes the server. The test fails if there was an internal error. */
  close(): Promise<void>;
}

export async function startTestApi(simulator: Simulator, options: Partial<ApiServerOptions> = {}): Promise<TestApi> {
  const bugs: unknown[] = [];
  const scheduleFaults: string[] = [];
  const server = await startApi(simulator, {
    ...{ host: '127.0.0.1', port: 0, tls: null, readConformance: () => null, readUserList: async () => null },
    onBug: (error) => bugs.push(error),
    onScheduleFault: (iam, { message }) => scheduleFaults.push(`${iam}: ${message}`),
    ...options,
  });
  return {
    url: server.url,
    scheduleFaults,
    async close() {
      await server.close();
      expect(bugs).to.deep.equal([]);
    },
  };
}
