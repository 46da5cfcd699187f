// Reader of an SQLite file: runs the queries of a lookup on a private copy. It blocks, so it runs in a worker thread.
import { randomUUID } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { SourceError } from '../user-source.ts';
import type { DriverLimits, NamedQuery, SqlColumn, SqlResult } from './sql-driver.ts';
import { copyCommittedState, readFileState } from './sqlite-file.ts';

export interface SqliteReaderOptions {
  readonly path: string;
  /** A private directory for the copy. */
  readonly directory: string;
  readonly queries: readonly NamedQuery[];
  readonly limits: DriverLimits;
}

interface PreparedQuery {
  readonly option: string;
  readonly names: readonly string[];
  readonly statement: sqlite.Statement;
}

interface Opened {
  readonly database: sqlite.Database;
  readonly signature: string;
  readonly queries: readonly PreparedQuery[];
}

const refusals: Readonly<Record<string, string>> = {
  real: 'has floating-point numbers; return the text you want: printf(…)',
  blob: 'is binary; return text: hex(…)',
};

/** Runs the queries of one lookup. `onStage` is called before and after the file is copied and verified, if copying is necessary. */
export type ReadUserRows = (userid: string, onStage: (stage: 'opening' | 'querying') => void) => SqlResult[];

/** Returns a function that runs lookups. @throws {SourceError} only from the returned function. */
export function createSqliteReader({ path, directory, queries, limits }: SqliteReaderOptions): ReadUserRows {
  let opened: Opened | null = null;

  function open(): Opened {
    if (opened) close(opened);
    opened = null;
    // A unique name: a terminated thread leaves the lock of its copy behind.
    const copy = join(directory, `${randomUUID()}.db`);
    const signature = copyCommittedState(path, copy, limits.lockTimeoutMs);
    const database = openChecked(copy, path);
    // From here on, only this thread can access the copy, which disappears when the process ends.
    unlinkSync(copy);
    const prepared: PreparedQuery[] = [];
    try {
      for (const query of queries) prepared.push(prepare(database, query, limits.maxRows));
    } catch (error) {
      close({ database, queries: prepared });
      throw error;
    }
    opened = { database, signature, queries: prepared };
    return opened;
  }

  return (userid, onStage) => {
    const { signature, busy } = readFileState(path);
    let current = opened;
    if (current?.signature !== signature || busy !== null) {
      onStage('opening');
      current = open();
      onStage('querying');
    }
    return current.queries.map((query) => execute(query, userid, limits.maxRows));
  };
}

/** Finalizes the statements, and closes the database. A statement that is not finalized keeps its database open and its memory allocated. */
function close({ database, queries }: Pick<Opened, 'database' | 'queries'>): void {
  for (const { statement } of queries) statement.finalize();
  database.close();
}

/** Opens a copy and verifies it. A file that was copied partially, or that is being written without a journal, is damaged and is never used. */
function openChecked(copy: string, path: string): sqlite.Database {
  const database = new sqlite.Database(copy, { readOnly: true });
  try {
    const verdict = Object.values(database.get('PRAGMA quick_check(1)') ?? {})[0];
    // The copy belongs to this thread alone, so individual queries need no locks or checks.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    if (verdict === 'ok') return database;
  } catch {
    // A file that cannot even be verified is damaged as well.
  }
  database.close();
  throw new SourceError('bad-answer', `${path} is damaged or incompletely written (PRAGMA quick_check).`);
}

/** @throws {SourceError} with SQLite's own message, which contains nothing but the query's text. */
function prepare(database: sqlite.Database, { text, option }: NamedQuery, maxRows: number): PreparedQuery {
  try {
    // Adds a row even if the query returns none, so that its columns are visible.
    const seen = database.get(`SELECT * FROM (SELECT 1) LEFT JOIN (\n${text}\n) LIMIT 1`, ['']);
    const names = Object.keys(seen ?? {}).slice(1);
    const columns = names.map((_name, place) => `c${place}`);
    // Read as bytes, because the driver would truncate a text at a NUL and decode damaged UTF-8 as other text.
    const cells = columns.map((name) => `typeof(${name}) AS t_${name}, CAST(${name} AS BLOB) AS b_${name}`);
    const statement = database.prepare(
      `WITH user_info_kit_rows(${columns.join(', ')}) AS (\n${text}\n)
       SELECT ${cells.join(', ')} FROM user_info_kit_rows LIMIT ${maxRows + 1}`,
    );
    return { option, names, statement };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new SourceError('bad-answer', `${option} failed: ${message}.`);
  }
}

function execute({ option, names, statement }: PreparedQuery, userid: string, maxRows: number): SqlResult {
  const rows: Array<Array<string | null>> = [];
  const columns: SqlColumn[] = names.map((name) => ({ name, refusal: null }));
  try {
    for (const row of statement.all([userid])) {
      rows.push(
        names.map((name, place) => {
          const type = String(row[`t_c${place}`]);
          const refusal = refusals[type];
          if (refusal !== undefined) columns[place] = { name, refusal };
          return type === 'null' ? null : decode(row[`b_c${place}`]);
        }),
      );
    }
  } catch {
    throw new SourceError('bad-answer', `${option} failed during execution. Run the query with the sqlite3 program.`);
  }
  if (rows.length > maxRows)
    throw new SourceError('bad-answer', `${option} returned more than maxRows (${maxRows}) rows.`);
  return { columns, rows };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes a value as UTF-8. A value that is not UTF-8 becomes the replacement character, which is rejected everywhere. */
function decode(bytes: unknown): string {
  if (!(bytes instanceof Uint8Array)) return '';
  try {
    return utf8.decode(bytes);
  } catch {
    return '\ufffd';
  }
}
