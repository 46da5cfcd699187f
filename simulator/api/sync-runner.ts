// The one sync that runs at a time in a server: its progress for listeners, and its end when the server ends.
import type { SyncResult } from '../sync/run-sync.ts';
import type { SyncControl, SyncProgress } from '../sync/sync-request.ts';
import { ApiError } from './api-error.ts';

/** What happens to a sync. `failed`: it could not start or continue, for this reason. */
export type SyncEvent =
  /** `runId` is null until the run is recorded. */
  | ({ readonly kind: 'progress'; readonly iam: string; readonly runId: number | null } & SyncProgress)
  | {
      readonly kind: 'ended';
      readonly iam: string;
      readonly runId: number;
      readonly ending: SyncResult['ending'];
      readonly losing: number;
      /** Users for whom the endpoint gave no user info. */
      readonly failed: number;
      /** Whether the guard stopped the run, or would stop the dry run. */
      readonly isStopped: boolean;
    }
  | { readonly kind: 'failed'; readonly iam: string; readonly message: string };

export interface SyncRunner {
  /** @throws {ApiError} 409 while another one runs. */
  run(iam: string, work: (control: SyncControl) => Promise<SyncResult>): Promise<SyncResult>;
  /** As `run`, once no other one runs. @returns null: the server ended before. */
  runWhenFree(iam: string, work: (control: SyncControl) => Promise<SyncResult>): Promise<SyncResult | null>;
  /** The last of what happened to the one that runs; null: none runs. */
  running(): SyncEvent | null;
  /** @param onClose when the server ends. @returns the function that ends it. */
  listen(listener: (event: SyncEvent) => void, onClose: () => void): () => void;
  /** Ends the one that runs where it is. It can be gone on with. */
  interrupt(): void;
  /** No other begins, and the one that runs has ended. */
  close(): Promise<void>;
}

/** Progress is told so often at most: a sync has thousands of answers a second. */
const progressEveryMs = 100;

export function createSyncRunner(): SyncRunner {
  const listeners = new Map<(event: SyncEvent) => void, () => void>();
  let last: SyncEvent | null = null;
  let stop = new AbortController();
  let ended: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  function tell(event: SyncEvent): void {
    for (const listener of listeners.keys()) listener(event);
  }

  async function runNow(iam: string, work: (control: SyncControl) => Promise<SyncResult>): Promise<SyncResult> {
    stop = new AbortController();
    let runId: number | null = null;
    last = { kind: 'progress', iam, runId, phase: 'asking', done: 0, total: 0 };
    tell(last);
    let toldMs = 0;
    const onProgress = (progress: SyncProgress) => {
      last = { kind: 'progress', iam, runId, ...progress };
      const nowMs = performance.now();
      if (nowMs - toldMs < progressEveryMs && progress.done !== progress.total) return;
      toldMs = nowMs;
      tell(last);
    };
    try {
      const onBegin = (id: number) => {
        runId = id;
        last = { kind: 'progress', iam, runId, phase: 'asking', done: 0, total: 0 };
        tell(last);
      };
      const result = await work({ signal: stop.signal, onProgress, onBegin });
      const { losing, failures, stopped } = result.summary;
      const failed = Object.values(failures).reduce((sum, users) => sum + users, 0);
      const isStopped = stopped.length > 0 && result.ending !== 'done';
      last = null;
      tell({ kind: 'ended', iam, runId: result.run.id, ending: result.ending, losing, failed, isStopped });
      return result;
    } catch (error) {
      tell({ kind: 'failed', iam, message: (error as Error).message });
      throw error;
    } finally {
      last = null;
    }
  }

  async function run(iam: string, work: (control: SyncControl) => Promise<SyncResult>): Promise<SyncResult> {
    if (isClosed) throw new ApiError(503, 'The server is shutting down.');
    if (last !== null) throw new ApiError(409, `A sync of ${last.iam} is running. Wait until it ends.`);
    const running = runNow(iam, work);
    ended = running.catch(() => undefined);
    return running;
  }

  return {
    run,
    async runWhenFree(iam, work) {
      while (last !== null) await ended;
      return isClosed ? null : run(iam, work);
    },
    running: () => last,
    listen(listener, onClose) {
      listeners.set(listener, onClose);
      return () => listeners.delete(listener);
    },
    interrupt: () => stop.abort(),
    async close() {
      isClosed = true;
      stop.abort();
      await ended;
      for (const onClose of listeners.values()) onClose();
    },
  };
}
