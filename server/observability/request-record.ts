// The record of a request and its response, from which log, metrics and audit trail are made.
import type { ErrorCode } from '../../schemas/error-codes.ts';

export interface RequestRecord {
  readonly requestId: string;
  readonly method: string;
  readonly remoteAddress: string;
  /** HTTP status; 0 when the caller had gone before there was one. */
  readonly status: number;
  /** `null`: answered with user info. */
  readonly code: ErrorCode | null;
  /** From the headers' arrival to the answer's handing over to the socket, in milliseconds. */
  readonly durationMs: number;
  /** Who asked; `null`: not accepted. */
  readonly caller: string | null;
  /** The user that was asked for, as looked up; `null`: not reached. Show it only as the configuration allows. */
  readonly userid: string | null;
  /** What went wrong inside, for the log; `null`: nothing. */
  readonly error: unknown;
}

/** Called once for each request; must not throw and should not wait. */
export type OnAnswered = (record: RequestRecord) => void;

/**
 * Records a response in the audit trail before it leaves. Never rejects.
 *
 * @returns false when the line could not be written: then the response has to be a 503, `audit-unavailable`.
 */
export type Commit = (record: RequestRecord) => Promise<boolean>;
