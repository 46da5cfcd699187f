// Serializes and sends responses: validated user info and problem documents.
import type { ServerResponse } from 'node:http';
import { EncodedUserInfo, type JsonBytes } from '../schemas/encoded-user-info.ts';
import { type ErrorCode, errorCodes } from '../schemas/error-codes.ts';
import type { Problem } from '../schemas/generated/problem.ts';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import { describeSchemaErrors, validateUserInfo } from '../schemas/validators.ts';
import { SourceError } from './adapters/user-source.ts';
import type { HeaderList } from './http/security-headers.ts';

/**
 * Returns the JSON bytes of a 200 response. Validates what an adapter returned; only `EncodedUserInfo` is used without validation, because it can be
 * created only from validated parts.
 *
 * @throws {SourceError} 'bad-answer' (502) when it is invalid: according to docs/contract.md, malformed user info is never sent with status 200.
 */
export function encodeUserInfo(found: UserInfo): JsonBytes {
  if (found instanceof EncodedUserInfo) return found.bytes;
  if (!validateUserInfo(found)) {
    throw new SourceError(
      'bad-answer',
      `The source's result does not match the schema: ${describeSchemaErrors(validateUserInfo.errors)}.`,
    );
  }
  return Buffer.from(JSON.stringify(found));
}

/**
 * Sends a 200.
 *
 * @param headers names and values, alternating.
 * @returns the status.
 */
export function sendUserInfo(response: ServerResponse, body: JsonBytes, headers: HeaderList): number {
  response.writeHead(200, [...headers, 'Content-Type', 'application/json', 'Content-Length', String(body.length)]);
  // A string with one character per byte.
  if (typeof body === 'string') response.end(body, 'latin1');
  else response.end(body);
  return 200;
}

/** Creates an RFC 9457 problem document. Nothing in it comes from the request except the request id, which is well-formed. */
export function problemOf(code: ErrorCode, requestId: string): Problem {
  const { status, title } = errorCodes[code];
  return { type: `urn:user-info-kit:problem:${code}`, title, status, code, requestId };
}

/** Sends a problem document. `headers` are sent in addition to the standard ones. @returns the status. */
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
