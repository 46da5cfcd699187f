// The commands that start the example endpoints, and starting one on a free port.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defaultClientEmail } from '../certs/issue-certificates.ts';
import { certificateFiles, scratchDirectory } from './certificate-files.ts';
import { type EndpointProcess, startEndpointProcess } from './endpoint-process.ts';
import { findFreePort } from './services/service-process.ts';

const directory = join(dirname(import.meta.dirname), 'examples/endpoints');

/** A colon, a space and a letter beyond ASCII: characters that careless endpoints handle wrongly. */
export const login = { username: 'immuta', password: 'pass:word with a colon, and ü' };

interface Settings {
  readonly port: number;
  /** An empty directory for compiled or configured files. */
  readonly scratch: string;
}

interface Command {
  readonly program: string;
  readonly arguments?: readonly string[];
  /** Default: the endpoint's own directory. */
  readonly cwd?: string;
}

/** `both`: over HTTPS, with a client certificate in addition to Basic. */
export type ExampleAuth = 'basic' | 'both';

/** One endpoint of examples/endpoints/, by the name of its directory. */
export interface ExampleEndpoint {
  readonly name: string;
  /** The authentication that it supports. Default: Basic alone. */
  readonly auths?: readonly ExampleAuth[];
  /** Prepares the endpoint, and returns the command that a reader would run. */
  prepare(settings: Settings): Command;
}

export const exampleEndpoints: readonly ExampleEndpoint[] = [
  { name: 'node-http', auths: ['basic', 'both'], prepare: () => nodeCommand },
  { name: 'express', prepare: () => nodeCommand },
  { name: 'fastify', prepare: () => nodeCommand },
  { name: 'python-http-server', prepare: () => ({ program: 'python3', arguments: ['user_info.py'] }) },
  {
    name: 'flask',
    // Debian's Flask is installed for Debian's Python, which is not always the first on the PATH.
    prepare: () => ({ program: '/usr/bin/python3', arguments: ['user_info.py'] }),
  },
  { name: 'go', auths: ['basic', 'both'], prepare: () => ({ program: compileGo() }) },
  { name: 'java', prepare: () => ({ program: 'java', arguments: ['UserInfoEndpoint.java'] }) },
  {
    name: 'php',
    prepare: ({ port }) => ({ program: 'php', arguments: ['-S', `127.0.0.1:${port}`, 'user-info.php'] }),
  },
  { name: 'nginx', prepare: configureNginx },
];

const nodeCommand: Command = { program: process.execPath, arguments: ['user-info.mjs'] };

let compiled: string | undefined;

/** Compiles once per process; `go run` would leave its child running. */
function compileGo(): string {
  if (compiled !== undefined) return compiled;
  const scratch = scratchDirectory();
  const program = join(scratch, 'user-info');
  const environment = { ...process.env, GOCACHE: join(scratch, 'cache'), GOTOOLCHAIN: 'local', GO111MODULE: 'off' };
  execFileSync('go', ['build', '-o', program, 'user-info.go'], { cwd: join(directory, 'go'), env: environment });
  compiled = program;
  return program;
}

/**
 * Writes the files of nginx and returns its command. nginx reads no environment: the port is in the configuration, the credentials in a file beside
 * it.
 */
function configureNginx({ port, scratch }: Settings): Command {
  cpSync(join(directory, 'nginx'), scratch, { recursive: true });
  const configuration = join(scratch, 'nginx.conf');
  writeFileSync(
    configuration,
    readFileSync(configuration, 'utf8').replace('listen 127.0.0.1:8080', `listen 127.0.0.1:${port}`),
  );
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: login.password, encoding: 'utf8' });
  writeFileSync(join(scratch, 'htpasswd'), `${login.username}:${hash}`);
  // The scratch directory is not readable by other users, including that of the nginx workers.
  const asMe = ['-g', 'user root;'];
  return {
    program: 'nginx',
    arguments: ['-p', scratch, '-c', 'nginx.conf', '-e', 'stderr', ...asMe],
    cwd: scratch,
  };
}

/** A running endpoint, and its URL. */
export interface RunningEndpoint extends EndpointProcess {
  readonly url: string;
}

async function tlsSettings(): Promise<NodeJS.ProcessEnv> {
  const { listenerTls } = await certificateFiles();
  return {
    TLS_CERTIFICATE: listenerTls.certificate,
    TLS_KEY: listenerTls.key,
    CLIENT_CA: listenerTls.clientCa[0],
    CLIENT_EMAIL: defaultClientEmail,
  };
}

/**
 * Starts an endpoint and waits until it listens.
 *
 * @param credentials for its environment.
 * @throws {Error} as `startEndpointProcess` does.
 */
export async function startExampleEndpoint(
  endpoint: ExampleEndpoint,
  auth: ExampleAuth,
  credentials: Partial<typeof login> = login,
): Promise<RunningEndpoint> {
  const port = await findFreePort();
  const command = endpoint.prepare({ port, scratch: scratchDirectory() });
  const running = await startEndpointProcess({
    name: endpoint.name,
    program: command.program,
    arguments: command.arguments ?? [],
    cwd: command.cwd ?? join(directory, endpoint.name),
    port,
    env: {
      USER_INFO_USERNAME: credentials.username,
      USER_INFO_PASSWORD: credentials.password,
      ...(auth === 'both' && (await tlsSettings())),
    },
  });
  return { ...running, url: `${auth === 'both' ? 'https' : 'http'}://127.0.0.1:${port}/user-info` };
}
