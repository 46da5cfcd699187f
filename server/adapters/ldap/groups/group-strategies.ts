// Strategies that find a user's groups; the configuration selects one.
import { SourceError } from '../../user-source.ts';
import { type DirectoryEntry, textsOf, valuesOf } from '../directory.ts';
import { inChain } from '../ldif/match-filter.ts';
import type { GroupStrategyName } from '../presets.ts';
import type { LdapFilter } from '../wire/ldap-filter.ts';
import {
  assertGroupCount,
  type FoundGroup,
  type GroupLookUp,
  type GroupStrategy,
  searchGroups,
} from './found-group.ts';
import { findPrimaryGroup } from './primary-group.ts';
import { findTokenGroups } from './token-groups.ts';

export const groupStrategies: Readonly<Record<GroupStrategyName, GroupStrategy>> = {
  none: async () => [],
  memberOf: findByMemberOf,
  search: findByMember,
  inChain: findInChain,
  recursive: findRecursively,
  tokenGroups: findTokenGroups,
};

/** Finds the groups in the user's own entry; the server decides whether nested ones are included. */
async function findByMemberOf(user: DirectoryEntry, lookUp: GroupLookUp): Promise<FoundGroup[]> {
  const names = [...new Set(textsOf(user, 'memberOf'))];
  assertGroupCount(names.length, lookUp.settings.groups);
  const origin = "memberOf of the user's entry";
  return withPrimaryGroup(
    names.map((dn) => ({ dn, entry: null, origin })),
    await findPrimaryGroup(user, lookUp),
  );
}

/** Finds the groups that list the user as a member. */
async function findByMember(user: DirectoryEntry, lookUp: GroupLookUp): Promise<FoundGroup[]> {
  const { memberAttribute, memberValue } = lookUp.settings.groups;
  const values = memberValue === 'dn' ? [Buffer.from(user.dn)] : valuesOf(user, memberValue);
  // Without a value, no group can list this user, and a search without a value would match everything.
  if (values.length === 0) throw missingMemberValue(memberValue);
  const members = values.map((value): LdapFilter => ({ kind: 'equal', attribute: memberAttribute, value }));
  const [entries, primary] = await Promise.all([searchGroups(members, lookUp), findPrimaryGroup(user, lookUp)]);
  const origin = `attribute ${memberAttribute} of the group`;
  return withPrimaryGroup(
    entries.map((entry) => ({ dn: entry.dn, entry, origin })),
    primary,
  );
}

/** Finds the groups that list the user, and the groups that contain these groups, as resolved by Active Directory. */
async function findInChain(user: DirectoryEntry, lookUp: GroupLookUp): Promise<FoundGroup[]> {
  const { memberAttribute: attribute } = lookUp.settings.groups;
  const primary = await findPrimaryGroup(user, lookUp);
  const members = [user.dn, ...(primary === null ? [] : [primary.dn])].map(
    (dn): LdapFilter => ({ kind: 'extensible', rule: inChain, attribute, dnAttributes: false, value: Buffer.from(dn) }),
  );
  const entries = await searchGroups(members, lookUp);
  const origin = `${attribute}, in chain`;
  return withPrimaryGroup(
    entries.map((entry) => ({ dn: entry.dn, entry, origin })),
    primary,
  );
}

/**
 * Finds groups that list the user, then the groups that contain these, level by level, with one search per level for each 200 groups. A known group
 * is not searched again, so cycles end.
 */
async function findRecursively(user: DirectoryEntry, lookUp: GroupLookUp): Promise<FoundGroup[]> {
  const { memberAttribute, maxDepth, maxGroups } = lookUp.settings.groups;
  const primary = await findPrimaryGroup(user, lookUp);
  const found = new Map<string, FoundGroup>(primary === null ? [] : [[primary.dn, primary]]);
  let level = [user.dn, ...found.keys()];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth + 1) {
      throw new SourceError(
        'bad-answer',
        `A user's groups are nested deeper than groups.maxDepth (${maxDepth}), so the list of groups is incomplete.`,
      );
    }
    const members = level.map(
      (dn): LdapFilter => ({ kind: 'equal', attribute: memberAttribute, value: Buffer.from(dn) }),
    );
    const entries = await searchGroups(members, lookUp);
    level = [];
    for (const entry of entries) {
      if (found.has(entry.dn)) continue;
      found.set(entry.dn, { dn: entry.dn, entry, origin: `attribute ${memberAttribute} of the group, level ${depth}` });
      level.push(entry.dn);
    }
    assertGroupCount(found.size, { ...lookUp.settings.groups, maxGroups });
  }
  return [...found.values()];
}

function withPrimaryGroup(groups: readonly FoundGroup[], primary: FoundGroup | null): FoundGroup[] {
  if (primary === null || groups.some(({ dn }) => dn === primary.dn)) return [...groups];
  return [...groups, primary];
}

function missingMemberValue(attribute: string): SourceError {
  return new SourceError(
    'bad-answer',
    `The user's entry has no ${attribute}, which groups use to identify their members (groups.memberValue).`,
  );
}
