// Owns the thread that reads an SQLite file: it is started when first needed, and ended when it does not answer in time.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { SqliteConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { SourceError, type SourceErrorKind } from '../user-source.ts';
import type { DriverLimits, NamedQuery, SqlDriver, SqlResult } from './sql-driver.ts';
import type { SqliteReaderOptions } from './sqlite-reader.ts';
import { withinLimit } from './time-limit.ts';

export interface SqliteQuestion {
  readonly id: number;
  readonly userid: string;
}

export type SqliteAnswer =
  | { readonly id: number; readonly results: readonly SqlResult[] }
  | { readonly id: number; readonly failure: { readonly kind: SourceErrorKind; readonly message: string } };

interface Waiting {
  resolve(results: readonly SqlResult[]): void;
  reject(error: unknown): void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

/** Opens nothing until it is first asked. */
export function createSqliteDriver(
  { path }: SqliteConfig,
  queries: readonly NamedQuery[],
  limits: DriverLimits,
): SqlDriver {
  const folder = mkdtempSync(join(tmpdir(), 'user-info-sqlite-'));
  let thread: Thread | null = null;
  let nextId = 0;

  function start(): Thread {
    const worker = startWorker({ path, folder, queries, limits });
    const started: Thread = { worker, waiting: new Map() };
    worker.on('message', (answer: SqliteAnswer) => {
      const waiting = started.waiting.get(answer.id);
      started.waiting.delete(answer.id);
      if ('results' in answer) waiting?.resolve(answer.results);
      else waiting?.reject(new SourceError(answer.failure.kind, answer.failure.message));
    });
    worker.once('error', (error) => {
      for (const { reject } of started.waiting.values()) reject(error);
    });
    worker.once('exit', () => {
      if (thread === started) thread = null;
      const error = new SourceError('unavailable', `The thread that reads ${path} was ended.`);
      for (const { reject } of started.waiting.values()) reject(error);
    });
    thread = started;
    return started;
  }

  return {
    async run(userid, signal) {
      const { worker, waiting } = thread ?? start();
      const id = nextId++;
      const answered = new Promise<readonly SqlResult[]>((resolve, reject) => waiting.set(id, { resolve, reject }));
      worker.postMessage({ id, userid } satisfies SqliteQuestion);
      const limitMs = limits.statementTimeoutMs + limits.lockTimeoutMs;
      try {
        return await withinLimit(answered, limitMs, signal, `${path} was not read`);
      } catch (error) {
        // A query can't be interrupted from outside; when it is over time its thread goes with it.
        const isOverdue = error instanceof SourceError && error.kind === 'too-slow' && !signal.aborted;
        if (isOverdue) await worker.terminate();
        throw error;
      } finally {
        waiting.delete(id);
      }
    },
    async close() {
      await thread?.worker.terminate();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startWorker(workerData: SqliteReaderOptions): Worker {
  const name = 'sqlite';
  const here = import.meta.url;
  if (here.endsWith('.js')) return new Worker(new URL('./sqlite-worker.js', import.meta.url), { workerData, name });
  // From source, for the tests: Node 20 does not give the loader of TypeScript on to a thread, which has to load its own.
  const require = createRequire(here);
  const files = [require.resolve('tsx/cjs'), fileURLToPath(new URL('./sqlite-worker.ts', here))];
  return new Worker(files.map((file) => `require(${JSON.stringify(file)});`).join(''), {
    eval: true,
    workerData,
    name,
  });
}
