// Worker thread that verifies passwords, one request at a time; see password-hash-threads.ts.
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { verifyPassword } from './password-hash.ts';
import type { HashRequest } from './password-hash-threads.ts';

/** Levels of `nice`: where cores are short, the event loop gets three times as much time as this thread. */
const niceness = 5;

// On Linux a priority belongs to a thread (setpriority(2)); elsewhere it would slow the whole process down.
if (process.platform === 'linux') setPriority(Math.min(getPriority() + niceness, 19));

parentPort?.on('message', async ({ password, hashes }: HashRequest) => {
  const outcomes: boolean[] = [];
  // All of them, so that the time does not depend on which one matches.
  for (const hash of hashes) outcomes.push(await verifyPassword(password, hash));
  parentPort?.postMessage(outcomes.includes(true));
});
