// Scans a JSON text for what parsing loses: repeated names, unpaired surrogates, depth and size.
import { findStringEnd } from '../../schemas/json-text.ts';
import { rememberLatest } from '../remember-latest.ts';

/** Result of scanning a valid JSON text. */
export interface JsonScan {
  /** 0 for a number or a string, 1 for `{}`, 2 for `[{}]`. */
  readonly depth: number;
  /** Whether an object has the same name twice, after unescaping. */
  readonly hasRepeatedName: boolean;
  /** Whether a name or a string has an unpaired surrogate, e.g. `"\ud800"`. */
  readonly hasLoneSurrogate: boolean;
}

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Cost of parsing a text. */
export interface JsonSize {
  /** Nesting depth of its brackets, excluding those in strings. */
  readonly depth: number;
  /** Number of its commas and opening brackets. 10,000 groups have about 20,000. */
  readonly values: number;
}

/** Measures the cost of parsing a text, whether or not it is JSON. */
export function measureJson(text: string): JsonSize {
  let depth = 0;
  let deepest = 0;
  let values = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === quote) index = findStringEnd(text, index) - 1;
    else if (code === openBrace || code === openBracket) {
      depth += 1;
      values += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === closeBrace || code === closeBracket) depth -= 1;
    else if (code === comma) values += 1;
  }
  return { depth: deepest, values };
}

/**
 * Scans a valid JSON text. Takes time and memory linear in its length, without recursion, because the endpoint chooses the depth.
 *
 * Source: RFC 8259, 4 (names should be unique) and 8.2 (unpaired surrogates); RFC 7493 (I-JSON), 2.1 and 2.3 forbid both.
 */
export const scanJson = rememberLatest((text: string): JsonScan => {
  /** The names of each open object; null: an array. */
  const open: (Set<string> | null)[] = [];
  let depth = 0;
  let hasRepeatedName = false;
  let hasLoneSurrogate = false;
  let isNameNext = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') {
      const end = findStringEnd(text, index);
      const value: string = JSON.parse(text.slice(index, end));
      index = end - 1;
      hasLoneSurrogate ||= /\p{Surrogate}/u.test(value);
      const names = open.at(-1);
      if (isNameNext && names) {
        hasRepeatedName ||= names.has(value);
        names.add(value);
      }
      isNameNext = false;
    } else if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : null);
      depth = Math.max(depth, open.length);
      isNameNext = character === '{';
    } else if (character === '}' || character === ']') {
      open.pop();
      isNameNext = false;
    } else if (character === ',') {
      isNameNext = open.at(-1) !== null;
    }
  }
  return { depth, hasRepeatedName, hasLoneSurrogate };
});

/** Returns the text without the content of double quotes. */
export function withoutStrings(text: string): string {
  const parts: string[] = [];
  let copiedTo = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] !== '"') continue;
    parts.push(text.slice(copiedTo, index + 1));
    const end = findStringEnd(text, index);
    // An unterminated string has no closing quote to keep.
    copiedTo = text[end - 1] === '"' ? Math.max(end - 1, index + 1) : end;
    index = end - 1;
  }
  parts.push(text.slice(copiedTo));
  return parts.join('');
}
