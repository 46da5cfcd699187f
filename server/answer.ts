// Owns the bytes of every answer: the user info that was validated, and the problem documents.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bufferOf, EncodedUserInfo, type JsonBytes } from '../schemas/encoded-user-info.ts';
import { type ErrorCode, errorCodes } from '../schemas/error-codes.ts';
import type { Problem } from '../schemas/generated/problem.ts';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import { describeSchemaErrors, validateUserInfo } from '../schemas/validators.ts';
import { SourceError } from './adapters/user-source.ts';
import { answerInOnePiece, makeStanding, type StandingHeaders } from './answer-in-one-piece.ts';
import { type HeaderList, securityHeaders } from './security-headers.ts';

/**
 * The JSON bytes of a 200. Whatever an adapter returned is validated first; `EncodedUserInfo` alone is taken as it is,
 * since it can't be made of anything else than validated parts.
 *
 * @throws {SourceError} 'bad-answer' (502) when it does not hold: CONTRACT, a malformed answer is never a 200.
 */
export function encodeUserInfo(found: UserInfo): JsonBytes {
  if (found instanceof EncodedUserInfo) return found.bytes;
  if (!validateUserInfo(found)) {
    throw new SourceError(
      'bad-answer',
      `The source's answer breaks the schema: ${describeSchemaErrors(validateUserInfo.errors)}.`,
    );
  }
  return Buffer.from(JSON.stringify(found));
}

/** The headers that every answer of an endpoint carries. */
export interface AnswerHeaders {
  readonly all: HeaderList;
  /** And the content type. */
  readonly userInfo: StandingHeaders;
}

export function answerHeaders(overTls: boolean): AnswerHeaders {
  const all = securityHeaders(overTls);
  return { all, userInfo: makeStanding([...all, 'Content-Type', 'application/json']) };
}

/**
 * Sends a 200, or a 304 where ETags are on and the caller has the same bytes already.
 *
 * @param headers what this answer has besides, well-formed; none that Node acts on.
 * @returns the status.
 */
export function sendUserInfo(
  request: IncomingMessage,
  response: ServerResponse,
  body: JsonBytes,
  standing: AnswerHeaders,
  headers: HeaderList,
  etagOn: boolean,
): number {
  if (!etagOn) {
    answerInOnePiece(response, standing.userInfo, headers, body);
    return 200;
  }
  const etag = etagOf(body);
  const withEtag = [...headers, 'ETag', etag];
  if (matchesEtag(request.headers['if-none-match'], etag)) {
    response.writeHead(304, [...standing.all, ...withEtag]).end();
    return 304;
  }
  answerInOnePiece(response, standing.userInfo, withEtag, body);
  return 200;
}

/** Returns the status that `sendUserInfo` sends. */
export function statusOfUserInfo(request: IncomingMessage, body: JsonBytes, etagOn: boolean): number {
  return etagOn && matchesEtag(request.headers['if-none-match'], etagOf(body)) ? 304 : 200;
}

function etagOf(body: JsonBytes): string {
  return `"${createHash('sha256').update(bufferOf(body)).digest('base64url')}"`;
}

/** RFC 9110, 13.1.2: weak comparison, a list, or `*`. */
function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((candidate) => ['*', etag].includes(candidate.trim().replace(/^W\//, '')));
}

/** An RFC 9457 problem document. Nothing in it comes from the request except the request id, which is well-formed. */
export function problemOf(code: ErrorCode, requestId: string): Problem {
  const { status, title } = errorCodes[code];
  return { type: `urn:user-info-kit:problem:${code}`, title, status, code, requestId };
}

/** Sends a problem document. `headers` come beside the standing ones. @returns the status. */
export function sendProblem(response: ServerResponse, code: ErrorCode, requestId: string, headers: HeaderList): number {
  const problem = problemOf(code, requestId);
  const body = Buffer.from(JSON.stringify(problem));
  response
    .writeHead(problem.status, [
      'Content-Type',
      'application/problem+json',
      'Content-Length',
      String(body.length),
      ...headers,
    ])
    .end(body);
  return problem.status;
}
