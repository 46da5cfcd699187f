// Interface of authentication: may this request proceed, and if not, why.
import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '../../schemas/error-codes.ts';

/** The request may ask. `caller` names who asks, for the log: never a secret. */
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
 * Decides on a request by its headers and its connection alone. A decision that needs no waiting is given without a
 * promise, since it is taken for every request. A throw is answered with 500, never with a 200.
 */
export type Authenticate = (request: IncomingMessage) => AuthDecision | Promise<AuthDecision>;

/** Asks nobody: for a loopback listener only. */
export const authenticateNobody: Authenticate = () => ({ granted: true, caller: 'anybody' });
