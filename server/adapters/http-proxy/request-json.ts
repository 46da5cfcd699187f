// Sends one request to the upstream and returns its JSON: credentials, throttling, and the meaning of each status.
import { type LookUpSignal, SourceError } from '../user-source.ts';
import type { UpstreamCredentials } from './access-token.ts';
import type { UpstreamAnswer } from './answer-collector.ts';
import { type JsonPath, JsonPathFault } from './json-path.ts';
import { parseStrictJson, StrictJsonFault } from './strict-json.ts';
import type { Upstream } from './upstream.ts';

/** Context of a request; the same for all requests of a source. */
export interface RequestContext {
  readonly upstream: Upstream;
  readonly credentials: UpstreamCredentials;
  /** Sent with each request, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The longest wait that the upstream may require with Retry-After, in milliseconds. */
  readonly maxRetryAfterMs: number;
}

/** One request. */
export interface JsonRequest {
  readonly method: 'GET' | 'POST';
  readonly body: string | null;
  /** Name in messages: the template, without user data. */
  readonly label: string;
  /** Responses that mean that the user does not exist. */
  readonly notFound: NotFoundRule;
}

export interface NotFoundRule {
  readonly statuses: readonly number[];
  /** Required content of the response, so that a gateway's own 404 does not count; `null`: nothing. */
  readonly says: { readonly path: JsonPath; readonly equals: string } | null;
}

/** `not-found` by status. A 200 has a value, and every other response is an error. */
export type JsonAnswer =
  | { readonly kind: 'not-found' }
  | {
      readonly kind: 'value';
      readonly value: unknown;
      readonly headers: UpstreamAnswer['headers'];
      readonly bytes: number;
    };

const maxAttempts = 3;

/**
 * Requests `target` (path and query). Repeats the request once with a new token after a 401, and repeats it after a short Retry-After. @throws
 * {SourceError} for any response other than a JSON value or "not found".
 */
export async function requestJson(
  context: RequestContext,
  request: JsonRequest,
  target: string,
  signal: LookUpSignal,
): Promise<JsonAnswer> {
  const { method, body, label } = request;
  let renewed = false;
  for (let attempt = 1; ; attempt++) {
    const known = context.credentials.authorization(signal);
    const authorization = known instanceof Promise ? await known : known;
    const headers = authorization === null && body === null ? context.headers : headersOf(context, authorization, body);
    const answer = await context.upstream.request({ method, target, headers, body }, signal);
    if (answer.status === 401 && !renewed && context.credentials.renew(authorization)) {
      renewed = true;
      continue;
    }
    if (answer.status === 429 || answer.status === 503) {
      await waitRetryAfter(answer, attempt, context.maxRetryAfterMs, label, signal);
      continue;
    }
    return interpretResponse(answer, request);
  }
}

function headersOf(
  { headers }: RequestContext,
  authorization: string | null,
  body: string | null,
): Record<string, string> {
  return {
    ...headers,
    ...(authorization !== null && { authorization }),
    ...(body !== null && { 'content-type': 'application/json' }),
  };
}

/** @throws {SourceError} `unavailable` if waiting is pointless. */
async function waitRetryAfter(
  { status, headers }: UpstreamAnswer,
  attempt: number,
  maxRetryAfterMs: number,
  label: string,
  signal: LookUpSignal,
): Promise<void> {
  const waitMs = readRetryAfterMs(headers['retry-after']);
  const refuse = (reason: string) =>
    new SourceError('unavailable', `The upstream responded to ${label} with status ${status}, ${reason}.`, {
      ...(waitMs !== null && { retryAfterSeconds: Math.ceil(waitMs / 1000) }),
    });
  if (waitMs === null) throw refuse('without a usable Retry-After');
  if (waitMs > maxRetryAfterMs) throw refuse('with a Retry-After longer than maxRetryAfterMs');
  if (attempt === maxAttempts) throw refuse(`${maxAttempts} times`);
  await pause(waitMs, signal);
}

/** @throws {SourceError} `too-slow` as soon as the lookup ends. */
function pause(ms: number, signal: LookUpSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      reject(new SourceError('too-slow', 'The lookup ended during the wait that the upstream requested.'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', leave);
      resolve();
    }, ms);
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
  });
}

/** Reads Retry-After: seconds, or a date (RFC 9110, 10.2.3). */
function readRetryAfterMs(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

function interpretResponse(answer: UpstreamAnswer, { label, notFound }: JsonRequest): JsonAnswer {
  const { status, headers, body } = answer;
  if (status === 200) {
    assertJsonType(answer, label);
    return { kind: 'value', value: readJson(body, label), headers, bytes: body.length };
  }
  if (notFound.statuses.includes(status)) {
    assertSaysNotFound(answer, notFound, label);
    return { kind: 'not-found' };
  }
  throw describeStatus(status, label);
}

/**
 * Throws unless the response itself says "not found". Otherwise, a 404 from a gateway or a wrong base URL would make all users appear not to exist.
 */
function assertSaysNotFound(answer: UpstreamAnswer, { says }: NotFoundRule, label: string): void {
  const refuse = (reason: string) =>
    new SourceError(
      'bad-answer',
      `The upstream responded to ${label} with status ${answer.status}, ${reason}; check baseUrl`,
    );
  if (answer.body.length === 0 && says === null) return;
  if (!isJsonType(answer.headers['content-type'])) throw refuse('but not in JSON');
  const value = readJson(answer.body, label);
  if (says === null) return;
  let found: unknown;
  try {
    found = says.path.find(value);
  } catch (error) {
    if (!(error instanceof JsonPathFault)) throw error;
  }
  if (found !== says.equals) throw refuse('without the content that notFound.path and notFound.equals require');
}

function assertJsonType({ headers, body }: UpstreamAnswer, label: string): void {
  const type = headers['content-type'];
  if (isJsonType(type) || (type === undefined && body.length === 0)) return;
  throw new SourceError(
    'bad-answer',
    `The upstream responded to ${label} with status 200, but its Content-Type is not JSON. Check baseUrl; this may be a login page.`,
  );
}

/** Returns whether a media type is `application/json` or a related one ("+json", RFC 6839), in UTF-8. */
function isJsonType(header: string | string[] | undefined): boolean {
  if (header === 'application/json') return true;
  if (typeof header !== 'string') return false;
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim().toLowerCase());
  if (!/^application\/(json|[a-z0-9.!#$&^_-]+\+json)$/.test(type)) return false;
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  return charset === undefined || /^charset="?utf-8"?$/.test(charset);
}

function readJson(body: Uint8Array, label: string): unknown {
  try {
    return parseStrictJson(body);
  } catch (error) {
    if (!(error instanceof StrictJsonFault)) throw error;
    throw new SourceError('bad-answer', `The upstream's response to ${label} ${error.message}.`);
  }
}

function describeStatus(status: number, label: string): SourceError {
  const answered = `The upstream responded to ${label} with status ${status}`;
  if (status === 401)
    return new SourceError('unavailable', `${answered}: it rejected the credentials. Check source.auth.`);
  if (status === 403)
    return new SourceError(
      'unavailable',
      `${answered}: the account has no permission to read this. Grant the permission or scope.`,
    );
  if (status >= 300 && status < 400)
    return new SourceError(
      'bad-answer',
      `${answered}, a redirect, which is not followed. Set baseUrl to the target of the redirect.`,
    );
  if (status === 408 || status === 504) return new SourceError('too-slow', `${answered}.`);
  if (status >= 500) return new SourceError('unavailable', `${answered}.`);
  return new SourceError('bad-answer', `${answered}, which is neither a user nor a definite "not found".`);
}
