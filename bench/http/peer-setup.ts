// Messages between the HTTP benchmark and the process of each peer.
import { readFileSync } from 'node:fs';
import type { Dataset } from './dataset.ts';

export interface PeerSetup {
  readonly dataset: Dataset;
  readonly username: string;
  readonly password: string;
  /** PEM files. */
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Log of the peers that write one. */
  readonly logFile: string;
}

export interface PeerPorts {
  readonly http: number;
  readonly https: number;
}

export const path = '/user-info';

/** Returns the setup that the benchmark passed to this process. */
export function readSetup(): PeerSetup {
  const text = process.argv[2];
  if (text === undefined) throw new Error('This is started by bench/http/bench.ts.');
  return JSON.parse(text) as PeerSetup;
}

export function readTls({ certificateFile, keyFile }: PeerSetup) {
  return { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
}

/** Reports to the benchmark that the peer is serving, and exits when the benchmark disconnects. */
export function announce(ports: PeerPorts): void {
  process.once('disconnect', () => process.exit());
  process.send?.(ports);
}
