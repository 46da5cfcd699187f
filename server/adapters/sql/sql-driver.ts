// Interface of a database driver for the sql adapter: it runs all queries of one lookup in one snapshot.
import type { LookUpSignal, PoolStatus } from '../user-source.ts';
import type { BoundQuery } from './sql-text.ts';

/** A query with the name of its option ("groupsQuery"), for messages. */
export interface NamedQuery extends BoundQuery {
  readonly option: string;
}

export interface SqlColumn {
  readonly name: string;
  /** Why values of the column's type are rejected, e.g. "is a timestamp; …"; `null`: they have one exact text. */
  readonly refusal: string | null;
}

/** Result of one query, in the database's order. Each value is the exact text; `null` is NULL. */
export interface SqlResult {
  readonly columns: readonly SqlColumn[];
  readonly rows: ReadonlyArray<ReadonlyArray<string | null>>;
}

export interface SqlDriver {
  /**
   * Runs every query with `userid` bound, in one read-only transaction that sees one state of the data.
   *
   * @param read receives one result per query, in query order. A result is complete: more rows than allowed are an error. If `read` throws, the
   * connection is not used again, because its description of the columns may be wrong.
   * @returns what `read` returns.
   * @throws {SourceError} for every failure, within the configured limits and soon after `signal` is aborted.
   */
  run<Answer>(userid: string, signal: LookUpSignal, read: (results: readonly SqlResult[]) => Answer): Promise<Answer>;

  /** Returns the state of the pool; omitted if the driver has no connections. */
  pool?(): PoolStatus;

  /** Ends all connections, including hanging ones; idempotent. */
  close(): Promise<void>;
}

/** Options common to all database systems. Times are in milliseconds. */
export interface DriverLimits {
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** Of one query. */
  readonly maxRows: number;
}
