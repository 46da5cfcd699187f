// Sync schedules of all IAMs in one process, updated when the settings change.
import type { IdentityStore } from '../identities/identity-store.ts';
import { loadIamSettings, scheduleOf } from './iam-settings.ts';
import type { RunStore } from './run-store.ts';
import { SyncError } from './sync-error.ts';
import { runOnSchedule, type Schedule } from './sync-schedule.ts';

/** Actor of scheduled runs. */
export const scheduleActor = 'schedule';

export interface IamSchedules {
  /** Returns the next time in UTC (ISO 8601); null: the IAM has no schedule, or its schedule has no further time. */
  nextRun(iam: string): string | null;
  /** Starts the schedules. Must be called once, before any other method. */
  start(): void;
  /** Reads the settings of all IAMs again. A running sync continues. */
  refresh(): void;
  /** Starts no new run, and waits for running ones. */
  close(): Promise<void>;
}

export interface ScheduleOptions {
  readonly iams: Pick<IdentityStore['iams'], 'list'>;
  readonly runs: Pick<RunStore, 'lastStart'>;
  /** Synchronizes all users of an IAM. Never rejects. */
  readonly run: (iam: string) => Promise<void>;
  /** Called for settings that are no longer valid, e.g. those of an earlier version. In this case the IAM has no schedule. */
  readonly onFault: (iam: string, error: SyncError) => void;
}

interface Kept {
  /** Text of the schedule, which differs if the schedule differs. */
  readonly text: string;
  readonly schedule: Schedule;
  readonly stop: AbortController;
}

export function createIamSchedules({ iams, runs, run, onFault }: ScheduleOptions): IamSchedules {
  const kept = new Map<string, Kept>();
  const loops = new Set<Promise<void>>();

  function begin(iam: string, text: string, schedule: Schedule, missedSinceMs: number | null): void {
    const stop = new AbortController();
    kept.set(iam, { text, schedule, stop });
    const loop = runOnSchedule(schedule, () => run(iam), { signal: stop.signal, missedSinceMs });
    loops.add(loop);
    loop.finally(() => loops.delete(loop));
  }

  function end(iam: string): void {
    kept.get(iam)?.stop.abort();
    kept.delete(iam);
  }

  function read({ id, settings }: ReturnType<ScheduleOptions['iams']['list']>[number]) {
    if (Object.keys(settings).length === 0) return null;
    try {
      const loaded = loadIamSettings(settings);
      const schedule = scheduleOf(loaded);
      const { scheduleTimeZone, missedRuns } = loaded.guesses;
      const text = JSON.stringify([loaded.sync.cronRule, scheduleTimeZone, missedRuns]);
      return schedule && { schedule, text, makesUp: missedRuns === 'run-once' };
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      onFault(id, error);
      return null;
    }
  }

  /** Applies the settings. @param sinceLastRun whether scheduled times since an IAM's last run count as missed; a new schedule has missed none. */
  function take(sinceLastRun: boolean): void {
    const listed = iams.list();
    for (const id of [...kept.keys()]) {
      if (!listed.some((iam) => iam.id === id)) end(id);
    }
    for (const iam of listed) {
      const wanted = read(iam);
      if (wanted?.text === kept.get(iam.id)?.text) continue;
      end(iam.id);
      if (!wanted) continue;
      const last = sinceLastRun ? runs.lastStart(iam.id, scheduleActor) : null;
      const sinceMs = last === null ? Date.now() : Date.parse(last);
      begin(iam.id, wanted.text, wanted.schedule, wanted.makesUp ? sinceMs : null);
    }
  }

  return {
    nextRun(iam) {
      const dueMs = kept.get(iam)?.schedule.nextAfter(Date.now()) ?? null;
      return dueMs === null ? null : new Date(dueMs).toISOString();
    },
    start: () => take(true),
    refresh: () => take(false),
    async close() {
      for (const id of [...kept.keys()]) end(id);
      await Promise.all(loops);
    },
  };
}
