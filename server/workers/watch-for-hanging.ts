// Detection of hanging workers, which keep their connections and get new ones, but do not respond on any of them.
import type { WorkerProcess } from './worker-process.ts';

/**
 * Number of parts into which the time limit is divided. Elapsed parts are counted instead of time, so that workers do not exceed the limit while the
 * machine is suspended.
 */
const parts = 5;

export interface HangingOptions {
  /** Members that must respond. */
  readonly members: () => readonly WorkerProcess[];
  readonly timeoutSeconds: () => number;
  /** Called for a member that has not responded within the time limit. */
  readonly onHanging: (member: WorkerProcess) => void;
}

/** Repeatedly sends each member a request. */
export function watchForHanging({ members, timeoutSeconds, onHanging }: HangingOptions): { close(): void } {
  /** Map from worker to the number of parts since the oldest unanswered request was sent. */
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
    // A worker that has exited need not be watched, and its exit does not count as a response.
    await member.request('ping', null).catch(() => null);
    silences.delete(member);
  }

  function schedule(): void {
    timer = setTimeout(pingAll, (timeoutSeconds() * 1000) / parts).unref();
  }
  schedule();
  return { close: () => clearTimeout(timer) };
}
