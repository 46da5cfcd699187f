// Owns the id of a request: taken from a trusted header when well-formed, else made.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Safe to put into a header, a JSON text and a log line as it is; the same as in problem.schema.json. */
const wellFormed = /^[A-Za-z0-9._-]{1,128}$/;

/** @param trustedHeader its name in lower case; `null`: no header is trusted. */
export function requestIdOf(request: IncomingMessage, trustedHeader: string | null): string {
  if (trustedHeader === null) return randomUUID();
  const given = request.headers[trustedHeader];
  return typeof given === 'string' && wellFormed.test(given) ? given : randomUUID();
}
