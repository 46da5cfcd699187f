// Worker thread that verifies passwords, one request at a time; see password-hash-threads.ts.
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { verifyPassword } from './password-hash.ts';
import type { HashRequest } from './password-hash-threads.ts';

/** Number of `nice` levels: when CPU time is short, the event loop gets three times as much of it as this thread. */
const niceness = 5;

// On Linux a priority applies to a thread (setpriority(2)); elsewhere it would slow down the whole process.
if (process.platform === 'linux') setPriority(Math.min(getPriority() + niceness, 19));

parentPort?.on('message', async ({ password, hashes }: HashRequest) => {
  const outcomes: boolean[] = [];
  // All of them are compared, so that the time does not depend on which one matches.
  for (const hash of hashes) outcomes.push(await verifyPassword(password, hash));
  parentPort?.postMessage(outcomes.includes(true));
});
