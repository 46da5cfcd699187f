// Explanation of a merged answer: the origin of each group and value.
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import type { UserOrigins } from '../../adapters/user-source.ts';
import type { Answer } from './member.ts';

/**
 * Combines the explanations of the sources of a merged answer, each with the rule that changed a name. For a source that cannot explain, gives only
 * the name.
 *
 * @param merged `null`: according to the rules of the merge, there is no such user.
 */
export async function explainMerge(
  merged: UserInfo | null,
  answers: readonly Answer[],
  signal: AbortSignal,
): Promise<UserOrigins> {
  const groups = new Map<string, string[]>();
  const values = new Map<string, string[]>();
  const asked: Array<{ query: string; outcome: string }> = [];
  const dropped: Array<{ found: string; rule: string }> = [];
  const { groups: mergedGroups, authorizations: mergedAuthorizations } = merged ?? { groups: [], authorizations: {} };
  const has = { group: namesIn(mergedGroups), value: valuesIn(mergedAuthorizations) };
  for (const answer of answers) {
    const { member, userid, outcome, place } = answer;
    const { name, gives } = member.config;
    const instead = place === name ? '' : `, instead of ${place}`;
    const canExplain = userid !== null && outcome.kind !== 'failed';
    const own = canExplain ? ((await member.source.explainUser?.(userid, signal)) ?? null) : null;
    const reason = outcome.kind === 'failed' ? outcome.error.message : own?.absent;
    const outcomeText = `${outcomeTexts[outcome.kind]}${reason === undefined ? '' : `: ${reason}`}`;
    asked.push({ query: `source ${name}${instead}`, outcome: outcomeText });
    for (const part of own?.asked ?? []) asked.push({ ...part, query: `${name}: ${part.query}` });
    if (outcome.kind !== 'found' || merged === null) continue;
    const origins = own ?? originsOf(outcome.user);
    for (const { found, rule } of own?.dropped ?? []) dropped.push({ found, rule: `${name}: ${rule}` });
    const originOf = (origin: string, change: string) => `${name}${origin === '' ? '' : `: ${origin}`}${change}`;
    for (const { name: group, origin } of origins.groups) {
      const newName = member.groupNames.apply(group);
      const rule = droppingRule(newName, gives !== 'authorizations', has.group.has(newName ?? ''), 'groups');
      if (rule !== null) dropped.push({ found: `group ${group}`, rule: `${name}: ${rule}` });
      else append(groups, newName ?? '', originOf(origin, member.groupNames.explain(group)));
    }
    for (const { name: attribute, value, origin } of origins.authorizations) {
      const newName = member.authorizationNames.apply(attribute);
      const key = JSON.stringify([newName, value]);
      const rule = droppingRule(newName, gives !== 'groups', has.value.has(key), 'authorizations');
      if (rule !== null) dropped.push({ found: `${attribute}: ${value}`, rule: `${name}: ${rule}` });
      else append(values, key, originOf(origin, member.authorizationNames.explain(attribute)));
    }
  }
  const textOf = (origins: string[] | undefined) => (origins ?? []).join('; ');
  return {
    ...(merged === null && { absent: whyAbsent(answers) }),
    groups: mergedGroups.map(({ name }) => ({ name, origin: textOf(groups.get(name)) })),
    authorizations: Object.entries(mergedAuthorizations).flatMap(([name, list]) =>
      list.map((value) => ({ name, value, origin: textOf(values.get(JSON.stringify([name, value]))) })),
    ),
    asked,
    ...(dropped.length > 0 && { dropped }),
  };
}

function whyAbsent(answers: readonly Answer[]): string {
  const disabling = answers.find(({ outcome }) => outcome.kind === 'unknown' && outcome.isDisabled);
  return disabling === undefined
    ? 'the rule `identity` of the merge excludes this user'
    : `the rule \`disabled\` of the merge excludes this user: the user is disabled in source ${disabling.member.config.name}`;
}

/** Returns the option of the merge that excludes a name from the answer; `null`: none does. */
function droppingRule(newName: string | null, isGiven: boolean, isMerged: boolean, part: string): string | null {
  if (!isGiven) return 'gives';
  if (newName === null) return `${part}.drop`;
  return isMerged ? null : 'another source has precedence';
}

function namesIn(groups: UserInfo['groups']): ReadonlySet<string> {
  return new Set(groups.map(({ name }) => name));
}

/** Returns name and value pairs in the form of the keys of `values` above. */
function valuesIn(authorizations: UserInfo['authorizations']): ReadonlySet<string> {
  return new Set(
    Object.entries(authorizations).flatMap(([name, values]) => values.map((value) => JSON.stringify([name, value]))),
  );
}

const outcomeTexts = { found: 'knows the user', unknown: 'does not know the user', failed: 'failed' } as const;

function originsOf({ groups, authorizations }: UserInfo): UserOrigins {
  return {
    groups: groups.map(({ name }) => ({ name, origin: '' })),
    authorizations: Object.entries(authorizations).flatMap(([name, values]) =>
      values.map((value) => ({ name, value, origin: '' })),
    ),
  };
}

function append(origins: Map<string, string[]>, key: string, origin: string): void {
  const list = origins.get(key);
  if (!list) origins.set(key, [origin]);
  else if (!list.includes(origin)) list.push(origin);
}
