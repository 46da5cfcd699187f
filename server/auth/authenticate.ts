// Interface of authentication: whether a request is allowed, and if not, why.
import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '../../schemas/error-codes.ts';

/** The request is allowed. `caller` identifies the caller in the log; it is never a secret. */
export interface Granted {
  readonly granted: true;
  readonly caller: string;
}

/** The request is refused with the status of `code`. */
export interface Refused {
  readonly granted: false;
  readonly code: ErrorCode;
  /** Seconds, for the Retry-After of a 429. */
  readonly retryAfterSeconds?: number;
}

export type AuthDecision = Granted | Refused;

/**
 * Decides whether a request is allowed, based only on its headers and its connection. A decision that need not wait is returned without a promise,
 * since this code runs for every request. If it throws, the server responds with 500, never with 200.
 */
export type Authenticate = (request: IncomingMessage) => AuthDecision | Promise<AuthDecision>;

/** Accepts every request: for a loopback listener only. */
export const authenticateNobody: Authenticate = () => ({ granted: true, caller: 'anybody' });
