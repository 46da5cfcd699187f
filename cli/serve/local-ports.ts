// Ports of 127.0.0.1 for processes that a command starts: finds a free port, and waits until it accepts connections.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { StepFailure } from '../../simulator/scenarios/scenario-world.ts';

export const localHost = '127.0.0.1';

/** A limit for processes that hang. */
const patienceMs = 30_000;

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, localHost);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** @param what e.g. "the endpoint". @throws {StepFailure} if the process exits or does not listen within 30 seconds. */
export async function untilListening(child: ChildProcess, port: number, what: string): Promise<void> {
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  for (const endsAt = performance.now() + patienceMs; ; await delay(50)) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new StepFailure(`${what} did not start: ${complaint.trim()}`);
    if (await isOpen(port)) return;
    if (performance.now() > endsAt) throw new StepFailure(`${what} did not listen within 30 seconds.`);
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, localHost);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
