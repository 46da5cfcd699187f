// Strategy `tokenGroups`: Active Directory's list of a user's security groups, including nested and primary ones.
import { SourceError } from '../../user-source.ts';
import { type DirectoryEntry, readEntry, valuesOf } from '../directory.ts';
import { formatSid } from '../wire/attribute-values.ts';
import type { LdapFilter } from '../wire/ldap-filter.ts';
import { assertGroupCount, type FoundGroup, type GroupLookUp, groupAttributes, searchGroups } from './found-group.ts';

/**
 * Reads the identifiers and finds the group of each.
 *
 * @throws {SourceError} `bad-answer`: the server computes no identifiers (every user has at least a primary group), or a group cannot
 *   be found below `groups.base`.
 */
export async function findTokenGroups(user: DirectoryEntry, lookUp: GroupLookUp): Promise<FoundGroup[]> {
  const { directory, settings, signal } = lookUp;
  const { groups } = settings;
  // The server computes the attribute only for a search whose base is the entry itself.
  const toRead = { purpose: 'tokenGroups', base: user.dn, attributes: ['tokenGroups'] };
  const entry = await readEntry(directory, toRead, signal);
  const sids = entry === null ? [] : valuesOf(entry, 'tokenGroups');
  if (sids.length === 0) {
    throw new SourceError(
      'bad-answer',
      'The server returned no tokenGroups for this user. Grant the bind account read access; only Active Directory has tokenGroups.',
    );
  }
  assertGroupCount(sids.length, groups);
  const filters = sids.map((value): LdapFilter => ({ kind: 'equal', attribute: 'objectSid', value }));
  const attributes = [...new Set([...groupAttributes(groups), 'objectSid'])];
  const entries = await searchGroups(filters, lookUp, attributes);
  const found = new Set(entries.map((group) => valuesOf(group, 'objectSid')[0]?.toString('hex')));
  const missing = sids.filter((sid) => !found.has(sid.toString('hex')));
  if (missing.length > 0) {
    throw new SourceError(
      'bad-answer',
      `${missing.length} of the user's ${sids.length} groups are not below ${groups.base} or do not match groups.filter ` +
        `(${missing.slice(0, 3).map(formatSid).join(', ')}); set groups.base to the domain, and restrict the groups with groups.bases.`,
    );
  }
  return entries.map((group) => ({ dn: group.dn, entry: group, origin: "tokenGroups of the user's entry" }));
}
