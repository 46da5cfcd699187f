// Owns the id of a request: taken from a trusted header when well-formed, else made.
import { randomFillSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Safe to put into a header, a JSON text and a log line as it is; the same as in problem.schema.json. */
const wellFormed = /^[A-Za-z0-9._-]{1,128}$/;

/** As many random bits as a UUID of version 4 has, and six more. */
const idBytes = 16;
/** Random bytes for this many ids are taken at once: the system's generator costs more than all else of an id. */
const pool = Buffer.alloc(idBytes * 256);
let used = pool.length;

/** 32 hexadecimal digits that nobody can guess. One text, where `randomUUID` gives 20 that are joined at each use. */
export function createRequestId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += idBytes;
  return pool.toString('hex', used - idBytes, used);
}

/** @param trustedHeader its name in lower case; `null`: no header is trusted. */
export function requestIdOf(request: IncomingMessage, trustedHeader: string | null): string {
  if (trustedHeader === null) return createRequestId();
  const given = request.headers[trustedHeader];
  return typeof given === 'string' && wellFormed.test(given) ? given : createRequestId();
}
