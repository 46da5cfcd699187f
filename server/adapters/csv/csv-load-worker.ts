// Worker thread that loads one file with the packed engine, transfers the buffers and exits.
import { parentPort, workerData } from 'node:worker_threads';
import type { LoadRequest } from './load-in-worker.ts';
import { loadPacked } from './packed-engine.ts';
import { buffersOf } from './packed-format.ts';

const { config, encoding, knownDigests } = workerData as LoadRequest;

try {
  const outcome = loadPacked(config, encoding, knownDigests);
  parentPort?.postMessage(outcome, outcome.kind === 'loaded' ? buffersOf(outcome.loaded) : []);
} catch (error) {
  const { code } = error as NodeJS.ErrnoException;
  // An error without a code is a bug, and ends the thread with an `error` event.
  if (code === undefined) throw error;
  parentPort?.postMessage({ kind: 'unreadable', code });
}
