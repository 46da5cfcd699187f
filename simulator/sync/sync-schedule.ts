// Schedule of a sync by a cron pattern, without overlapping runs.
import { setTimeout as delay } from 'node:timers/promises';
import { Cron } from 'croner';
import { SyncError } from './sync-error.ts';

export interface Schedule {
  /** Returns the next time after `ms`, both in ms since 1970; null: there is none. */
  nextAfter(ms: number): number | null;
}

/** Maximum duration of one timer: Node's timers are limited to 2^31 ms, and the time must be checked again after the machine was suspended. */
const maxWaitMs = 60_000;

/**
 * Reads a cron pattern: five fields (minute, hour, day, month, weekday), or six with seconds before them. Times are in UTC unless a time zone
 * is given, e.g. "Europe/Zurich".
 *
 * @throws {SyncError} `settings`.
 */
export function parseSchedule(pattern: string, timeZone = 'UTC'): Schedule {
  let cron: Cron;
  try {
    cron = new Cron(pattern, { timezone: timeZone, paused: true });
    // An unknown time zone is detected only when it is used.
    cron.nextRun();
  } catch (error) {
    throw new SyncError('settings', describeFailure(pattern, timeZone, (error as Error).message));
  }
  return { nextAfter: (ms) => cron.nextRun(new Date(ms))?.getTime() ?? null };
}

/** Returns the error text; croner reports an unknown time zone as an invalid pattern. */
function describeFailure(pattern: string, timeZone: string, reason: string): string {
  return /time ?zone/i.test(reason)
    ? `The time zone "${timeZone}" does not exist. Use a name from the IANA database, e.g. Europe/Zurich.`
    : `The schedule "${pattern}" is not a valid cron pattern: ${reason}. Use five fields, e.g. "0 2 * * *".`;
}

export interface ScheduleControl {
  /** Ends the schedule: immediately while it is waiting, otherwise after the current run. */
  readonly signal: AbortSignal;
  /** Called with each time for which the schedule waits. */
  readonly onWait?: (dueMs: number) => void;
  /**
   * Time after which missed times, including those during another run, are replaced with one run as soon as possible. Null: missed times are
   * skipped.
   */
  readonly missedSinceMs: number | null;
}

/**
 * Calls `run` at each time of the schedule until the signal aborts or no further time exists; never has two runs at once.
 *
 * Resolves when the schedule has ended. @throws the errors of `run`.
 */
export async function runOnSchedule(
  schedule: Schedule,
  run: (dueMs: number) => Promise<void>,
  { signal, onWait = () => undefined, missedSinceMs }: ScheduleControl,
): Promise<void> {
  let sinceMs = missedSinceMs;
  while (!signal.aborted) {
    const dueMs = schedule.nextAfter(sinceMs ?? Date.now());
    if (dueMs === null) return;
    onWait(dueMs);
    while (Date.now() < dueMs) {
      await delay(Math.min(dueMs - Date.now(), maxWaitMs), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
    if (sinceMs !== null) sinceMs = Date.now();
    await run(dueMs);
  }
}
