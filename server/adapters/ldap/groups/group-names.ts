// Names of groups: their origin, and the rules that keep, drop and rename them.
import { SourceError } from '../../user-source.ts';
import { textsOf, valuesOf } from '../directory.ts';
import type { GroupRules, GroupSettings } from '../directory-settings.ts';
import { formatSid } from '../wire/attribute-values.ts';
import { foldText, isWithin, parseDn } from '../wire/distinguished-name.ts';
import { type FoundGroup, type GroupLookUp, readGroupEntries } from './found-group.ts';

export interface NamedGroup {
  readonly name: string;
  readonly origin: string;
}

/** A group that a rule dropped. */
export interface DroppedGroup {
  readonly dn: string;
  /** e.g. "groups.exclude" */
  readonly rule: string;
}

export interface GroupNames {
  /** Each name once. */
  readonly named: readonly NamedGroup[];
  readonly dropped: readonly DroppedGroup[];
}

/** Names the groups, and applies the rules in order: bases, filter, include, exclude, rename, case. */
export async function nameGroups(groups: readonly FoundGroup[], lookUp: GroupLookUp): Promise<GroupNames> {
  const settings = lookUp.settings.groups;
  const { rules } = settings;
  const dropped: DroppedGroup[] = [];
  const within = groups.filter(({ dn }) => {
    const kept = rules.bases.length === 0 || isBelowAny(dn, rules.bases);
    if (!kept) dropped.push({ dn, rule: 'groups.bases' });
    return kept;
  });
  const named = new Map<string, NamedGroup>();
  for (const group of await completeEntries(within, lookUp, dropped)) {
    const original = nameOf(group, settings);
    const rule = droppingRule(original, rules);
    if (rule !== null) {
      dropped.push({ dn: group.dn, rule });
      continue;
    }
    const name = applyRenames(original, rules);
    if (name === '') dropped.push({ dn: group.dn, rule: 'groups.rename, which leaves an empty name' });
    else if (!named.has(name)) named.set(name, { name, origin: describeOrigin(group, original, name) });
  }
  return { named: [...named.values()], dropped };
}

function isBelowAny(dn: string, bases: GroupRules['bases']): boolean {
  const names = parseDn(dn);
  if (names === null) {
    throw new SourceError('bad-answer', 'The directory refers to a group by a value that is not a distinguished name.');
  }
  return bases.some((base) => isWithin(names, base));
}

/** Reads the entries whose name is unknown, or of which it is unknown whether they match a configured filter. */
async function completeEntries(
  groups: readonly FoundGroup[],
  lookUp: GroupLookUp,
  dropped: DroppedGroup[],
): Promise<FoundGroup[]> {
  const settings = lookUp.settings.groups;
  const isUnread = (group: FoundGroup) =>
    group.entry === null &&
    (settings.isFilterGiven || (settings.name !== 'dn' && findNamingValue(group, settings) === null));
  const unread = groups.filter(isUnread);
  if (unread.length === 0) return [...groups];
  const read = new Map((await readGroupEntries(unread, lookUp)).map((group) => [group.dn, group]));
  return groups.flatMap((group) => {
    if (!isUnread(group)) return [group];
    const complete = read.get(group.dn);
    if (complete === undefined) dropped.push({ dn: group.dn, rule: 'groups.filter' });
    return complete ?? [];
  });
}

/** Returns the value of the naming attribute in the entry's own name; `null`: the entry is named by another attribute. */
function findNamingValue({ dn }: FoundGroup, { name }: GroupSettings): string | null {
  const parts = parseDn(dn)?.[0] ?? [];
  return parts.find(({ type }) => type === name.toLowerCase())?.value ?? null;
}

function nameOf(group: FoundGroup, settings: GroupSettings): string {
  const { name } = settings;
  if (name === 'dn') return group.dn;
  if (name === 'sid') return sidOf(group);
  const values = group.entry === null ? [] : textsOf(group.entry, name);
  const [only] = values;
  if (only !== undefined && values.length === 1) return only;
  // If there are several values, the one in the entry's name is the group's name.
  const naming = findNamingValue(group, settings);
  if (group.entry === null && naming !== null) return naming;
  const own = naming === null ? undefined : values.find((value) => foldText(value) === foldText(naming));
  if (own !== undefined) return own;
  throw new SourceError(
    'bad-answer',
    `A group has ${values.length === 0 ? 'no' : 'several values of'} ${name}. Set groups.name to an attribute with exactly one value in every group, or narrow groups.filter.`,
  );
}

function sidOf({ entry }: FoundGroup): string {
  const [bytes] = entry === null ? [] : valuesOf(entry, 'objectSid');
  const sid = bytes === undefined ? null : formatSid(bytes);
  if (sid === null)
    throw new SourceError('bad-answer', 'A group has no objectSid that this account can read; set groups.name.');
  return sid;
}

function droppingRule(name: string, { include, exclude }: GroupRules): string | null {
  if (include !== null && !include.test(name)) return 'groups.include';
  return exclude?.test(name) ? 'groups.exclude' : null;
}

function applyRenames(original: string, { rename, letterCase }: GroupRules): string {
  const renamed = rename.reduce((name, { pattern, replacement }) => name.replace(pattern, replacement), original);
  if (letterCase === 'keep') return renamed;
  return letterCase === 'lower' ? renamed.toLowerCase() : renamed.toUpperCase();
}

function describeOrigin({ dn, origin }: FoundGroup, original: string, name: string): string {
  return `${dn}, ${origin}${original === name ? '' : `; was "${original}"`}`;
}
