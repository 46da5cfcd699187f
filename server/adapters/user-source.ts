// UserSource, the interface between the server and its data sources, and SourceError, the only error that leaves an adapter.

import type { UserInfo } from '../../schemas/generated/user-info.ts';

/** Where users come from. Every adapter implements exactly this and passes `user-source.suite.ts`. */
export interface UserSource {
  /**
   * Looks one user up. `userid` has passed the server's rules already (one, decoded, within the limit).
   *
   * @returns `null`: no such user, or disabled. A value: found exactly once and **complete**; a part is never a value.
   * @throws {SourceError} for everything else; anything that is not a SourceError is taken for a bug (500).
   */
  findUser(userid: string, signal: AbortSignal): Promise<UserInfo | null>;

  /** True: lookups never wait for anything, so that no deadline and no abort signal are set up for them. */
  readonly answersFromMemory?: boolean;

  /** True: `findUser` does with a LookUpSignal; see LookUpSource. */
  readonly takesLookUpSignal?: boolean;

  /**
   * What is known without asking anybody, for sources in memory and guards that remember; `undefined`: nothing, ask. With
   * a `failure` of the lookup: what may stand in for it. Never waits, so that no deadline is set up for it.
   */
  findUserInMemory?(userid: string, failure: SourceError | null): UserInfo | null | undefined;

  /**
   * Whether the source has the user and the user is disabled. The merge calls it when `findUser` gave `null`, since a user who is
   * disabled in one source must not get access from another. Left out: the source cannot distinguish a disabled user from an unknown one.
   *
   * @throws {SourceError} as `findUser` does.
   */
  isDisabled?(userid: string, signal: LookUpSignal): Promise<boolean>;

  /** Can it serve? Called at start (a failure stops the start) and by readiness. @throws {SourceError} when it can't. */
  check(): Promise<void>;

  /** Lets go of files, sockets and timers; idempotent. No lookup follows. */
  close(): Promise<void>;

  /** What an operator should know of the data in use; a source without data of its own has none. */
  status?(): SourceStatus;

  /** Its connections, for metrics; a source without a pool has none. */
  pool?(): PoolStatus;

  /**
   * Where each group and value of a user comes from, or why there is no such user, for `user-info lookup --explain`; may be
   * slow. `null`: no such user, and no more is known.
   */
  explainUser?(userid: string, signal: AbortSignal): Promise<UserOrigins | null>;
}

/**
 * What a lookup uses of an AbortSignal: it may be one, or the server's own, which costs nearly nothing to make. Not for
 * `fetch`, `AbortSignal.any` and the like, which want the real one.
 */
export interface LookUpSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options: { readonly once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A source that does with a LookUpSignal, as all of ours do. A source that does not say so is given AbortSignals. */
export interface LookUpSource extends UserSource {
  readonly takesLookUpSignal: true;
  /** A property and not a method, so that the compiler refuses a function that wants an AbortSignal. */
  readonly findUser: (userid: string, signal: LookUpSignal) => Promise<UserInfo | null>;
}

/** What a pool of connections holds at the moment. */
export interface PoolStatus {
  readonly open: number;
  /** Of the open ones: those that work for a lookup. */
  readonly busy: number;
  /** Lookups that are waiting for a connection. */
  readonly waiting: number;
}

/** The data that a source serves from now. Shown by readiness, metrics and logs, so never a user's data. */
export interface SourceStatus {
  /** Users in the data in use. */
  readonly users: number;
  /** Counts the loads that succeeded, 1 being the first. */
  readonly generation: number;
  /** When the data in use was loaded, milliseconds since the epoch. */
  readonly loadedAtMs: number;
  /** Why newer data was refused while the last good data is still served; `null`: the newest is in use. */
  readonly staleReason: string | null;
}

/** A user's groups and values, each with a text for people that says where it comes from ("users.csv:17, column groups"). */
export interface UserOrigins {
  /** There is no such user, and this is why: "userQuery returned no row". No group and no value is given then. */
  readonly absent?: string;
  readonly groups: ReadonlyArray<{ readonly name: string; readonly origin: string }>;
  readonly authorizations: ReadonlyArray<{ readonly name: string; readonly value: string; readonly origin: string }>;
  /** What the backend was asked, in order, and what came back, in counts; no secrets. Left out: there is no backend. */
  readonly asked?: ReadonlyArray<{ readonly query: string; readonly outcome: string }>;
  /** What was found and is not in the answer, and the rule that drops it ("groups.exclude"). Left out: nothing is dropped. */
  readonly dropped?: ReadonlyArray<{ readonly found: string; readonly rule: string }>;
}

/** `unavailable` is answered with 503, `too-slow` with 504, `bad-answer` (malformed, ambiguous, partial) with 502. */
export type SourceErrorKind = 'unavailable' | 'too-slow' | 'bad-answer';

/** The only error that may leave an adapter. Its message is for the log: it names the cause and the remedy, never a secret. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly kind: SourceErrorKind;
  /** When it is worth asking again, where that is known; sent as Retry-After of a 503. */
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

/** What the server gives to every adapter when it is made. */
export interface AdapterContext {
  readonly log: AdapterLog;
  /** The configuration allows users without groups in so many words (`guards.answers.onNoGroups: allow`). Default: false. */
  readonly allowsNoGroups?: boolean;
}

/** The part of a pino logger that adapters use. Never log a secret or a user's data, user ids included. */
export interface AdapterLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
