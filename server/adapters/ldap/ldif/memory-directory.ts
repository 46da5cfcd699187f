// In-memory LDAP directory: searches the entries of an LDIF file as a server would.
import { collectValues, covers } from '../attribute-names.ts';
import {
  type Directory,
  type DirectoryEntry,
  DirectoryRefusal,
  type DirectorySearch,
  resultCodes,
  type SearchScope,
} from '../directory.ts';
import { isWithin, keyOfDn, parseDn, type RelativeName } from '../wire/distinguished-name.ts';
import { givenUp } from '../wire/ldap-errors.ts';
import type { LdapFilter } from '../wire/ldap-filter.ts';
import { type ChainMatcher, keyOfValue, matchesFilter } from './match-filter.ts';

interface NamedEntry {
  readonly entry: DirectoryEntry;
  readonly names: readonly RelativeName[];
}

/** Entries that may match a filter; `null`: all. */
type Candidates = ReadonlySet<NamedEntry> | null;

/**
 * Searches a fixed list of entries. Each attribute that filters use is indexed on first use, so that a hundred thousand entries can be served.
 * `sizeLimit` applies; pages and ranges exist only in the network protocol.
 */
export function createMemoryDirectory(entries: readonly DirectoryEntry[]): Directory {
  const named: NamedEntry[] = entries.map((entry) => ({ entry, names: parseDn(entry.dn) ?? [] }));
  const byDn = new Map(named.map((one) => [keyOfDn(one.names), one]));
  const indexes = new Map<string, Map<string, NamedEntry[]>>();
  const knownBases = new Map<string, boolean>();

  /** Returns whether a base or an entry below it exists: an export often begins below its base. */
  function isBase(names: readonly RelativeName[]): boolean {
    const key = keyOfDn(names);
    const known = knownBases.get(key);
    if (known !== undefined) return known;
    const found = byDn.has(key) || named.some((one) => isWithin(one.names, names));
    knownBases.set(key, found);
    return found;
  }

  function indexOf(attribute: string): Map<string, NamedEntry[]> {
    const name = attribute.toLowerCase();
    const known = indexes.get(name);
    if (known) return known;
    const index = new Map<string, NamedEntry[]>();
    for (const one of named) {
      for (const key of new Set(collectValues(one.entry, name, null).map(keyOfValue))) {
        const holders = index.get(key);
        if (holders) holders.push(one);
        else index.set(key, [one]);
      }
    }
    indexes.set(name, index);
    return index;
  }

  function findCandidates(filter: LdapFilter): Candidates {
    switch (filter.kind) {
      case 'equal':
        return new Set(indexOf(filter.attribute).get(keyOfValue(filter.value)));
      case 'and': {
        const parts = filter.filters.map(findCandidates).filter((part) => part !== null);
        return parts.reduce<Candidates>(
          (least, part) => (least === null || part.size < least.size ? part : least),
          null,
        );
      }
      case 'or': {
        const parts = filter.filters.map(findCandidates);
        return parts.includes(null) ? null : new Set(parts.flatMap((part) => [...(part ?? [])]));
      }
      default:
        return null;
    }
  }

  /** Implements Active Directory's rule: the entry contains `value`, directly or through any number of other entries. */
  const matchesChain: ChainMatcher = (entry, attribute, value) => {
    const seen = new Set<string>();
    const queue = [keyOfValue(value)];
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      for (const holder of indexOf(attribute).get(key) ?? []) {
        if (holder.entry === entry) return true;
        const next = keyOfValue(Buffer.from(holder.entry.dn));
        if (!seen.has(next)) queue.push(next);
        seen.add(next);
      }
    }
    return false;
  };

  function find({
    purpose,
    base,
    scope,
    filter,
    attributes,
    sizeLimit,
    sampleSize,
  }: DirectorySearch): DirectoryEntry[] {
    const baseNames = parseDn(base);
    const ownEntry = baseNames === null ? undefined : byDn.get(keyOfDn(baseNames));
    if (baseNames === null || (scope === 'base' ? ownEntry === undefined : !isBase(baseNames))) {
      const message = `The search for ${purpose} has a base that does not exist. Compare the base with the file.`;
      throw new DirectoryRefusal('bad-answer', message, resultCodes.noSuchObject);
    }
    const pool = scope === 'base' ? (ownEntry ? [ownEntry] : []) : (findCandidates(filter) ?? named);
    const found: DirectoryEntry[] = [];
    for (const { entry, names } of pool) {
      if (!isInScope(names, baseNames, scope) || !matchesFilter(entry, filter, matchesChain)) continue;
      found.push(select(entry, attributes));
      if (found.length === sampleSize) break;
      if (sizeLimit !== undefined && found.length > sizeLimit) {
        const message = `The search for ${purpose} found more than ${sizeLimit} entries.`;
        throw new DirectoryRefusal('bad-answer', message, resultCodes.sizeLimitExceeded);
      }
    }
    return found;
  }

  return {
    async search(search, signal) {
      if (signal.aborted) throw givenUp();
      return find(search);
    },
  };
}

function isInScope(names: readonly RelativeName[], base: readonly RelativeName[], scope: SearchScope): boolean {
  if (!isWithin(names, base)) return false;
  const below = names.length - base.length;
  return scope === 'sub' || below === (scope === 'one' ? 1 : 0);
}

/** Returns only the requested attributes, with their options and subtypes; `*` is everything. */
function select(entry: DirectoryEntry, attributes: readonly string[]): DirectoryEntry {
  if (attributes.includes('*')) return entry;
  const isWanted = ([name]: readonly [string, unknown]) => attributes.some((wanted) => covers(wanted, name, null));
  return { dn: entry.dn, attributes: new Map([...entry.attributes].filter(isWanted)) };
}
