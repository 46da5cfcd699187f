// Process of a service in tests: a free port, its own directory, start and stop.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Ports below the ephemeral ports of Linux, macOS and Windows. Otherwise, a service that starts slowly could lose its port to a parallel test, which
 * would then respond instead.
 */
const ports = { first: 20_000, last: 32_767 };

/** Returns a port of 127.0.0.1 that was free when it was chosen. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ports.first, ports.last + 1);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Returns the path of a program on the PATH, or in the directories that Debian leaves out of it. @throws when it is missing. */
export function findProgram(name: string): string {
  const versions = '/usr/lib/postgresql';
  const hidden = existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, 'bin')) : [];
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', ...hidden];
  const found = directories.map((directory) => join(directory, name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`${name} is not installed; node tests/install-tools.mjs brings it`);
  return found;
}

export interface ServiceProcess {
  /** Stops the process and waits for its exit. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

export interface ServiceOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Resolves when the service responds; rejects while it does not. */
  readonly isReady: () => Promise<unknown>;
}

const startTimeoutMs = 60_000;

/** Starts a service and waits until it responds. @throws an error that contains the end of its output when it exits or does not respond. */
export async function startService({ command, args, user, isReady }: ServiceOptions): Promise<ServiceProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], ...user });
  let lastWords = '';
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-2000);
  });
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const gone = once(child, 'exit').then(() => process.off('exit', killAtExit));
  const endMs = Date.now() + startTimeoutMs;
  while (
    !(await isReady().then(
      () => true,
      () => false,
    ))
  ) {
    if (hasEnded(child) || Date.now() > endMs) {
      child.kill('SIGKILL');
      throw new Error(`${command} does not answer:\n${lastWords}`);
    }
    await delay(50);
  }
  return {
    async stop(signal) {
      if (!hasEnded(child)) child.kill(signal);
      await gone;
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** A service that a test stops and restarts. */
export interface RestartableService {
  /** Stops the server; clients are disconnected. */
  halt(): Promise<void>;
  /** Starts the service again at the same address. */
  resume(): Promise<void>;
  /** Stops it permanently and removes its directory. */
  stop(): Promise<void>;
}

/** @param signal signal with which the service is stopped. */
export async function startRestartable(
  directory: string,
  signal: NodeJS.Signals,
  options: ServiceOptions,
): Promise<RestartableService> {
  let running = await startService(options);
  const halt = () => running.stop(signal);
  return {
    halt,
    async resume() {
      running = await startService(options);
    },
    async stop() {
      await halt();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
