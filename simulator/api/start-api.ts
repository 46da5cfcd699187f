// Starts the simulator's server, and stops it without leaving a change unfinished.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { isLoopbackHost } from '../../schemas/loopback.ts';
import type { Simulator } from '../open-simulator.ts';
import { createIamSchedules, scheduleActor } from '../sync/iam-schedules.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { findReasonToSkipSync } from '../sync/run-decisions.ts';
import { runSync } from '../sync/run-sync.ts';
import { SyncError } from '../sync/sync-error.ts';
import type { SyncControl } from '../sync/sync-request.ts';
import { toApiError } from './api-error.ts';
import { createTokens } from './api-keys.ts';
import { builtConsole, createApi } from './create-api.ts';
import type { ApiContext } from './handler.ts';
import { mayActAs } from './key-handlers.ts';
import { findSyncProblem } from './sync-answer.ts';
import { createSyncRunner } from './sync-runner.ts';

export interface ApiServerOptions {
  /** Address to listen on; must be a loopback address unless `tls` is set. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** PEM texts; null: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly readConformance: () => ConformanceReport | null;
  readonly readUserList: ApiContext['readUserList'];
  /** Directory of the console's bundle. Default: the directory into which the build writes it. */
  readonly consoleDirectory?: string;
  readonly onBug: (error: unknown) => void;
  /** Called when a scheduled sync failed or could not start, and for settings whose schedule is invalid. */
  readonly onScheduleFault: (iam: string, error: Error) => void;
}

export interface ApiServer {
  /** E.g. `http://127.0.0.1:8645`. */
  readonly url: string;
  /** Interrupts a running sync, which can be resumed later, and completes pending responses. Does not close the simulator. */
  close(): Promise<void>;
}

/** Plain HTTP would send API keys and access data over the network in clear text. */
export class PlainNetworkError extends Error {
  override readonly name = 'PlainNetworkError';
}

/** @throws {PlainNetworkError} for plain HTTP on an address other than loopback. @throws Node's error when the server cannot listen. */
export async function startApi(
  simulator: Simulator,
  { host, port, tls, consoleDirectory = builtConsole, onScheduleFault, readUserList, ...others }: ApiServerOptions,
): Promise<ApiServer> {
  if (tls === null && !isLoopbackHost(host)) {
    throw new PlainNetworkError(`On ${host}, API keys would be sent in clear text. A certificate is required.`);
  }
  const runner = createSyncRunner();
  const tokens = createTokens(mayActAs.bind(null, simulator), () => Date.parse(simulator.now()));
  const onFault = (iam: string, error: Error) =>
    toApiError(error) === null ? others.onBug(error) : onScheduleFault(iam, error);
  const schedules = createIamSchedules({
    iams: simulator.identities.iams,
    runs: simulator.runs,
    async run(iam) {
      const reason = findReasonToSkipSync(simulator, iam);
      if (reason !== null) return onFault(iam, new SyncError('refused', reason));
      const work = async (control: SyncControl) => {
        const list = await readUserList(iam, loadIamSettings(simulator.identities.iams.get(iam).settings));
        const request = { iam, scope: 'all', userids: null, list, dryRun: false, by: scheduleActor } as const;
        return runSync(simulator, request, control);
      };
      const result = await runner.runWhenFree(iam, work).catch((error) => {
        onFault(iam, error);
        return null;
      });
      const problem = result === null || runner.closing.aborted ? null : findSyncProblem(result, []);
      if (problem !== null) onScheduleFault(iam, new SyncError('refused', problem.message));
    },
    onFault,
  });
  const app = createApi({ simulator, tokens, runner, schedules, consoleDirectory, readUserList, ...others });
  const server: Server = tls === null ? createServer(app) : createTlsServer({ ...tls, minVersion: 'TLSv1.2' }, app);
  server.listen(port, host);
  // Rejects if listening fails.
  await once(server, 'listening');
  schedules.start();
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `${tls === null ? 'http' : 'https'}://${isIP(host) === 6 ? `[${host}]` : host}:${bound}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      const isOver = schedules.close();
      await runner.close();
      await isOver;
      // A connection becomes idle once its last response has been read.
      const idle = setInterval(() => server.closeIdleConnections(), 20);
      const timer = setTimeout(() => server.closeAllConnections(), lastAnswersMs);
      await closed;
      clearInterval(idle);
      clearTimeout(timer);
    },
  };
}

/** Time limit for responses in progress. */
const lastAnswersMs = 2000;
