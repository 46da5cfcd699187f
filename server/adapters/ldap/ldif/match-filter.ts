// Evaluates a filter for an entry without a server: for files, the stub server and `enabledFilter`.
import { collectValues } from '../attribute-names.ts';
import type { DirectoryEntry } from '../directory.ts';
import { foldText, keyOfDn, parseDn } from '../wire/distinguished-name.ts';
import type { ExtensibleFilter, LdapFilter, SubstringsFilter } from '../wire/ldap-filter.ts';

/** Matching rules of Active Directory (MS-ADTS, 3.1.1.3.4.4): the first requires all bits to be set, the second any bit. */
const bitAnd = '1.2.840.113556.1.4.803';
const bitOr = '1.2.840.113556.1.4.804';
/** Matching rule for membership through any number of groups. */
export const inChain = '1.2.840.113556.1.4.1941';

/** Evaluates `inChain`, which needs more than the entry. @returns `null` if there is no directory to search. */
export type ChainMatcher = (entry: DirectoryEntry, attribute: string, value: Buffer) => boolean | null;

/** True, false, or `null`: undefined, as in RFC 4511, 4.5.1.7; only true is a match. */
type FilterResult = boolean | null;

/**
 * Returns whether the entry matches. Without a schema, every attribute is compared as a directory string, ignoring letter case. A value that is a
 * distinguished name with several parts is compared as a distinguished name.
 */
export function matchesFilter(
  entry: DirectoryEntry,
  filter: LdapFilter,
  matchesChain: ChainMatcher = () => null,
): boolean {
  return evaluate(entry, filter, matchesChain) === true;
}

/** Returns a key that is the same for all values that match each other. */
export function keyOfValue(value: Buffer): string {
  const text = value.toString('utf8');
  if (!Buffer.from(text).equals(value)) return `hex:${value.toString('hex')}`;
  // Most values are not names: checking for `=` and `,` first makes this fast.
  const names = text.includes('=') && text.includes(',') ? parseDn(text) : null;
  return names !== null && names.length > 1 ? `dn:${keyOfDn(names)}` : `text:${foldText(text)}`;
}

function evaluate(entry: DirectoryEntry, filter: LdapFilter, matchesChain: ChainMatcher): FilterResult {
  switch (filter.kind) {
    case 'and': {
      const parts = filter.filters.map((part) => evaluate(entry, part, matchesChain));
      return parts.includes(false) ? false : parts.includes(null) ? null : true;
    }
    case 'or': {
      const parts = filter.filters.map((part) => evaluate(entry, part, matchesChain));
      return parts.includes(true) ? true : parts.includes(null) ? null : false;
    }
    case 'not': {
      const inner = evaluate(entry, filter.filter, matchesChain);
      return inner === null ? null : !inner;
    }
    case 'present':
      return collectValues(entry, filter.attribute, null).length > 0;
    case 'equal':
    case 'approximate': {
      const wanted = keyOfValue(filter.value);
      return collectValues(entry, filter.attribute, null).some((value) => keyOfValue(value) === wanted);
    }
    case 'atLeast':
      return collectValues(entry, filter.attribute, null).some((value) => compareValues(value, filter.value) >= 0);
    case 'atMost':
      return collectValues(entry, filter.attribute, null).some((value) => compareValues(value, filter.value) <= 0);
    case 'substrings':
      return collectValues(entry, filter.attribute, null).some((value) =>
        hasSubstrings(value.toString('utf8'), filter),
      );
    case 'extensible':
      return evaluateExtensible(entry, filter, matchesChain);
  }
}

/** Compares numbers by value, and everything else as text. */
function compareValues(a: Buffer, b: Buffer): number {
  const [left, right] = [a.toString('utf8'), b.toString('utf8')];
  if (/^-?\d+$/.test(left) && /^-?\d+$/.test(right)) {
    const difference = BigInt(left) - BigInt(right);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  const [one, other] = [foldText(left), foldText(right)];
  return one < other ? -1 : one > other ? 1 : 0;
}

function hasSubstrings(value: string, { initial, any, final }: SubstringsFilter): boolean {
  const text = foldText(value);
  const fold = (part: Buffer) => part.toString('utf8').normalize('NFKC').toLowerCase();
  const [first, last] = [fold(initial), fold(final)];
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let place = first.length;
  for (const part of any.map(fold)) {
    const found = text.indexOf(part, place);
    if (found < 0) return false;
    place = found + part.length;
  }
  return place <= text.length - last.length;
}

function evaluateExtensible(
  entry: DirectoryEntry,
  { rule, attribute, dnAttributes, value }: ExtensibleFilter,
  matchesChain: ChainMatcher,
): FilterResult {
  if (attribute === '' || dnAttributes) return null;
  if (rule === inChain) return matchesChain(entry, attribute, value);
  if (rule !== bitAnd && rule !== bitOr) return null;
  const wanted = toInteger(value);
  if (wanted === null) return null;
  return collectValues(entry, attribute, null).some((candidate) => {
    const bits = toInteger(candidate);
    return bits !== null && (rule === bitAnd ? (bits & wanted) === wanted : (bits & wanted) !== 0n);
  });
}

function toInteger(value: Buffer): bigint | null {
  const text = value.toString('utf8');
  return /^-?\d{1,20}$/.test(text) ? BigInt(text) : null;
}
