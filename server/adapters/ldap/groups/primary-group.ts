// Primary group of an Active Directory user, which no membership attribute contains.
import { SourceError } from '../../user-source.ts';
import { type DirectoryEntry, textsOf, valuesOf } from '../directory.ts';
import { replaceRelativeId } from '../wire/attribute-values.ts';
import { type FoundGroup, type GroupLookUp, groupAttributes } from './found-group.ts';

/**
 * Returns the group whose identifier equals the user's identifier with `primaryGroupID` as its last part; `null` if primary groups are not
 * configured.
 *
 * @throws {SourceError} `bad-answer`: the user's entry lacks `objectSid` or `primaryGroupID`, or the group is not found exactly once.
 */
export async function findPrimaryGroup(
  user: DirectoryEntry,
  { directory, settings: { groups, user: userSettings }, signal }: GroupLookUp,
): Promise<FoundGroup | null> {
  if (!groups.primaryGroup) return null;
  const [member] = valuesOf(user, 'objectSid');
  const [relativeId = ''] = textsOf(user, 'primaryGroupID');
  const sid = member && /^\d{1,10}$/.test(relativeId) ? replaceRelativeId(member, Number(relativeId)) : null;
  if (sid === null) {
    throw new SourceError(
      'bad-answer',
      "The user's entry has no objectSid or no primaryGroupID that this account can read. Grant read access, or set groups.primaryGroup to false.",
    );
  }
  // The primary group is in the domain's own container, which may be outside of groups.base; groups.bases is applied later.
  const base = groups.base === '' ? userSettings.base : groups.base;
  const [entry, ...others] = await directory.search(
    {
      purpose: 'the primary group',
      base,
      scope: 'sub',
      filter: { kind: 'equal', attribute: 'objectSid', value: sid },
      attributes: groupAttributes(groups),
    },
    signal,
  );
  if (entry === undefined || others.length > 0) {
    throw new SourceError(
      'bad-answer',
      `The primary group was not found exactly once below ${base}; set groups.base to the domain, and restrict the groups with groups.bases.`,
    );
  }
  return { dn: entry.dn, entry, origin: "primaryGroupID of the user's entry" };
}
