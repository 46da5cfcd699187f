// Owns the stream of server-sent events that tells what happens to syncs.
import type { Response } from 'express';
import type { SyncEvent, SyncRunner } from './sync-runner.ts';

/** A comment so often, so that nobody between takes the connection for dead. */
const aliveEveryMs = 15_000;

/** Begins with what is now: an event of the sync that runs, or `idle`. Ends when the client goes, or the server. */
export function streamEvents(response: Response, runner: SyncRunner): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  const send = (event: SyncEvent | { readonly kind: 'idle' }) => response.write(`data: ${JSON.stringify(event)}\n\n`);
  send(runner.running() ?? { kind: 'idle' });
  const alive = setInterval(() => response.write(': alive\n\n'), aliveEveryMs);
  const end = runner.listen(send, () => response.end());
  response.on('close', () => {
    clearInterval(alive);
    end();
  });
}
