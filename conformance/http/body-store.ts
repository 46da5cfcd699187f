// Store of the response bodies of one run: identical bodies are kept only once, and the total size is bounded.
import { createHash } from 'node:crypto';
import { answerLimits } from './answer-limits.ts';
import type { Answer } from './endpoint-request.ts';

/** Length to which a body is truncated after too many different ones have arrived. */
const cutLength = 64 * 1024;

/**
 * Returns a function that takes each response of a run and returns it with its body from the store. Beyond `maxKeptBytes` of different bodies, those
 * of more than 64 KiB are truncated, and `exceeded` is set.
 */
export function createBodyStore(): (answer: Answer) => Answer {
  const bodies = new Map<string, Buffer>();
  let keptBytes = 0;

  function find(body: Buffer): Buffer | null {
    const digest = createHash('sha256').update(body).digest('base64');
    const known = bodies.get(digest);
    if (known) return known;
    if (keptBytes + body.length > answerLimits.maxKeptBytes) return null;
    keptBytes += body.length;
    bodies.set(digest, body);
    return body;
  }

  return (answer) => {
    const wireBody = find(answer.wireBody);
    const body = answer.body === answer.wireBody ? wireBody : find(answer.body);
    if (wireBody !== null && body !== null) return { ...answer, wireBody, body };
    const cut = (bytes: Buffer) => (bytes.length > cutLength ? Buffer.from(bytes.subarray(0, cutLength)) : bytes);
    const isCut = answer.body.length > cutLength;
    const shortened = { wireBody: cut(answer.wireBody), body: cut(answer.body) };
    return { ...answer, ...shortened, ...(isCut ? { isTruncated: true, exceeded: 'kept' } : {}) };
  };
}
