// Turns of test files that use the ports of the guides, since several processes run the test files.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Port that only the process whose turn it is listens on. It is released when the process ends, whatever the reason. */
const turnPort = 28_440;

/** Generous: as long as all guides take on a slow machine. */
export const turnTimeoutMs = 1_800_000;

/** Waits until no other process has the turn. Returns a function that ends the turn. */
export async function takeTurn(): Promise<() => void> {
  for (;;) {
    const server = createServer();
    try {
      server.listen(turnPort, '127.0.0.1');
      await once(server, 'listening');
      return () => server.close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      await delay(500);
    }
  }
}
