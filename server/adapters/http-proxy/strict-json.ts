// JSON reader that is stricter than JSON.parse: it rejects ambiguous JSON.

/** The bytes are not acceptable JSON. The message never contains a part of them, because they are user data. */
export class StrictJsonFault extends Error {}

/** Deeper than any directory's response, and far below the stack limit of recursive readers. */
const maxDepth = 64;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses UTF-8 (RFC 8259, section 8.1); a byte order mark is skipped.
 *
 * @throws {StrictJsonFault} for no content, other encodings, invalid JSON, a duplicate key in one object, and nesting deeper than 64. Parsers differ
 * in which of two equal keys counts (RFC 8259, section 4).
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw new StrictJsonFault('is empty');
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new StrictJsonFault('is not UTF-8');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StrictJsonFault('is not JSON, or is truncated');
  }
  // A duplicate key is written once more often than it is kept, and all keys of its first value are lost as well.
  if (countWrittenKeys(text) !== countKeys(value)) throw new StrictJsonFault('has an object with a duplicate key');
  return value;
}

/** @param text is known to be JSON, so each colon outside a string follows a key. */
function countWrittenKeys(text: string): number {
  let keys = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = findStringEnd(text, at);
    else if (code === colon) keys++;
    else if (code === openBrace || code === openBracket) {
      if (++depth > maxDepth) throw new StrictJsonFault(`is nested deeper than ${maxDepth} levels`);
    } else if (code === closeBrace || code === closeBracket) depth--;
  }
  return keys;
}

const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Returns the position of the quote that ends the string whose first quote is at `start`. */
function findStringEnd(text: string, start: number): number {
  // Native code searches for the quote, which is faster for most strings.
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

/** Returns whether an odd number of backslashes precedes position `at`. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === backslash) first--;
  return (at - first) % 2 === 1;
}

/** Returns the number of keys of a value, including nested ones. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') keys += countKeys(item);
    return keys;
  }
  // for…in: objects from JSON.parse inherit nothing enumerable, and this runs for each object of a response.
  for (const key in value) keys += 1 + countKeys((value as Record<string, unknown>)[key]);
  return keys;
}
