// Starts a peer over HTTP in its own process.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { PeerPorts, PeerSetup } from './peer-setup.ts';

export interface RunningPeer {
  /** Exits when it is disconnected. */
  readonly child: ChildProcess;
  readonly ports: PeerPorts;
}

/**
 * Starts `peer-NAME` and waits until it serves.
 *
 * @throws if it ends before that.
 */
export async function startPeer(name: string, setup: PeerSetup): Promise<RunningPeer> {
  const child = fork(new URL(`./peer-${name}.js`, import.meta.url), [JSON.stringify(setup)], {
    execArgv: ['--max-old-space-size=8192'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${name} ended with ${code} before it listened`);
  });
  ended.catch(() => undefined);
  const [ports] = (await Promise.race([once(child, 'message'), ended])) as [PeerPorts];
  return { child, ports };
}
