// Reads the userid from the query of a request: exactly one value, strictly decoded and within its limits.
import type { ErrorCode } from '../schemas/error-codes.ts';

export interface UseridRules {
  /** Maximum length of the decoded userid, in UTF-8 bytes. */
  readonly maxBytes: number;
  /** Whether to remove white space at both ends. */
  readonly trim: boolean;
  /** Whether to convert to lower case (Unicode default mapping). */
  readonly foldCase: boolean;
}

/** By default, userids are compared exactly (docs/contract.md). */
export const defaultUseridRules: UseridRules = { maxBytes: 1024, trim: false, foldCase: false };

export type UseridOutcome = { readonly userid: string } | { readonly refused: ErrorCode };

// Unicode category Cc: C0, DEL and C1.
const controlCharacter = /\p{Cc}/u;
const notAscii = /[^\0-\x7f]/;
/** A byte of UTF-8 takes at most 3 characters as `%XX`. */
const charactersPerByte = 3;
/** A UTF-16 code unit takes at most 3 bytes of UTF-8. */
const bytesPerUnit = 3;

/**
 * Finds the userid in a request target such as `/user-info?userid=ada%40example.com`.
 *
 * The query is read as `application/x-www-form-urlencoded` (WHATWG URL, 5.1: `+` is a space) except that invalid UTF-8 is rejected. That algorithm
 * would replace it, and a replacement could make two userids equal.
 *
 * @returns the userid, or the code of the 400 response.
 */
export function findUserid(requestTarget: string, rules: UseridRules): UseridOutcome {
  const raw = findRawUserid(requestTarget);
  if (typeof raw !== 'string') return raw;
  if (raw.length > rules.maxBytes * charactersPerByte) return { refused: 'userid-too-long' };
  // Only the percent-encoded form shows the encoding of the bytes, and whether `#` belongs to the userid or ends it.
  if (notAscii.test(raw) || raw.includes('#')) return { refused: 'userid-bad-encoding' };
  const decoded = decode(raw);
  if (decoded === null) return { refused: 'userid-bad-encoding' };
  return applyUseridRules(decoded, rules);
}

/** Applies the rules to a decoded userid. */
export function applyUseridRules(decoded: string, rules: UseridRules): UseridOutcome {
  if (controlCharacter.test(decoded)) return { refused: 'userid-control-character' };
  if (decoded.length * bytesPerUnit > rules.maxBytes && Buffer.byteLength(decoded) > rules.maxBytes) {
    return { refused: 'userid-too-long' };
  }
  const trimmed = rules.trim ? decoded.trim() : decoded;
  if (trimmed === '') return { refused: 'userid-empty' };
  return { userid: rules.foldCase ? trimmed.toLowerCase() : trimmed };
}

function findRawUserid(requestTarget: string): string | { refused: ErrorCode } {
  const queryStart = requestTarget.indexOf('?');
  if (queryStart < 0) return { refused: 'userid-missing' };
  let found: string | null = null;
  const query = requestTarget.slice(queryStart + 1);
  // The usual query has one parameter, and splitting it would cost more than the rest of this function.
  if (query.startsWith('userid=') && !query.includes('&')) return query.slice('userid='.length);
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    // A name may be percent-encoded too: every recipient that decodes names treats `user%69d` as a second `userid`.
    if (name !== 'userid' && decode(name) !== 'userid') continue;
    if (found !== null) return { refused: 'userid-repeated' };
    found = equals < 0 ? '' : pair.slice(equals + 1);
  }
  return found ?? { refused: 'userid-missing' };
}

/** Percent-decodes strict UTF-8 (no overlong forms, no surrogates); returns `null` for anything else. */
function decode(raw: string): string | null {
  const spaced = raw.includes('+') ? raw.replaceAll('+', ' ') : raw;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return null;
  }
}
