// Finds the entry of a user: the search, and the evaluation of its results.
import { type LookUpSignal, SourceError } from '../user-source.ts';
import {
  type Directory,
  type DirectoryEntry,
  DirectoryRefusal,
  type DirectorySearch,
  resultCodes,
  textsOf,
  valuesOf,
} from './directory.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { matchesFilter } from './ldif/match-filter.ts';
import type { LdapFilter } from './wire/ldap-filter.ts';

/** Returns the search for one or several users. */
export function userSearch(
  { user, userAttributes }: DirectorySettings,
  filter: LdapFilter,
  sizeLimit: number,
): DirectorySearch {
  return { purpose: 'the user', base: user.base, scope: user.scope, filter, attributes: userAttributes, sizeLimit };
}

/**
 * Returns whether an entry is the user's. The directory's comparison ignores letter case, outer spaces and more, so it is not sufficient. A name that
 * differs only in these would be mistaken for the user's.
 */
export function holdsUserid(entry: DirectoryEntry, userid: string, { user }: DirectorySettings): boolean {
  const fold = (text: string) => (user.caseInsensitive ? text.toLowerCase() : text);
  const wanted = fold(userid);
  return user.useridAttributes.some((attribute) => textsOf(entry, attribute).some((text) => fold(text) === wanted));
}

const plainText = /^[a-z0-9@._+]*$/;

/**
 * Returns a text that is the same for all values that any matching rule considers equal (RFC 4517, 4.2; RFC 4518): without letter case, accents,
 * white space, hyphens (telephoneNumberMatch) or compatibility forms.
 */
export function foldLoosely(text: string): string {
  // Most values are plain, and this code runs for each lookup.
  if (plainText.test(text)) return text;
  return text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\s\p{Pd}]/gu, '')
    .toLowerCase();
}

/** Returns whether the entry shows the userid in another spelling, which its directory considers equal. */
function showsOtherSpelling(entry: DirectoryEntry, userid: string, { user }: DirectorySettings): boolean {
  const wanted = foldLoosely(userid);
  return user.useridAttributes.some((attribute) =>
    textsOf(entry, attribute).some((text) => foldLoosely(text) === wanted),
  );
}

/**
 * Returns the user's entry among all results of a search for this user; `null`: there is none, or it is disabled.
 *
 * @throws {SourceError} `bad-answer`: there are several entries, even if one is disabled or differs only in letter case. It is then unknown which one
 * is meant. Also if an entry shows no userid, a userid that is not a spelling of this one, or not whether its user is disabled.
 */
export function selectUserEntry(
  entries: readonly DirectoryEntry[],
  userid: string,
  settings: DirectorySettings,
): DirectoryEntry | null {
  const [entry] = entries;
  if (entries.length > 1) throw ambiguousUser();
  if (entry === undefined) return null;
  if (!holdsUserid(entry, userid, settings)) {
    if (!showsUserid(entry, settings)) throw unnamedUser(settings);
    if (showsOtherSpelling(entry, userid, settings)) return null;
    throw otherUser(settings);
  }
  const { enabledFilter, statusAttribute } = settings.user;
  if (statusAttribute !== null && valuesOf(entry, statusAttribute).length === 0) throw hiddenStatus(statusAttribute);
  return enabledFilter === null || matchesFilter(entry, enabledFilter) ? entry : null;
}

function showsUserid(entry: DirectoryEntry, { user }: DirectorySettings): boolean {
  return user.useridAttributes.some((attribute) => valuesOf(entry, attribute).length > 0);
}

/** Returns the error for an entry without a readable userid. A server may allow an account to search for a value that the account may not read. */
function unnamedUser({ user }: DirectorySettings): SourceError {
  return new SourceError(
    'bad-answer',
    `The entry that was found has no readable ${user.useridAttributes.join(' or ')}. Grant the bind account read access, or correct user.attributes.`,
  );
}

/**
 * Returns the error for an entry with another userid. The filter compares an attribute other than the one that is verified, so no user would ever be
 * found.
 */
function otherUser({ user }: DirectorySettings): SourceError {
  const names = user.useridAttributes.join(' or ');
  return new SourceError(
    'bad-answer',
    `The entry that source.user.filter finds has a ${names} that differs from the userid. Set source.user.attributes to the attributes that the filter compares, and make the filter compare whole values.`,
  );
}

function hiddenStatus(attribute: string): SourceError {
  return new SourceError(
    'bad-answer',
    `The entry that was found has no readable ${attribute}, which shows whether a user is disabled. Grant the bind account read access to it.`,
  );
}

function ambiguousUser(): SourceError {
  return new SourceError(
    'bad-answer',
    'Several entries match this user. Make the userid unique in the directory, or narrow user.filter.',
  );
}

/** Finds a user's entry with a separate search. @throws {SourceError} as `selectUserEntry` does. */
export async function findUserEntry(
  directory: Directory,
  settings: DirectorySettings,
  userid: string,
  signal: LookUpSignal,
): Promise<DirectoryEntry | null> {
  // No directory compares a NUL; some truncate the value there and would find another user.
  if (userid === '' || userid.includes('\0')) return null;
  // Two results are sufficient to detect that the user is ambiguous.
  const search = userSearch(settings, settings.user.filterFor(userid), 2);
  try {
    return selectUserEntry(await directory.search(search, signal), userid, settings);
  } catch (error) {
    if (error instanceof DirectoryRefusal && error.resultCode === resultCodes.sizeLimitExceeded) throw ambiguousUser();
    throw error;
  }
}
