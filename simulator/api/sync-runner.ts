// Runner of syncs and other work that requests users, one at a time: progress for listeners, and interruption when the server stops.
import type { SyncResult } from '../sync/run-sync.ts';
import type { SyncControl, SyncProgress } from '../sync/sync-request.ts';
import { ApiError } from './api-error.ts';

/** Kind of work, as named in messages. */
export type RunnerWork = 'sync' | 'comparison' | 'sensitivity analysis';

/** Event of a sync. `failed`: the sync could not start or continue; the event contains the reason. `idle`: nothing is running. */
export type SyncEvent =
  /** `runId` is null until the run is recorded, and for work that is not recorded. */
  | ({
      readonly kind: 'progress';
      readonly iam: string;
      readonly work: RunnerWork;
      readonly runId: number | null;
    } & SyncProgress)
  | {
      readonly kind: 'ended';
      readonly iam: string;
      readonly runId: number;
      readonly ending: SyncResult['ending'];
      readonly losing: number;
      readonly answered: number;
      /** Users for whom the endpoint returned no user info. */
      readonly failed: number;
      /** Whether the guard stopped the run, or would stop the dry run. */
      readonly isStopped: boolean;
    }
  | { readonly kind: 'failed'; readonly iam: string; readonly message: string }
  | { readonly kind: 'idle' };

type UnrecordedWork<Result> = (control: Required<Pick<SyncControl, 'signal' | 'onProgress'>>) => Promise<Result>;

export interface SyncRunner {
  /** @throws {ApiError} 409 while other work is running, 503 while the server is shutting down. */
  run(iam: string, work: (control: SyncControl) => Promise<SyncResult>): Promise<SyncResult>;
  /**
   * Runs work that is not recorded, e.g. a comparison. Such work and a sync cannot run at the same time.
   *
   * @throws {ApiError} as `run` does, and when the work is interrupted.
   */
  runUnrecorded<Result>(iam: string, kind: Exclude<RunnerWork, 'sync'>, work: UnrecordedWork<Result>): Promise<Result>;
  /** @throws {ApiError} as `run` does. */
  assertFree(): void;
  /** Signal that is aborted when the server shuts down; for single requests, which may run at any time. */
  readonly closing: AbortSignal;
  /** Does the same as `run`, once the running work has ended. Returns null if the server shuts down first. */
  runWhenFree(iam: string, work: (control: SyncControl) => Promise<SyncResult>): Promise<SyncResult | null>;
  /** Returns the latest event of the running work; null: nothing is running. */
  running(): SyncEvent | null;
  /** @param onClose called when the server shuts down. @returns a function that removes the listener. */
  listen(listener: (event: SyncEvent) => void, onClose: () => void): () => void;
  /** Stops the running work. An interrupted sync can be resumed. */
  interrupt(): void;
  /** Starts no new work, interrupts the running work, and waits until it has ended. */
  close(): Promise<void>;
}

const shuttingDown = 'The server is shutting down.';

/** Minimum time between progress events, since a sync receives thousands of responses per second. */
const progressEveryMs = 100;

export function createSyncRunner(): SyncRunner {
  const listeners = new Map<(event: SyncEvent) => void, () => void>();
  const closing = new AbortController();
  let last: Extract<SyncEvent, { readonly kind: 'progress' }> | null = null;
  let stop = new AbortController();
  let ended: Promise<unknown> = Promise.resolve();

  function notify(event: SyncEvent): void {
    for (const listener of listeners.keys()) listener(event);
  }

  function begin(iam: string, kind: RunnerWork) {
    stop = new AbortController();
    const { signal } = stop;
    let runId: number | null = null;
    let notifiedMs = 0;
    const restart = () => {
      last = { kind: 'progress', iam, work: kind, runId, phase: 'requesting', done: 0, total: 0 };
      notify(last);
    };
    restart();
    return {
      signal,
      onProgress(progress: SyncProgress) {
        last = { kind: 'progress', iam, work: kind, runId, ...progress };
        const nowMs = performance.now();
        if (nowMs - notifiedMs < progressEveryMs && progress.done !== progress.total) return;
        notifiedMs = nowMs;
        notify(last);
      },
      onBegin(id: number) {
        runId = id;
        restart();
      },
    };
  }

  async function syncNow(iam: string, work: (control: SyncControl) => Promise<SyncResult>): Promise<SyncResult> {
    try {
      const result = await work(begin(iam, 'sync'));
      const { losing, answered, failures, stopped } = result.summary;
      const failed = Object.values(failures).reduce((sum, users) => sum + users, 0);
      const { ending } = result;
      const isStopped = stopped.length > 0 && ending !== 'done';
      last = null;
      notify({ kind: 'ended', iam, runId: result.run.id, ending, losing, answered, failed, isStopped });
      return result;
    } catch (error) {
      notify({ kind: 'failed', iam, message: (error as Error).message });
      throw error;
    } finally {
      last = null;
    }
  }

  function assertFree(): void {
    if (closing.signal.aborted) throw new ApiError(503, shuttingDown);
    if (last !== null) throw new ApiError(409, `A ${last.work} of ${last.iam} is running. Wait until it ends.`);
  }

  function follow<Result>(running: Promise<Result>): Promise<Result> {
    ended = running.catch(() => undefined);
    return running;
  }

  async function run(iam: string, work: (control: SyncControl) => Promise<SyncResult>): Promise<SyncResult> {
    assertFree();
    return follow(syncNow(iam, work));
  }

  async function runUnrecordedNow<Result>(
    iam: string,
    kind: RunnerWork,
    work: UnrecordedWork<Result>,
  ): Promise<Result> {
    const { signal, onProgress } = begin(iam, kind);
    try {
      const result = await work({ signal, onProgress });
      signal.throwIfAborted();
      return result;
    } catch (error) {
      if (!signal.aborted) throw error;
      if (closing.signal.aborted) throw new ApiError(503, shuttingDown);
      throw new ApiError(409, `The ${kind} of ${iam} was interrupted. Nothing was stored.`);
    } finally {
      last = null;
      notify({ kind: 'idle' });
    }
  }

  return {
    run,
    async runUnrecorded(iam, kind, work) {
      assertFree();
      return follow(runUnrecordedNow(iam, kind, work));
    },
    assertFree,
    closing: closing.signal,
    async runWhenFree(iam, work) {
      while (last !== null) await ended;
      return closing.signal.aborted ? null : run(iam, work);
    },
    running: () => last,
    listen(listener, onClose) {
      listeners.set(listener, onClose);
      return () => listeners.delete(listener);
    },
    interrupt: () => stop.abort(),
    async close() {
      closing.abort();
      stop.abort();
      await ended;
      for (const onClose of listeners.values()) onClose();
    },
  };
}
