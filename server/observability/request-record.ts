// The record of a request and its response, from which the log, the metrics and the audit trail are created.
import type { ErrorCode } from '../../schemas/error-codes.ts';

export interface RequestRecord {
  readonly requestId: string;
  readonly method: string;
  readonly remoteAddress: string;
  /** HTTP status; 0 when no complete response was sent, usually because the caller disconnected first. */
  readonly status: number;
  /** `null`: answered with user info. */
  readonly code: ErrorCode | null;
  /** Time from the arrival of the headers until the response is passed to the socket, in milliseconds. */
  readonly durationMs: number;
  /** The authenticated caller; `null`: not authenticated. */
  readonly caller: string | null;
  /** The user id as looked up; `null`: the request was rejected before the lookup. Show it only in the form that the configuration allows. */
  readonly userid: string | null;
  /** Cause of an internal failure, for the log; `null`: there is none. */
  readonly error: unknown;
}

/** Called once for each request; must not throw and should not wait. */
export type OnAnswered = (record: RequestRecord) => void;

/**
 * Records a response in the audit trail before it is sent. Never rejects.
 *
 * @returns false when the line could not be written: the response must then be a 503, `audit-unavailable`.
 */
export type Commit = (record: RequestRecord) => Promise<boolean>;
