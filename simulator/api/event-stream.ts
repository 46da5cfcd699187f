// Stream of server-sent events about syncs, open for as long as the user may read it.
import type { Response } from 'express';
import type { SyncEvent, SyncRunner } from './sync-runner.ts';

/** Interval between comments that keep proxies from closing an idle connection. */
const aliveEveryMs = 15_000;
/** Interval at which the user's permissions are verified while there are no events. */
const verifyEveryMs = 1000;

/**
 * Streams events, first the current state: an event of the running sync, or `idle`. The stream ends when either side closes it, or when `isAllowed`,
 * which is called before each event and every second, returns false.
 */
export function streamEvents(response: Response, runner: SyncRunner, isAllowed: () => boolean): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  const verify = () => {
    const isStillAllowed = isAllowed();
    if (!isStillAllowed) response.end();
    return isStillAllowed && !response.writableEnded;
  };
  const send = (event: SyncEvent) => {
    if (verify()) response.write(`data: ${JSON.stringify(event)}\n\n`);
  };
  send(runner.running() ?? { kind: 'idle' });
  const alive = setInterval(() => response.write(': alive\n\n'), aliveEveryMs);
  const verifying = setInterval(verify, verifyEveryMs);
  const end = runner.listen(send, () => response.end());
  const stop = () => {
    clearInterval(alive);
    clearInterval(verifying);
    end();
  };
  response.once('finish', stop).once('close', stop);
}
