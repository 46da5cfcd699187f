// Owns the server that a scenario starts: `user-info serve` as a process of its own, on a port that stays the same.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from '../server/config/config-error.ts';
import { readConfig } from '../server/config/read-config.ts';
import { type ScenarioEndpoint, StepFailure } from '../simulator/scenarios/scenario-world.ts';

const host = '127.0.0.1';

/** A bound on what hangs. */
const patienceMs = 30_000;

/**
 * Writes the configuration into the folder, as endpoint.json, and finds a port. Nothing runs yet.
 *
 * @throws {StepFailure} when the configuration is wrong.
 */
export async function createScenarioServer(config: object, folder: string): Promise<ScenarioEndpoint> {
  const { listener = {}, ...others } = config as { readonly listener?: object };
  const port = await findFreePort();
  const whole = {
    logging: { destination: 'endpoint.log' },
    ...others,
    listener: { ...listener, host, port },
  };
  const file = join(folder, 'endpoint.json');
  writeFileSync(file, JSON.stringify(whole, null, 2));
  const { tls, path } = readOrFail(file).listener;
  let child: ChildProcess | null = null;
  return {
    uri: `${tls === undefined ? 'http' : 'https'}://${host}:${port}${path}`,
    async start() {
      if (child) throw new StepFailure('the endpoint is started already.');
      // Beside the command that plays the scenario, as its reader would: reloads and all.
      const started = fork(process.argv[1] ?? '', ['serve', '--config', file], {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      child = started;
      await untilListening(started, port);
    },
    async stop() {
      const running = child;
      child = null;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      running.kill('SIGTERM');
      await once(running, 'exit');
    },
  };
}

function readOrFail(file: string) {
  try {
    return readConfig(file, process.env).config;
  } catch (error) {
    throw error instanceof ConfigError ? new StepFailure(`endpoint: ${error.message}`) : error;
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  for (const endsAt = performance.now() + patienceMs; ; await delay(50)) {
    if (child.exitCode !== null) throw new StepFailure(`the endpoint did not start: ${complaint.trim()}`);
    if (await isOpen(port)) return;
    if (performance.now() > endsAt) throw new StepFailure('the endpoint did not listen within 30 seconds.');
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
