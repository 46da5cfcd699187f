// Endpoint that the tests run as a child process on a port of 127.0.0.1.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What to start. The endpoint listens on `port`. */
export interface EndpointCommand {
  /** Names the endpoint in errors. */
  readonly name: string;
  readonly program: string;
  readonly arguments: readonly string[];
  readonly cwd: string;
  readonly port: number;
  /** Environment variables besides PATH, LANG and PORT. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A started endpoint. */
export interface EndpointProcess {
  /** Returns what the endpoint has written to stdout and stderr so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Shorter than the time that mocha allows for a hook, so that the output is printed. */
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

/** Programs that would leave their worker processes running after SIGKILL. */
const programsWithWorkers = ['nginx', 'apache2'];

async function stopProcess(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  child.kill(programsWithWorkers.includes(child.spawnfile) ? 'SIGTERM' : 'SIGKILL');
  await closed;
}

/**
 * Starts an endpoint and waits until it listens.
 *
 * @throws {Error} with its output if it exits or does not listen within 15 s; with the name of the program if that is not
 *   installed: tests/install-tools.mjs has its package.
 */
export async function startEndpointProcess(command: EndpointCommand): Promise<EndpointProcess> {
  const child = spawn(command.program, command.arguments, {
    cwd: command.cwd,
    env: {
      PATH: `${process.env.PATH}:/usr/sbin`,
      // Java reads the environment in the charset of the locale.
      LANG: 'C.UTF-8',
      PORT: String(command.port),
      ...command.env,
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
  while (!(await isListening(command.port))) {
    if (child.exitCode !== null) failure ??= `it ended with ${child.exitCode}`;
    if (Date.now() > endsAt) failure ??= `it did not listen within ${startTimeoutMs} ms`;
    if (failure !== undefined) {
      await stopProcess(child, closed);
      throw new Error(`${command.name}: ${failure}\n${output}`);
    }
    await delay(pollMs);
  }
  return { output: () => output, stop: () => stopProcess(child, closed) };
}
