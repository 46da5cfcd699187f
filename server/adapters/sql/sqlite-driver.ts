// SQLite driver: a queue of lookups and the thread that runs them one by one. A thread whose query takes too long is replaced.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { SqliteConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { startThread } from '../../start-thread.ts';
import { type LookUpSignal, SourceError, type SourceErrorKind } from '../user-source.ts';
import type { DriverLimits, NamedQuery, SqlDriver, SqlResult } from './sql-driver.ts';
import type { SqliteReaderOptions } from './sqlite-reader.ts';

export interface SqliteRequest {
  readonly id: number;
  readonly userid: string;
}

/** Reports of the thread about its current lookup. */
export type SqliteReport =
  /** The thread has to copy and verify the file first, or has finished doing so. */
  | { readonly id: number; readonly stage: 'opening' | 'querying' }
  | { readonly id: number; readonly results: readonly SqlResult[] }
  | { readonly id: number; readonly failure: { readonly kind: SourceErrorKind; readonly message: string } };

interface Lookup extends SqliteRequest {
  readonly signal: LookUpSignal;
  readonly leave: () => void;
  resolve(results: readonly SqlResult[]): void;
  reject(error: unknown): void;
}

interface Run {
  readonly lookup: Lookup;
  stage: 'opening' | 'querying';
  /** The lookup was canceled: its caller disconnected, or its deadline has passed. */
  isAbandoned: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** A query whose caller has disconnected may finish within this time, because a new thread costs a copy of the file. */
const abandonedGraceMs = 100;

/** Opens no file and starts no thread until the first lookup. */
export function createSqliteDriver(
  { path }: SqliteConfig,
  queries: readonly NamedQuery[],
  limits: DriverLimits,
): SqlDriver {
  const directory = mkdtempSync(join(tmpdir(), 'user-info-sqlite-'));
  const queue = new Set<Lookup>();
  let worker: Worker | null = null;
  let running: Run | null = null;
  let nextId = 0;
  let isClosed = false;

  function openThread(): Worker {
    // A separate directory, because a thread that is terminated while it copies leaves the copy behind.
    const own = mkdtempSync(join(directory, 'thread-'));
    const workerData: SqliteReaderOptions = { path, directory: own, queries, limits };
    const started = startThread(new URL('./sqlite-worker.js', import.meta.url), { workerData, name: 'sqlite' });
    const end = (error: unknown) => {
      if (worker !== started) return;
      worker = null;
      finish((lookup) => lookup.reject(error));
    };
    started.on('message', (report: SqliteReport) => {
      if (worker === started && running?.lookup.id === report.id) receive(running, report);
    });
    // Anything but a SourceError is a bug, and ends the thread.
    started.once('error', end);
    started.once('exit', () => {
      rmSync(own, { recursive: true, force: true });
      end(new SourceError('unavailable', `The thread that reads ${path} stopped.`));
    });
    return started;
  }

  function startNext(): void {
    const [lookup] = queue;
    if (running !== null || lookup === undefined || isClosed) return;
    queue.delete(lookup);
    // A new thread starts by opening the file; an existing thread reports when it has to reopen the file.
    running = { lookup, stage: worker === null ? 'opening' : 'querying', isAbandoned: false, timer: undefined };
    worker ??= openThread();
    limit(running);
    worker.postMessage({ id: lookup.id, userid: lookup.userid } satisfies SqliteRequest);
  }

  function receive(run: Run, report: SqliteReport): void {
    if ('stage' in report) {
      run.stage = report.stage;
      limit(run);
    } else if ('results' in report) {
      finish((lookup) => lookup.resolve(report.results));
    } else {
      finish((lookup) => lookup.reject(new SourceError(report.failure.kind, report.failure.message)));
    }
  }

  /** Restarts the time limit for each stage: waiting in the queue and opening the file do not count as query time. */
  function limit(run: Run): void {
    clearTimeout(run.timer);
    const { statementTimeoutMs, lockTimeoutMs } = limits;
    const isOpening = run.stage === 'opening';
    const stageMs = isOpening ? lockTimeoutMs + statementTimeoutMs : statementTimeoutMs;
    // A copy that was started is used by the next lookup, even if the lookup that started it has ended.
    const limitMs = run.isAbandoned && !isOpening ? abandonedGraceMs : stageMs;
    run.timer = setTimeout(() => {
      replaceThread();
      const text = isOpening
        ? `${path} was not copied and checked within the sum of lockTimeoutMs and statementTimeoutMs (${stageMs} ms).`
        : `A query on ${path} ran longer than statementTimeoutMs (${stageMs} ms). An index may be missing.`;
      finish((lookup) => lookup.reject(new SourceError('too-slow', text)));
    }, limitMs);
  }

  /** Terminates the thread, because a query cannot be interrupted from outside. */
  function replaceThread(): void {
    const ended = worker;
    worker = null;
    void ended?.terminate();
  }

  function finish(settle: (lookup: Lookup) => void): void {
    const ended = running;
    running = null;
    if (ended !== null) {
      clearTimeout(ended.timer);
      ended.lookup.signal.removeEventListener('abort', ended.lookup.leave);
      settle(ended.lookup);
    }
    startNext();
  }

  function abandon(lookup: Lookup): void {
    lookup.reject(new SourceError('too-slow', 'The lookup was canceled before the database responded.'));
    if (queue.delete(lookup) || running?.lookup !== lookup) return;
    running.isAbandoned = true;
    if (running.stage === 'querying') limit(running);
  }

  return {
    async run(userid, signal, read) {
      const results = await new Promise<readonly SqlResult[]>((resolve, reject) => {
        const lookup: Lookup = { id: nextId++, userid, signal, leave: () => abandon(lookup), resolve, reject };
        if (isClosed || signal.aborted) {
          reject(new SourceError('too-slow', 'The lookup was canceled before it began.'));
          return;
        }
        signal.addEventListener('abort', lookup.leave, { once: true });
        queue.add(lookup);
        startNext();
      });
      return read(results);
    },
    async close() {
      isClosed = true;
      const closed = new SourceError('unavailable', `${path} was closed.`);
      for (const lookup of queue) lookup.reject(closed);
      queue.clear();
      const ended = worker;
      worker = null;
      finish((lookup) => lookup.reject(closed));
      await ended?.terminate();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
