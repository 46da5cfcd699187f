// Request id: from a trusted header when well-formed, otherwise generated.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Safe in a header, a JSON text and a log line without escaping; the same as in problem.schema.json. */
const wellFormed = /^[A-Za-z0-9._-]{1,128}$/;

/** Six more random bits than a version 4 UUID has. */
const idBytes = 16;
const idDigits = 2 * idBytes;
/** Number of ids generated at once: the system's generator and the call out of JavaScript cost more than everything else of an id. */
const idsAtOnce = 256;
let digits = '';
let used = 0;

/** Returns 32 hexadecimal digits that cannot be guessed, as one string: `randomUUID` returns 20 pieces that are joined at each use. */
export function createRequestId(): string {
  if (used === digits.length) {
    digits = randomBytes(idBytes * idsAtOnce).toString('hex');
    used = 0;
  }
  used += idDigits;
  return digits.slice(used - idDigits, used);
}

/** @param trustedHeader its name in lower case; `null`: no header is trusted. */
export function requestIdOf(request: IncomingMessage, trustedHeader: string | null): string {
  if (trustedHeader === null) return createRequestId();
  const given = request.headers[trustedHeader];
  return typeof given === 'string' && wellFormed.test(given) ? given : createRequestId();
}
