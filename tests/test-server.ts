// Starts the whole server in tests from a configuration, with its log in a readable file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedServerConfig } from '../schemas/generated/loaded-server-config.ts';
import type { RunningServer } from '../server/start.ts';
import { scratchDirectory } from './certificate-files.ts';
import { parseConfig, startServer } from './start-server.ts';

/** Sections of a configuration, as in the file; by default, the server serves one user over HTTP to every client. */
export type ConfigSections = Readonly<Record<string, object | number>>;

export interface TestServer extends RunningServer {
  /** URL of a request for the user `ada`. */
  readonly adaUrl: string;
  /** Ends the server. @returns all lines of the server's log. */
  stopAndReadLog(): Promise<LogLine[]>;
  readonly logFile: string;
}

export type LogLine = Readonly<Record<string, unknown>>;

export const adaBody = '{"groups":[{"name":"engineering"}],"authorizations":{"region":["emea"]}}';

/** Returns the expression with which a configuration refers to a secret in the environment. */
export function secretReference(name: string): string {
  // Its first two characters would start a template expression.
  return ['$', '{env:', name, '}'].join('');
}

/** Reads sections as `serve --config` would; secrets are references to `environment`. */
export function configOf(sections: ConfigSections, environment: NodeJS.ProcessEnv = {}): LoadedServerConfig {
  const { listener, logging, ...others } = sections;
  const whole = {
    authentication: { mode: 'none' },
    source: { type: 'static', users: { ada: { groups: ['engineering'], authorizations: { region: ['emea'] } } } },
    ...others,
    listener: { host: '127.0.0.1', port: 0, ...(listener as object) },
    logging: { destination: join(scratchDirectory(), 'server.log'), ...(logging as object) },
  };
  return parseConfig(JSON.stringify(whole), { fileName: 'test.json', baseDirectory: scratchDirectory(), environment });
}

/** Starts a server; the test stops it. */
export async function startTestServer(
  sections: ConfigSections = {},
  environment: NodeJS.ProcessEnv = {},
): Promise<TestServer> {
  const config = configOf(sections, environment);
  const server = await startServer(config);
  const logFile = config.logging.destination;
  return {
    ...server,
    adaUrl: `${server.url}?userid=ada`,
    logFile,
    async stopAndReadLog() {
      await server.stop();
      return readLog(logFile);
    },
  };
}

/** Returns a function that starts servers for the tests of the calling `describe`, and stops each server after its test. */
export function stoppedAfterEach(): typeof startTestServer {
  const running: TestServer[] = [];
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
  });
  return async (sections, environment) => {
    const server = await startTestServer(sections, environment);
    running.push(server);
    return server;
  };
}

function readLog(file: string): LogLine[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LogLine);
}
