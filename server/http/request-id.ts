// Request id: from a trusted header when well-formed, otherwise generated.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Safe to put into a header, a JSON text and a log line as it is; the same as in problem.schema.json. */
const wellFormed = /^[A-Za-z0-9._-]{1,128}$/;

/** As many random bits as a UUID of version 4 has, and six more. */
const idBytes = 16;
const idDigits = 2 * idBytes;
/** For this many ids at once: what the system's generator and the way out of JavaScript cost is more than all else of an id. */
const idsAtOnce = 256;
let digits = '';
let used = 0;

/** 32 hexadecimal digits that nobody can guess. One text, where `randomUUID` gives 20 that are joined at each use. */
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
