// A bounded sample of users and their memberships, which shows whether the bind account can read what every lookup requires.
import { SourceError } from '../../user-source.ts';
import { type DirectoryEntry, DirectoryRefusal, readEntry, textsOf, valuesOf } from '../directory.ts';
import { holdsUserid } from '../user-entry.ts';
import { isWithin, parseDn } from '../wire/distinguished-name.ts';
import { anyOf, type LdapFilter } from '../wire/ldap-filter.ts';
import type { GroupLookUp } from './found-group.ts';

/** Result of examining a sample. `empty`: there is no user to examine. */
export interface SampleFinding {
  readonly verdict: 'works' | 'fails' | 'empty';
  /** What was found, as the end of a sentence, without user data. */
  readonly text: string;
  /** The remedy, in the imperative; empty if everything works. */
  readonly remedy: string;
}

/** Maximum number of users in a sample. */
const sampledUsers = 20;
/** Maximum number of groups in a sample, read with their members. */
const sampledGroups = 5;
const membershipAttributes = ['member', 'uniqueMember', 'memberUid'] as const;
const classesOfAttributes: Readonly<Record<string, string>> = {
  member: 'groupOfNames',
  uniqueMember: 'groupOfUniqueNames',
  memberUid: 'posixGroup',
};
const readRight = 'Grant the bind account read access to it';

/** Returns entries that the user filter matches with any userid; at most twenty. */
export function sampleUsers(lookUp: GroupLookUp): Promise<readonly DirectoryEntry[]> {
  const { user, userAttributes } = lookUp.settings;
  return searchUsers(lookUp, 'a sample of users', user.anyUserFilter, userAttributes);
}

function searchUsers(
  { directory, settings, signal }: GroupLookUp,
  purpose: string,
  filter: LdapFilter,
  attributes: readonly string[],
): Promise<readonly DirectoryEntry[]> {
  const { base, scope } = settings.user;
  return directory.search({ purpose, base, scope, filter, attributes, sampleSize: sampledUsers }, signal);
}

/**
 * Determines whether `user.filter` finds a user of the sample by the user's own userid. A filter that compares an attribute other than
 * `user.attributes` does not find any user.
 *
 * @throws {SourceError} as `Directory.search`.
 */
export async function sampleUserFilter(lookUp: GroupLookUp, users: readonly DirectoryEntry[]): Promise<SampleFinding> {
  const { useridAttributes, filterFor } = lookUp.settings.user;
  const names = useridAttributes.join(' or ');
  const userids = users.flatMap((entry) =>
    useridAttributes.flatMap((attribute) => textsOf(entry, attribute).slice(0, 1)),
  );
  if (userids.length === 0) return noUsers;
  const found = await searchUsers(lookUp, 'a sample of users', anyOf(userids.map(filterFor)), useridAttributes);
  if (found.some((entry) => userids.some((userid) => holdsUserid(entry, userid, lookUp.settings)))) {
    return works(`source.user.filter finds a sampled user by the user's own ${names}`);
  }
  return fails(
    `source.user.filter finds no sampled user by the user's own ${names}`,
    'Compare the attributes in source.user.filter with source.user.attributes',
  );
}

/**
 * Determines whether any user in a sample has a membership that the configured strategy would find. Name rules (include, exclude,
 * rename) are not applied: they exclude groups on purpose.
 *
 * @returns `null`: the strategy finds no groups by design, or reports missing ones itself (tokenGroups).
 * @throws {SourceError} as `Directory.search`.
 */
export async function sampleMemberships(lookUp: GroupLookUp): Promise<SampleFinding | null> {
  switch (lookUp.settings.groups.strategy) {
    case 'none':
    case 'tokenGroups':
      return null;
    case 'memberOf':
      return sampleMemberOf(lookUp);
    default:
      return sampleMembers(lookUp);
  }
}

async function sampleMemberOf(lookUp: GroupLookUp): Promise<SampleFinding> {
  const { settings } = lookUp;
  const { anyUserFilter } = settings.user;
  const filter: LdapFilter = { kind: 'and', filters: [anyUserFilter, { kind: 'present', attribute: 'memberOf' }] };
  const found = await searchUsers(lookUp, 'a sample of memberships', filter, ['memberOf']);
  const named = found.flatMap((entry) => textsOf(entry, 'memberOf'));
  if (named.length === 0) {
    if ((await sampleUsers(lookUp)).length === 0) return noUsers;
    return fails(
      'no user below source.user.base has a readable memberOf',
      `${readRight}, or set source.groups.strategy to search`,
    );
  }
  const { bases } = settings.groups.rules;
  const isKept = (dn: string) => bases.some((kept) => isWithin(parseDn(dn) ?? [], kept));
  if (bases.length === 0 || named.some(isKept)) return works('users have a readable memberOf');
  // No user in the sample is in a group below these bases, which is possible even if such groups exist.
  if (settings.groups.base === '' || (await findGroupEntries(lookUp)).length > 0) {
    return works('users have a readable memberOf');
  }
  return noGroups;
}

async function sampleMembers(lookUp: GroupLookUp): Promise<SampleFinding> {
  const { memberAttribute, memberValue } = lookUp.settings.groups;
  const users = await sampleUsers(lookUp);
  if (users.length === 0) return noUsers;
  const values = users.flatMap((entry) =>
    memberValue === 'dn' ? [Buffer.from(entry.dn)] : valuesOf(entry, memberValue),
  );
  const worked = works(`groups list users in ${memberAttribute}`);
  if (values.length > 0) {
    const naming = anyOf(values.map((value) => ({ kind: 'equal', attribute: memberAttribute, value })));
    if ((await searchGroups(lookUp, naming, [])).length > 0) return worked;
  }
  // None of these users is a member: determine whether the groups have other members, and in which form.
  const present: LdapFilter = { kind: 'present', attribute: memberAttribute };
  const groups = await searchGroups(lookUp, present, [memberAttribute]);
  const members = groups.flatMap((entry) => valuesOf(entry, memberAttribute)).map((value) => value.toString('utf8'));
  // A group matches but hides its members: the account can search by member, and lookups require no more.
  if (members.length === 0 && groups.length > 0) return works(`groups can be searched by ${memberAttribute}`);
  if (members.length === 0) return describeMissingMembers(lookUp);
  const areNames = members.some((member) => (parseDn(member) ?? []).length > 0);
  if (memberValue === 'dn' && !areNames) {
    return fails(
      `the values of ${memberAttribute} are not distinguished names`,
      'Set source.groups.memberValue to the attribute of users that holds these values, for example uid',
    );
  }
  if (await areUsers(members, lookUp)) return worked;
  if (memberValue !== 'dn' && areNames) {
    return fails(
      `the values of ${memberAttribute} are distinguished names, not values of ${memberValue}`,
      'Leave out source.groups.memberValue',
    );
  }
  return fails(
    'the groups below source.groups.base list none of the sampled users',
    'Compare source.user.base, source.user.filter and source.groups.base with the members of these groups',
  );
}

/** Returns why no group shows a member. */
async function describeMissingMembers(lookUp: GroupLookUp): Promise<SampleFinding> {
  const { memberAttribute } = lookUp.settings.groups;
  const entries = await findGroupEntries(lookUp);
  if (entries.length === 0) return noGroups;
  const other = membershipAttributes.find(
    (attribute) =>
      attribute.toLowerCase() !== memberAttribute.toLowerCase() &&
      entries.some((entry) => valuesOf(entry, attribute).length > 0),
  );
  if (other === undefined) {
    const text = `the groups below source.groups.base have no readable ${memberAttribute}`;
    return fails(text, `${readRight}, or correct source.groups.memberAttribute`);
  }
  const isMatched = (await searchGroups(lookUp, { kind: 'present', attribute: other }, [])).length > 0;
  const alsoFilter = isMatched ? '' : ` and source.groups.filter to (objectClass=${classesOfAttributes[other]})`;
  return fails(
    `the groups below source.groups.base list their members in ${other}, not in ${memberAttribute}`,
    `Set source.groups.memberAttribute to ${other}${alsoFilter}${other === 'memberUid' ? ', with memberValue uid' : ''}`,
  );
}

/** Returns a few entries below `groups.base` that match the group filter or have members. */
function findGroupEntries(lookUp: GroupLookUp): Promise<readonly DirectoryEntry[]> {
  const present = membershipAttributes.map((attribute): LdapFilter => ({ kind: 'present', attribute }));
  return searchEntries(lookUp, anyOf([lookUp.settings.groups.filter, ...present]), membershipAttributes);
}

function searchGroups(lookUp: GroupLookUp, condition: LdapFilter, attributes: readonly string[]) {
  return searchEntries(lookUp, { kind: 'and', filters: [lookUp.settings.groups.filter, condition] }, attributes);
}

function searchEntries(
  { directory, settings, signal }: GroupLookUp,
  filter: LdapFilter,
  attributes: readonly string[],
): Promise<readonly DirectoryEntry[]> {
  const { base, scope } = settings.groups;
  const sampleSize = attributes.length === 0 ? 1 : sampledGroups;
  return directory.search({ purpose: 'a sample of groups', base, scope, filter, attributes, sampleSize }, signal);
}

/** Returns whether one of a group's members is a user below `user.base`. */
async function areUsers(members: readonly string[], lookUp: GroupLookUp): Promise<boolean> {
  const { anyUserFilter: filter, base: userBase } = lookUp.settings.user;
  const { memberValue } = lookUp.settings.groups;
  const purpose = 'a sample of members';
  if (memberValue !== 'dn') {
    const values = members.slice(0, sampledUsers).map((text) => Buffer.from(text));
    const anyValue = anyOf(values.map((value) => ({ kind: 'equal', attribute: memberValue, value })));
    return (await searchUsers(lookUp, purpose, { kind: 'and', filters: [filter, anyValue] }, [])).length > 0;
  }
  const userNames = parseDn(userBase) ?? [];
  const candidates = members.filter((dn) => isWithin(parseDn(dn) ?? [], userNames)).slice(0, sampledGroups);
  for (const base of candidates) {
    const entry = await readEntry(lookUp.directory, { purpose, base, filter }, lookUp.signal).catch(
      (error: unknown) => {
        // A member that was deleted.
        if (error instanceof DirectoryRefusal && error.kind === 'bad-answer') return null;
        throw error;
      },
    );
    if (entry !== null) return true;
  }
  return false;
}

function works(text: string): SampleFinding {
  return { verdict: 'works', text, remedy: '' };
}

function fails(text: string, remedy: string): SampleFinding {
  return { verdict: 'fails', text, remedy };
}

const noUsers: SampleFinding = {
  verdict: 'empty',
  text: 'no user below source.user.base is visible',
  remedy: 'Compare source.user.base and source.user.filter with the directory, and grant the bind account read access',
};

const noGroups: SampleFinding = fails(
  'no group below source.groups.base is visible',
  'Compare source.groups.base and source.groups.filter with the directory, and grant the bind account read access',
);

/** @throws {SourceError} `unavailable`: every user would be served without groups. */
export function assertMemberships(finding: SampleFinding | null): void {
  if (finding?.verdict !== 'fails') return;
  throw new SourceError(
    'unavailable',
    `Every user would be served without groups: ${finding.text}. ${finding.remedy}. If these users really have no groups, set guards.answers.onNoGroups: allow.`,
  );
}
