// Worker thread of an SQLite file: runs a lookup and reports its stages.
import { parentPort, workerData } from 'node:worker_threads';
import { SourceError } from '../user-source.ts';
import type { SqliteReport, SqliteRequest } from './sqlite-driver.ts';
import { createSqliteReader, type SqliteReaderOptions } from './sqlite-reader.ts';

const read = createSqliteReader(workerData as SqliteReaderOptions);
const report = (message: SqliteReport) => parentPort?.postMessage(message);

parentPort?.on('message', ({ id, userid }: SqliteRequest) => {
  try {
    report({ id, results: read(userid, (stage) => report({ id, stage })) });
  } catch (error) {
    // Anything but a SourceError is a bug and ends the thread with an `error` event.
    if (!(error instanceof SourceError)) throw error;
    report({ id, failure: { kind: error.kind, message: error.message } });
  }
});
