// Express handler of the endpoint: path → credentials → userid → lookup → validated response. Each refusal has an error code.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, RequestHandler } from 'express';
import type { JsonBytes } from '../schemas/encoded-user-info.ts';
import { type ErrorCode, errorCodes, headersOfCode } from '../schemas/error-codes.ts';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import { SourceError, type SourceErrorKind } from './adapters/user-source.ts';
import { encodeUserInfo, sendProblem, sendUserInfo } from './answer.ts';
import type { AuthDecision, Authenticate } from './auth/authenticate.ts';
import { basicChallenge } from './auth/basic-credentials.ts';
import type { LookUp } from './guards/deadline.ts';
import type { ClientAddress } from './http/client-address.ts';
import { requestIdOf } from './http/request-id.ts';
import { securityHeaders } from './http/security-headers.ts';
import type { Commit, OnAnswered, RequestRecord } from './observability/request-record.ts';
import { findUserid, type UseridRules } from './userid-rules.ts';

export interface EndpointParts {
  readonly path: string;
  readonly authenticate: Authenticate;
  /** Realm for the challenge of a 401. */
  readonly realm: string;
  readonly useridRules: UseridRules;
  readonly clientAddress: ClientAddress;
  readonly lookUp: LookUp;
  /** In lower case; `null`: ids are generated. */
  readonly requestIdHeader: string | null;
  readonly isStopping: () => boolean;
  readonly isDraining: () => boolean;
  readonly onAnswered: OnAnswered;
  /** Records each response before it is sent; `null`: responses do not wait for a record. */
  readonly commit: Commit | null;
}

/** Outcome of a request: the response, and its fields in the record. */
interface Outcome {
  readonly code: ErrorCode | null;
  readonly body?: JsonBytes;
  readonly caller?: string;
  readonly userid?: string;
  readonly retryAfterSeconds?: number;
  readonly error?: unknown;
}

const codeOfSourceError: Readonly<Record<SourceErrorKind, ErrorCode>> = {
  unavailable: 'source-unavailable',
  'too-slow': 'source-too-slow',
  'bad-answer': 'source-bad-answer',
};

/** Creates the Express handler of the endpoint's path; other paths are passed to the next handler. */
export function createEndpoint(parts: EndpointParts): RequestHandler {
  const answer = createAnswerer(parts, decide);
  return (request, response, next) => {
    if (request.path !== parts.path) return next();
    return answer(request, response);
  };
}

/** Creates the handler for all other paths. */
export function createUnknownPath(parts: EndpointParts): RequestHandler {
  return createAnswerer(parts, () => ({ code: 'path-unknown' }));
}

function decide(parts: EndpointParts, request: Request, response: ServerResponse): Outcome | Promise<Outcome> {
  if (parts.isDraining()) return { code: 'server-draining' };
  const decision = parts.authenticate(request);
  return decision instanceof Promise
    ? decision.then((settled) => serve(parts, request, response, settled))
    : serve(parts, request, response, decision);
}

function serve(
  parts: EndpointParts,
  request: Request,
  response: ServerResponse,
  decision: AuthDecision,
): Outcome | Promise<Outcome> {
  if (!decision.granted) return decision;
  const { caller } = decision;
  if (request.method !== 'GET' && request.method !== 'HEAD') return { code: 'method-not-allowed', caller };
  const found = findUserid(request.url, parts.useridRules);
  return 'refused' in found ? { code: found.refused, caller } : lookUp(parts, response, caller, found.userid);
}

function lookUp(
  parts: EndpointParts,
  response: ServerResponse,
  caller: string,
  userid: string,
): Outcome | Promise<Outcome> {
  try {
    const found = parts.lookUp(userid, response);
    if (!(found instanceof Promise)) return outcomeOfUser(found, caller, userid);
    return found
      .then((user) => outcomeOfUser(user, caller, userid))
      .catch((error) => ({ ...outcomeOfError(error), caller, userid }));
  } catch (error) {
    return { ...outcomeOfError(error), caller, userid };
  }
}

function outcomeOfUser(user: UserInfo | null, caller: string, userid: string): Outcome {
  if (user === null) return { code: 'user-unknown', caller, userid };
  return { code: null, body: encodeUserInfo(user), caller, userid };
}

function outcomeOfError(error: unknown): Outcome {
  // Whatever was thrown, even undefined, must be logged.
  if (!(error instanceof SourceError))
    return { code: 'internal-error', error: error ?? new Error('thrown value is not an Error') };
  const code = codeOfSourceError[error.kind];
  const { retryAfterSeconds } = error;
  return { code, error, ...(error.kind === 'unavailable' && retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

function isGone(response: ServerResponse): boolean {
  return response.destroyed || response.headersSent;
}

function recordOf(
  { request, requestId, remoteAddress, startedAt }: Exchange,
  outcome: Outcome,
  status: number,
): RequestRecord {
  const { code, caller = null, userid = null, error = null } = outcome;
  const durationMs = performance.now() - startedAt;
  return { requestId, method: request.method, remoteAddress, status, code, durationMs, caller, userid, error };
}

type Decide = (parts: EndpointParts, request: Request, response: ServerResponse) => Outcome | Promise<Outcome>;

/** A request whose outcome is decided but whose record has not been passed on yet. */
interface Exchange {
  readonly request: Request;
  readonly response: ServerResponse;
  readonly startedAt: number;
  readonly requestId: string;
  /** The address is stored, because it is lost if the caller disconnects in the meantime. */
  readonly remoteAddress: string;
  readonly outcome: Outcome;
}

/** Creates the function that responds to a request; it creates no promise unless it has to wait. */
function createAnswerer(parts: EndpointParts, decideOn: Decide) {
  const plainHeaders = securityHeaders(false);
  const tlsHeaders = securityHeaders(true);
  const challenge = basicChallenge(parts.realm);

  function send(request: IncomingMessage, response: ServerResponse, requestId: string, outcome: Outcome): number {
    // The caller has disconnected, or other code has responded, such as a timeout handler of the application in which this application is mounted.
    if (isGone(response)) return 0;
    // Makes the client send its next request on a new connection, because that request would be lost on the current connection.
    if (parts.isStopping() || parts.isDraining()) response.setHeader('Connection', 'close');
    const standing = 'encrypted' in request.socket ? tlsHeaders : plainHeaders;
    const headers = [...standing, 'X-Request-Id', requestId];
    if (outcome.body) return sendUserInfo(response, outcome.body, headers);
    const { code, retryAfterSeconds } = outcome;
    const problem = code ?? 'internal-error';
    headers.push(...headersOfCode(problem, { challenge, retryAfterSeconds }));
    return sendProblem(response, problem, requestId, headers);
  }

  /** Sends the response. Never throws, because other responses are sent after this one. */
  function finish(exchange: Exchange): void {
    const { request, response, requestId } = exchange;
    let { outcome } = exchange;
    let status = 0;
    try {
      status = send(request, response, requestId, outcome);
    } catch (error) {
      // A destroyed connection cannot be mistaken for a response, whereas half a response could be.
      outcome = outcomeOfError(error);
      response.destroy();
    }
    tell(recordOf(exchange, outcome, status));
  }

  /** Finishes an exchange when its record is in the audit trail, or with a 503 when the record could not be written. Never rejects. */
  async function finishRecorded(exchange: Exchange, commit: Commit): Promise<void> {
    const { response, outcome } = exchange;
    let status = 0;
    if (!isGone(response)) {
      status = outcome.body ? 200 : errorCodes[outcome.code ?? 'internal-error'].status;
    }
    if (await commit(recordOf(exchange, outcome, status))) finish(exchange);
    else {
      const { caller, userid } = outcome;
      const refusal = { code: 'audit-unavailable' } as const;
      finish({
        ...exchange,
        outcome: { ...refusal, ...(caller !== undefined && { caller }), ...(userid !== undefined && { userid }) },
      });
    }
  }

  const { commit } = parts;
  const leave = commit ? (exchange: Exchange) => void finishRecorded(exchange, commit) : createOutbox(finish);

  return (request: Request, response: ServerResponse): void => {
    const startedAt = performance.now();
    const requestId = requestIdOf(request, parts.requestIdHeader);
    const remoteAddress = parts.clientAddress(request);
    const settle = (outcome: Outcome) => leave({ request, response, startedAt, requestId, remoteAddress, outcome });
    let outcome: Outcome | Promise<Outcome>;
    try {
      outcome = decideOn(parts, request, response);
    } catch (error) {
      outcome = outcomeOfError(error);
    }
    if (outcome instanceof Promise) outcome.catch(outcomeOfError).then(settle);
    else settle(outcome);
  };

  function tell(record: RequestRecord): void {
    try {
      parts.onAnswered(record);
    } catch (error) {
      // The response has been sent; an error in metrics or logging must not stop the process.
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }
}

/**
 * Creates the function that defers a response to the end of the event loop's turn. Between two requests the parser, the sockets and the system calls
 * evict each other from the processor's caches. Doing each kind of work many times in a row saves an eighth of the total (`npm run bench -- http`). A
 * response waits for the requests that arrived in the same turn; otherwise, those requests would be delayed instead.
 *
 * @param send must not throw, because the remaining responses would then never be sent.
 */
export function createOutbox<T>(send: (item: T) => void): (item: T) => void {
  let waiting: T[] = [];
  function sendWaiting(): void {
    const leaving = waiting;
    waiting = [];
    for (const item of leaving) send(item);
  }
  return (item) => {
    if (waiting.push(item) === 1) setImmediate(sendWaiting);
  };
}
