// Lookup of one user in any LDAP directory: the entry, its groups and its values, or the reason why there is none.
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import type { LookUpSignal, UserOrigins } from '../user-source.ts';
import { type Directory, type DirectoryEntry, describeSearch } from './directory.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { type GroupNames, nameGroups } from './groups/group-names.ts';
import { groupStrategies } from './groups/group-strategies.ts';
import { findUserEntry, holdsUserid } from './user-entry.ts';
import { type AuthorizationValues, describeOrigin, mapAuthorizations } from './wire/attribute-values.ts';

/** Finds a user's entry; a server's implementation may combine several searches. */
export type EntryFinder = (userid: string, signal: LookUpSignal) => Promise<DirectoryEntry | null>;

export interface DirectoryUsers {
  readonly findUser: (userid: string, signal: LookUpSignal) => Promise<UserInfo | null>;
  isDisabled(userid: string, signal: LookUpSignal): Promise<boolean>;
  explainUser(userid: string, signal: LookUpSignal): Promise<UserOrigins | null>;
}

const noGroups: GroupNames = { named: [], dropped: [] };

export function createDirectoryUsers(
  directory: Directory,
  settings: DirectorySettings,
  findEntry: EntryFinder,
): DirectoryUsers {
  return {
    async findUser(userid, signal) {
      const entry = await findEntry(userid, signal);
      if (entry === null) return null;
      const { named } = await findGroups(entry, directory, settings, signal);
      return {
        groups: named.map(({ name }) => ({ name })),
        authorizations: textsByName(mapAuthorizations(entry, settings.authorizations)),
      };
    },

    async isDisabled(userid, signal) {
      const seen: DirectoryEntry[] = [];
      const entry = await findUserEntry(recordSearches(directory, [], seen), settings, userid, signal);
      return entry === null && seen[0] !== undefined && holdsUserid(seen[0], userid, settings);
    },

    async explainUser(userid, signal) {
      const asked: Array<{ query: string; outcome: string }> = [];
      const seen: DirectoryEntry[] = [];
      const recording = recordSearches(directory, asked, seen);
      const entry = await findUserEntry(recording, settings, userid, signal);
      if (entry === null) {
        return { absent: whyAbsent(seen[0], userid, settings), groups: [], authorizations: [], asked };
      }
      const { named, dropped } = await findGroups(entry, recording, settings, signal);
      const unnamed = dropped.map(({ dn, rule }) => ({ found: dn, rule }));
      const values = mapAuthorizations(entry, settings.authorizations, (found, rule) => unnamed.push({ found, rule }));
      const authorizations = [...values].flatMap(([name, byValue]) =>
        [...byValue].map(([value, by]) => ({ name, value, origin: describeOrigin(by) })),
      );
      return { groups: named, authorizations, asked, ...(unnamed.length > 0 && { dropped: unnamed }) };
    },
  };
}

function textsByName(values: AuthorizationValues): UserInfo['authorizations'] {
  const texts: [string, string[]][] = [];
  for (const [name, byValue] of values) texts.push([name, [...byValue.keys()]]);
  // fromEntries defines keys, so that an attribute named `__proto__` remains an attribute.
  return Object.fromEntries(texts);
}

async function findGroups(
  entry: DirectoryEntry,
  directory: Directory,
  settings: DirectorySettings,
  signal: LookUpSignal,
): Promise<GroupNames> {
  const lookUp = { directory, settings, signal };
  const groups = await groupStrategies[settings.groups.strategy](entry, lookUp);
  return groups.length === 0 ? noGroups : nameGroups(groups, lookUp);
}

function whyAbsent(entry: DirectoryEntry | undefined, userid: string, settings: DirectorySettings): string {
  if (entry === undefined) return 'no entry has this userid';
  if (holdsUserid(entry, userid, settings))
    return 'the entry is disabled: the filter of the preset or user.enabledFilter does not match it';
  return 'an entry was found whose userid is spelled differently; see user.caseInsensitive';
}

/** @param seen receives what was found, in order. */
function recordSearches(
  directory: Directory,
  asked: Array<{ query: string; outcome: string }>,
  seen: DirectoryEntry[],
): Directory {
  return {
    async search(search, signal) {
      const entries = await directory.search(search, signal);
      for (const entry of entries) seen.push(entry);
      const values = entries.reduce(
        (sum, { attributes }) => sum + [...attributes.values()].reduce((count, byValue) => count + byValue.length, 0),
        0,
      );
      asked.push({
        query: describeSearch(search),
        outcome: `${count(entries.length, 'entry', 'entries')}, ${count(values, 'value', 'values')}`,
      });
      return entries;
    },
  };
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
