// Owns reading an upstream's bytes as JSON, more strictly than JSON.parse: what could be read in two ways is refused.

/** The bytes are not the JSON that is accepted. The message never has a part of them: they are somebody's data. */
export class StrictJsonFault extends Error {}

/** Deeper than any directory's answer, and far from where recursive readers end their stack. */
const maxDepth = 64;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses UTF-8 (RFC 8259, section 8.1); a byte order mark is skipped.
 *
 * @throws {StrictJsonFault} for no content, other encodings, what is no JSON, a key that one object has twice (which of
 *   the two counts is a matter of the reader; RFC 8259, section 4), and nesting deeper than 64.
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
    throw new StrictJsonFault('is not JSON, or only the beginning of it');
  }
  assertUniqueKeys(text);
  return value;
}

/** @param text is known to be JSON, so that a colon behind a string makes it a key. */
function assertUniqueKeys(text: string): void {
  // Of each open object its keys; null for a list.
  const open: Array<Set<string> | null> = [];
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
      case '[':
        if (open.length === maxDepth) throw new StrictJsonFault(`is nested deeper than ${maxDepth} levels`);
        open.push(text[at] === '{' ? new Set() : null);
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case '"': {
        const end = findStringEnd(text, at);
        if (isFollowedByColon(text, end)) {
          const raw = text.slice(at + 1, end);
          const key = raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
          const keys = open.at(-1);
          if (keys?.has(key)) throw new StrictJsonFault('has an object with the same key twice');
          keys?.add(key);
        }
        at = end;
      }
    }
  }
}

/** The place of the quote that ends the string whose first quote is at `start`. */
function findStringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

/** An odd number of back-slashes stands in front. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === '\\') first--;
  return (at - first) % 2 === 1;
}

function isFollowedByColon(text: string, quote: number): boolean {
  let at = quote + 1;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return text[at] === ':';
}
