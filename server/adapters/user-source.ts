// Interface UserSource between the server and its data sources, and SourceError, the only error that leaves an adapter.

import type { UserInfo } from '../../schemas/generated/user-info.ts';

/** A source of users. Every adapter implements exactly this and passes `user-source.suite.ts`. */
export interface UserSource {
  /**
   * Looks up one user. The server has already validated `userid`: it was sent only once, is decoded, and is within the length limit.
   *
   * @returns `null`: the user does not exist or is disabled. A value: the user was found exactly once, and the data is **complete**, never partial.
   * @throws {SourceError} for everything else; any other error counts as a bug (500).
   */
  findUser(userid: string, signal: AbortSignal): Promise<UserInfo | null>;

  /** Whether lookups never wait for anything; if so, neither a deadline nor an abort signal is created for them. */
  readonly answersFromMemory?: boolean;

  /** Whether `findUser` accepts a LookUpSignal; see LookUpSource. */
  readonly takesLookUpSignal?: boolean;

  /**
   * Returns what is available without a request, for in-memory sources and caches; `undefined`: call `findUser`. With a `failure` of the lookup,
   * returns a result that may replace it. Never waits, so no deadline is set for it.
   */
  findUserInMemory?(userid: string, failure: SourceError | null): UserInfo | null | undefined;

  /**
   * Returns whether the user is disabled in the source. The merge calls it when `findUser` returned `null`, because a user who is disabled in
   * one source must not get access from another. Omitted: the source cannot distinguish a disabled user from an unknown one.
   *
   * @throws {SourceError} as `findUser` does.
   */
  isDisabled?(userid: string, signal: LookUpSignal): Promise<boolean>;

  /**
   * Verifies that the source can serve. Called at startup, where a failure prevents the server from starting, and for readiness. @throws
   * {SourceError} if it cannot serve.
   */
  check(): Promise<void>;

  /** Releases files, sockets and timers; idempotent. No lookup follows. */
  close(): Promise<void>;

  /** Status of the data in use, for operators; omitted for a source without its own data. */
  status?(): SourceStatus;

  /** Returns the status of its connections, for metrics; omitted for a source without a pool. */
  pool?(): PoolStatus;

  /**
   * Returns the origin of each group and value of a user, or why there is no such user, for `user-info lookup --explain`; may be slow. `null`: no
   * such user, and no further details.
   */
  explainUser?(userid: string, signal: AbortSignal): Promise<UserOrigins | null>;
}

/**
 * The part of AbortSignal that a lookup uses: an AbortSignal, or the server's own signal, which is much cheaper to create. Not suitable for `fetch`,
 * `AbortSignal.any` and similar APIs, which require a real AbortSignal.
 */
export interface LookUpSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options: { readonly once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A source that accepts a LookUpSignal, as all built-in sources do. A source that does not declare this receives AbortSignals. */
export interface LookUpSource extends UserSource {
  readonly takesLookUpSignal: true;
  /** Declared as a property instead of a method, so that the compiler rejects a function that requires an AbortSignal. */
  readonly findUser: (userid: string, signal: LookUpSignal) => Promise<UserInfo | null>;
}

/** Current state of a pool of connections. */
export interface PoolStatus {
  readonly open: number;
  /** Open connections that are used by a lookup. */
  readonly busy: number;
  /** Lookups that are waiting for a connection. */
  readonly waiting: number;
}

/** The data that a source currently serves. Shown by readiness, metrics and logs, so it must not contain user data. */
export interface SourceStatus {
  /** Number of users in the data that is in use. */
  readonly users: number;
  /** Number of successful loads, starting with 1. */
  readonly generation: number;
  /** When the data in use was loaded, milliseconds since the epoch. */
  readonly loadedAtMs: number;
  /** Why newer data was rejected while the last good data is still served; `null`: the newest data is in use. */
  readonly staleReason: string | null;
}

/** A user's groups and values, each with a description of its origin ("users.csv:17, column groups"). */
export interface UserOrigins {
  /** The reason why there is no such user: "userQuery returned no row". In this case there are no groups or values. */
  readonly absent?: string;
  readonly groups: ReadonlyArray<{ readonly name: string; readonly origin: string }>;
  readonly authorizations: ReadonlyArray<{ readonly name: string; readonly value: string; readonly origin: string }>;
  /** Requests to the backend, in order, and their results as counts; no secrets. Omitted: there is no backend. */
  readonly asked?: ReadonlyArray<{ readonly query: string; readonly outcome: string }>;
  /** Groups and values that were found but are not in the response, with the rule that drops them ("groups.exclude"). Omitted: nothing is dropped. */
  readonly dropped?: ReadonlyArray<{ readonly found: string; readonly rule: string }>;
}

/** `unavailable` results in 503, `too-slow` in 504, `bad-answer` (malformed, ambiguous, partial) in 502. */
export type SourceErrorKind = 'unavailable' | 'too-slow' | 'bad-answer';

/** The only error that may leave an adapter. Its message is for the log: it contains the cause and the remedy, never a secret. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly kind: SourceErrorKind;
  /** Seconds until the next useful attempt, if known; sent as Retry-After of a 503. */
  readonly retryAfterSeconds?: number;

  constructor(kind: SourceErrorKind, message: string, options: SourceErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
    if (options.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export interface SourceErrorOptions extends ErrorOptions {
  readonly retryAfterSeconds?: number;
}

/** Parameters that every adapter receives on creation. */
export interface AdapterContext {
  readonly log: AdapterLog;
  /** Whether the configuration explicitly allows users without groups (`guards.answers.onNoGroups: allow`). Default: false. */
  readonly allowsNoGroups?: boolean;
}

/** The part of a pino logger that adapters use. Never log secrets or user data, including user ids. */
export interface AdapterLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
