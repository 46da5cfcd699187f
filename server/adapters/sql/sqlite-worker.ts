// Owns the worker thread of an SQLite file: one look-up after the other, in the order in which they were asked.
import { parentPort, workerData } from 'node:worker_threads';
import { SourceError } from '../user-source.ts';
import type { SqliteAnswer, SqliteQuestion } from './sqlite-driver.ts';
import { createSqliteReader, type SqliteReaderOptions } from './sqlite-reader.ts';

const read = createSqliteReader(workerData as SqliteReaderOptions);

parentPort?.on('message', ({ id, userid }: SqliteQuestion) => {
  parentPort?.postMessage(answer(id, userid));
});

function answer(id: number, userid: string): SqliteAnswer {
  try {
    return { id, results: read(userid) };
  } catch (error) {
    // Whatever is no SourceError is a bug of ours and ends the thread with an `error` event.
    if (!(error instanceof SourceError)) throw error;
    return { id, failure: { kind: error.kind, message: error.message } };
  }
}
