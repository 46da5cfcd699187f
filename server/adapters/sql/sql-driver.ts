// Interface of a database driver for the sql adapter: it runs all queries of one lookup in one snapshot.
import type { LookUpSignal, PoolStatus } from '../user-source.ts';
import type { BoundQuery } from './sql-text.ts';

/** A query with the option that it stands in, for messages: "groupsQuery". */
export interface NamedQuery extends BoundQuery {
  readonly option: string;
}

export interface SqlColumn {
  readonly name: string;
  /** Why values of its type are not taken, e.g. "is a timestamp; …"; `null`: they have one exact text. */
  readonly refusal: string | null;
}

/** What one query gave, in the database's order. Each value is the exact text; `null` is NULL. */
export interface SqlResult {
  readonly columns: readonly SqlColumn[];
  readonly rows: ReadonlyArray<ReadonlyArray<string | null>>;
}

export interface SqlDriver {
  /**
   * Runs every query with `userid` bound, in one read-only transaction that sees one state of the data.
   *
   * @param read is given one result per query, in their order. A result is whole: more rows than allowed are an error. When
   *   `read` throws, the connection is not used again, since its description of the columns may be what is wrong.
   * @returns what `read` returns.
   * @throws {SourceError} for everything else, within the configured times and soon after `signal` is aborted.
   */
  run<Answer>(userid: string, signal: LookUpSignal, read: (results: readonly SqlResult[]) => Answer): Promise<Answer>;

  /** Left out: it has no connections. */
  pool?(): PoolStatus;

  /** Ends all connections, also those that hang; idempotent. */
  close(): Promise<void>;
}

/** What holds for every system. Times are in milliseconds. */
export interface DriverLimits {
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** Of one query. */
  readonly maxRows: number;
}
