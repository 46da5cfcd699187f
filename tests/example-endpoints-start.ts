// Owns the example endpoints as processes: which command starts each, and starting one on a free port.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultClientEmail } from '../certs/issue-certificates.ts';
import { certificateFiles, scratchFolder } from './certificate-files.ts';
import { findFreePort } from './services/service-process.ts';

const folder = join(dirname(import.meta.dirname), 'examples/endpoints');

/** A colon, a space and a letter beyond ASCII: what careless endpoints stumble over. */
export const login = { username: 'immuta', password: 'pass:word with a colon, and ü' };

interface Settings {
  readonly port: number;
  /** An empty folder for what is compiled or configured. */
  readonly scratch: string;
}

interface Command {
  readonly program: string;
  readonly arguments?: readonly string[];
  /** Default: the endpoint's own folder. */
  readonly cwd?: string;
}

/** `both`: over HTTPS, with a client certificate beside Basic. */
export type ExampleAuth = 'basic' | 'both';

/** One endpoint of examples/endpoints/, by the name of its folder. */
export interface ExampleEndpoint {
  readonly name: string;
  /** What it can ask for. Default: Basic alone. */
  readonly auths?: readonly ExampleAuth[];
  /** What its reader types, once what must be made beforehand is made. */
  prepare(settings: Settings): Command;
}

export const exampleEndpoints: readonly ExampleEndpoint[] = [
  { name: 'node-http', auths: ['basic', 'both'], prepare: () => nodeCommand },
  { name: 'express', prepare: () => nodeCommand },
  { name: 'fastify', prepare: () => nodeCommand },
  { name: 'python-http-server', prepare: () => ({ program: 'python3', arguments: ['user_info.py'] }) },
  {
    name: 'flask',
    // Debian's Flask is there for Debian's Python, which need not be the first on the PATH.
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

/** Compiles once a process; `go run` would leave its child behind when it is ended. */
function compileGo(): string {
  if (compiled !== undefined) return compiled;
  const scratch = scratchFolder();
  const program = join(scratch, 'user-info');
  const environment = { ...process.env, GOCACHE: join(scratch, 'cache'), GOTOOLCHAIN: 'local', GO111MODULE: 'off' };
  execFileSync('go', ['build', '-o', program, 'user-info.go'], { cwd: join(folder, 'go'), env: environment });
  compiled = program;
  return program;
}

/** nginx reads no environment: the port stands in the configuration, the credentials in a file beside it. */
function configureNginx({ port, scratch }: Settings): Command {
  cpSync(join(folder, 'nginx'), scratch, { recursive: true });
  const configuration = join(scratch, 'nginx.conf');
  writeFileSync(
    configuration,
    readFileSync(configuration, 'utf8').replace('listen 127.0.0.1:8080', `listen 127.0.0.1:${port}`),
  );
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: login.password, encoding: 'utf8' });
  writeFileSync(join(scratch, 'htpasswd'), `${login.username}:${hash}`);
  // The scratch folder is nobody else's to read, a worker of nginx's included.
  const asMe = ['-g', 'user root;'];
  return {
    program: 'nginx',
    arguments: ['-p', scratch, '-c', 'nginx.conf', '-e', 'stderr', ...asMe],
    cwd: scratch,
  };
}

/** A running endpoint. */
export interface RunningEndpoint {
  readonly url: string;
  /** What it has written to stdout and stderr so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Less than mocha gives a hook, so that what was printed is seen. */
const startTimeoutMs = 15_000;
const pollMs = 20;

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
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

async function stopProcess(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  // Killed: how each runtime ends in order is not what is shown here. nginx would leave its worker behind.
  child.kill(child.spawnfile === 'nginx' ? 'SIGTERM' : 'SIGKILL');
  await closed;
}

/**
 * Starts an endpoint and waits until it listens.
 *
 * @param credentials what its environment is given.
 * @throws {Error} with what it printed, when it ends or does not listen within 15 s; with the name of the program when that is not
 *   installed: tests/install-tools.mjs names its package.
 */
export async function startExampleEndpoint(
  endpoint: ExampleEndpoint,
  auth: ExampleAuth,
  credentials: Partial<typeof login> = login,
): Promise<RunningEndpoint> {
  const port = await findFreePort();
  const command = endpoint.prepare({ port, scratch: scratchFolder() });
  const child = spawn(command.program, command.arguments ?? [], {
    cwd: command.cwd ?? join(folder, endpoint.name),
    env: {
      PATH: process.env.PATH,
      // Java reads the environment in the charset of the locale.
      LANG: 'C.UTF-8',
      PORT: String(port),
      USER_INFO_USERNAME: credentials.username,
      USER_INFO_PASSWORD: credentials.password,
      ...(auth === 'both' && (await tlsSettings())),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
  }
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = `${error.message}: install its package, see tests/install-tools.mjs`;
  });
  const closed = once(child, 'close').catch(() => undefined);
  const endsAt = Date.now() + startTimeoutMs;
  while (!(await isListening(port))) {
    if (child.exitCode !== null) failure ??= `it ended with ${child.exitCode}`;
    if (Date.now() > endsAt) failure ??= `it did not listen within ${startTimeoutMs} ms`;
    if (failure !== undefined) {
      await stopProcess(child, closed);
      throw new Error(`${endpoint.name}: ${failure}\n${output}`);
    }
    await delay(pollMs);
  }
  return {
    url: `${auth === 'both' ? 'https' : 'http'}://127.0.0.1:${port}/user-info`,
    output: () => output,
    stop: () => stopProcess(child, closed),
  };
}
