// Opens the store, migrates it, and runs statements and transactions; a kill leaves it in a consistent state.
import sqlite from 'node-sqlite3-wasm';
import { DatabaseError, isKeepable } from './database-error.ts';
import { takeFile } from './file-owner.ts';
import { migrations } from './migrations.ts';

/** A value for a statement; `Uint8Array` contains the UTF-8 bytes of a text, from `toTextBytes`. */
export type SqlValue = string | number | Uint8Array | null;

/**
 * Returns a text for `CAST(? AS TEXT)`: the driver copies strings character by character, but bytes all at once, which is faster for more than a few
 * hundred characters.
 *
 * @throws {DatabaseError} `unkeepable`, as for a string.
 */
export function toTextBytes(text: string): Uint8Array {
  return Buffer.from(requireKeepable(text));
}

/**
 * The only connection to the database. All calls are synchronous: SQLite runs inside this process. Each call throws a {DatabaseError} `unkeepable`
 * for a value with a NUL or an unpaired surrogate: truncated there, it would be a different name.
 */
export interface SimulatorDatabase {
  /** Returns all rows of a query. The query must be a constant, because each prepared statement is kept for reuse. */
  all<Row extends object>(sql: string, values?: readonly SqlValue[]): Row[];
  /** Returns the first row of a query, or null. */
  find<Row extends object>(sql: string, values?: readonly SqlValue[]): Row | null;
  run(sql: string, values?: readonly SqlValue[]): { readonly changes: number; readonly lastId: number };
  /** Runs `work` atomically, as a transaction of its own or as part of the surrounding one. `work` must not be async. */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}

/** Identifies our files ("uisi"), so that another program's file is not mistaken for a store. */
const applicationId = 0x75697369;

/**
 * Opens a file, which is created if missing, or an in-memory database (`null`).
 *
 * @throws {DatabaseError} if another process is using the file, or if the file cannot be used.
 */
export function openDatabase(file: string | null): SimulatorDatabase {
  const letGo = file === null ? () => undefined : takeFile(file);
  let connection: sqlite.Database | null = null;
  try {
    connection = new sqlite.Database(file ?? ':memory:');
    connection.exec('PRAGMA locking_mode = EXCLUSIVE');
    assertOurs(connection, file);
    prepareConnection(connection);
    migrate(connection);
    return wrapConnection(connection, letGo);
  } catch (error) {
    connection?.close();
    letGo();
    if (error instanceof DatabaseError) throw error;
    const { message } = error as Error;
    throw new DatabaseError('unusable', `${file} cannot be used as the simulator's file: ${message}.`);
  }
}

function prepareConnection(connection: sqlite.Database): void {
  // The driver mistakes its own lock for that of another process and never rolls back a journal, so a kill would damage the file. A write-ahead log
  // avoids this, and needs no shared memory if the lock is exclusive from the first access. Pages have 8 KiB; existing files keep their page size.
  // Each page is a system call, so larger pages make the writes of a sync cheaper. A checkpoint runs when the log reaches 4,000 pages, about 31 MiB.
  connection.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  // A larger cache costs memory and does not make a sync faster.
  connection.exec('PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 4000');
  // SQLite's own lower() supports ASCII only.
  connection.function('folded', (text) => String(text ?? '').toLowerCase(), { deterministic: true });
}

function readNumber(connection: sqlite.Database, pragma: string): number {
  return Number(Object.values(connection.get(`PRAGMA ${pragma}`) ?? {})[0]);
}

/** Verifies before any write that the file is ours: in a file of another program, not even the journal mode may change. */
function assertOurs(connection: sqlite.Database, file: string | null): void {
  const isEmpty = connection.get('SELECT 1 FROM sqlite_schema') === null;
  if (!isEmpty && readNumber(connection, 'application_id') !== applicationId) {
    throw new DatabaseError('unusable', `${file} is an SQLite file of another program. Choose another file.`);
  }
  if (readNumber(connection, 'user_version') > migrations.length) {
    throw new DatabaseError(
      'unusable',
      `${file} was written by a newer version of user-info. Use that version, or another file.`,
    );
  }
}

function migrate(connection: sqlite.Database): void {
  const version = readNumber(connection, 'user_version');
  for (const [step, text] of migrations.entries()) {
    if (step < version) continue;
    const marks = `PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${step + 1}`;
    connection.exec(`BEGIN; ${text}; ${marks}; COMMIT`);
  }
}

function wrapConnection(connection: sqlite.Database, letGo: () => void): SimulatorDatabase {
  const statements = new Map<string, sqlite.Statement>();
  let depth = 0;

  function prepare(sql: string): sqlite.Statement {
    const kept = statements.get(sql);
    if (kept) return kept;
    const statement = connection.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }

  /** Calls a statement. A failed statement is not reused, because the driver could not reset it and the next call would fail. */
  function use<Result>(sql: string, call: (statement: sqlite.Statement) => Result): Result {
    const statement = prepare(sql);
    try {
      return call(statement);
    } catch (error) {
      statements.delete(sql);
      statement.finalize();
      throw error;
    }
  }

  // Results are always read to the last row, because an unfinished statement prevents checkpoints of the log.
  const all = <Row extends object>(sql: string, values: readonly SqlValue[] = []) => {
    const kept = assertKeepable(values);
    return use(sql, (statement) => statement.all(kept)) as Row[];
  };

  function run(sql: string, values: readonly SqlValue[] = []) {
    const kept = assertKeepable(values);
    const { changes, lastInsertRowid } = use(sql, (statement) => statement.run(kept));
    return { changes, lastId: Number(lastInsertRowid) };
  }

  return {
    all,
    find: <Row extends object>(sql: string, values?: readonly SqlValue[]) => all<Row>(sql, values)[0] ?? null,
    run,
    transaction(work) {
      const level = depth;
      run(level === 0 ? 'BEGIN IMMEDIATE' : `SAVEPOINT level${level}`);
      depth = level + 1;
      try {
        const result = work();
        run(level === 0 ? 'COMMIT' : `RELEASE level${level}`);
        return result;
      } catch (error) {
        if (connection.inTransaction) {
          connection.exec(level === 0 ? 'ROLLBACK' : `ROLLBACK TO level${level}; RELEASE level${level}`);
        }
        throw error;
      } finally {
        depth = level;
      }
    },
    close() {
      for (const statement of statements.values()) statement.finalize();
      statements.clear();
      connection.close();
      letGo();
    },
  };
}

/** Validates values. @returns a copy, which the driver's types require. */
function assertKeepable(values: readonly SqlValue[]): SqlValue[] {
  for (const value of values) if (typeof value === 'string') requireKeepable(value);
  return [...values];
}

function requireKeepable(text: string): string {
  if (isKeepable(text)) return text;
  throw new DatabaseError('unkeepable', 'A string contains a NUL or an unpaired surrogate, which cannot be stored.');
}
