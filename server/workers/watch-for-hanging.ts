// Detects workers that hang: they keep their connections, get new ones, and respond to none.
import type { WorkerProcess } from './worker-process.ts';

/** Into how many parts the time is cut: counted, not measured, so that a machine that slept makes nobody late. */
const parts = 5;

export interface HangingOptions {
  /** Those who have to answer. */
  readonly members: () => readonly WorkerProcess[];
  readonly timeoutSeconds: () => number;
  /** Called for one that did not respond for so long. */
  readonly onHanging: (member: WorkerProcess) => void;
}

/** Pings each member at regular intervals. */
export function watchForHanging({ members, timeoutSeconds, onHanging }: HangingOptions): { close(): void } {
  /** How many parts ago one was asked that has not answered. */
  const silences = new Map<WorkerProcess, number>();
  let timer: NodeJS.Timeout;

  function pingAll(): void {
    for (const member of members()) {
      const silence = silences.get(member);
      if (silence === undefined) void ping(member);
      else if (silence < parts) silences.set(member, silence + 1);
      else {
        silences.delete(member);
        onHanging(member);
      }
    }
    schedule();
  }

  async function ping(member: WorkerProcess): Promise<void> {
    silences.set(member, 1);
    // One that has ended needs no watching, and is no answer either.
    await member.request('ping', null).catch(() => null);
    silences.delete(member);
  }

  function schedule(): void {
    timer = setTimeout(pingAll, (timeoutSeconds() * 1000) / parts).unref();
  }
  schedule();
  return { close: () => clearTimeout(timer) };
}
