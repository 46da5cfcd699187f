// Result of a group strategy: groups without names yet, and the reader of group entries.
import { setMaxListeners } from 'node:events';
import { type LookUpSignal, SourceError } from '../../user-source.ts';
import { type Directory, type DirectoryEntry, readEntry } from '../directory.ts';
import type { DirectorySettings, GroupSettings } from '../directory-settings.ts';
import { anyOf, type LdapFilter } from '../wire/ldap-filter.ts';

export interface FoundGroup {
  readonly dn: string;
  /** `null`: the strategy finds only the name; the entry is read only if that is not sufficient. */
  readonly entry: DirectoryEntry | null;
  /** Origin of the membership, as text: "memberOf of the user's entry". */
  readonly origin: string;
}

/** Input of every strategy. */
export interface GroupLookUp {
  readonly directory: Directory;
  readonly settings: DirectorySettings;
  readonly signal: LookUpSignal;
}

/** All groups of a user, or an error. */
export type GroupStrategy = (user: DirectoryEntry, lookUp: GroupLookUp) => Promise<FoundGroup[]>;

/** Returns the attributes to read from a group's entry. */
export function groupAttributes({ name }: GroupSettings): string[] {
  if (name === 'dn') return [];
  return [name === 'sid' ? 'objectSid' : name];
}

/** Maximum number of filters in one search: servers limit the length of a request and the number of parts of a filter. */
const filtersPerSearch = 200;

/** Searches for the groups that match `groups.filter` and any of `filters`, in as many concurrent searches as necessary. */
export async function searchGroups(
  filters: readonly LdapFilter[],
  { directory, settings: { groups }, signal }: GroupLookUp,
  attributes = groupAttributes(groups),
): Promise<DirectoryEntry[]> {
  const chunks: LdapFilter[][] = [];
  for (let start = 0; start < filters.length; start += filtersPerSearch) {
    chunks.push(filters.slice(start, start + filtersPerSearch));
  }
  allowListeners(signal, chunks.length);
  const found = await Promise.all(
    chunks.map((chunk) => {
      const filter: LdapFilter = { kind: 'and', filters: [groups.filter, anyOf(chunk)] };
      const { base, scope } = groups;
      return directory.search({ purpose: 'the groups', base, scope, filter, attributes }, signal);
    }),
  );
  // A group that matches the filters of two searches is found twice.
  const entries = [...new Map(found.flat().map((entry) => [entry.dn, entry])).values()];
  assertGroupCount(entries.length, groups);
  return entries;
}

/**
 * Removes the limit on the listeners of `signal`. Each search listens for the end of the lookup; Node would report more than ten listeners as a leak.
 */
function allowListeners(signal: LookUpSignal, searches: number): void {
  if (searches > 2 && signal instanceof AbortSignal) setMaxListeners(0, signal);
}

/** @throws {SourceError} `bad-answer` above `groups.maxGroups`. */
export function assertGroupCount(count: number, { maxGroups }: GroupSettings): void {
  if (count <= maxGroups) return;
  throw new SourceError('bad-answer', `A user has more groups than groups.maxGroups (${maxGroups}) allows.`);
}

/**
 * Reads the entries of groups that are known by name only; groups that do not match `groups.filter` are left out.
 *
 * @throws {SourceError} `bad-answer`: an entry cannot be read. For an unreadable entry, some servers return nothing instead of an error.
 */
export async function readGroupEntries(
  groups: readonly FoundGroup[],
  { directory, settings, signal }: GroupLookUp,
): Promise<FoundGroup[]> {
  const { isFilterGiven, filter } = settings.groups;
  allowListeners(signal, groups.length);
  const read = await Promise.all(
    groups.map(async (group): Promise<FoundGroup[]> => {
      const toRead = { purpose: 'a group', base: group.dn };
      const attributes = groupAttributes(settings.groups);
      const entry = await readEntry(directory, { ...toRead, attributes, ...(isFilterGiven && { filter }) }, signal);
      if (entry !== null) return [{ ...group, entry }];
      // A group that does not match the filter looks the same as one that the account is not allowed to see.
      if (isFilterGiven && (await readEntry(directory, toRead, signal)) !== null) return [];
      throw new SourceError(
        'bad-answer',
        "The bind account cannot read a group that the user's entry lists, so the name of the group is unknown. Grant read access, or exclude the group with groups.bases.",
      );
    }),
  );
  return read.flat();
}
