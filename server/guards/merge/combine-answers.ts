// Combination of the answers of several sources: whether the user exists, and with which groups and authorizations.
import type { MergeSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import type { Answer } from './member.ts';
import { failureOf } from './outcome.ts';

export type CombinePolicy = Pick<
  MergeSourceConfig,
  'identity' | 'disabled' | 'groups' | 'authorizations' | 'authorizationsByName'
>;

/**
 * Combines answers, given in the order of precedence. A failure among them is that of an optional source: it can remove data from the answer,
 * but never adds any.
 *
 * @returns `null`: the user does not exist according to `identity`, or `disabled` is `any` and the user is disabled in any source.
 * @throws {SourceError} the failure of a source without which it cannot be determined whether the user exists.
 */
export function combineAnswers(answers: readonly Answer[], policy: CombinePolicy): UserInfo | null {
  if (policy.disabled === 'any' && answers.some(isDisabled)) return null;
  if (!exists(answers, policy.identity)) return null;
  const givingGroups = answers.filter(({ member }) => member.config.gives !== 'authorizations');
  const givingAuthorizations = answers.filter(({ member }) => member.config.gives !== 'groups');
  return {
    groups: combine(givingGroups.map(mappedGroups), policy.groups).map((name) => ({ name })),
    // fromEntries defines keys, so that an authorization named `__proto__` remains an authorization.
    authorizations: Object.fromEntries(combineAuthorizations(givingAuthorizations.map(mappedAuthorizations), policy)),
  };
}

/** Returns whether the user exists in the source and is disabled; known only if that was requested. */
export function isDisabled({ outcome }: Answer): boolean {
  return outcome.kind === 'unknown' && outcome.isDisabled;
}

function exists(answers: readonly Answer[], identity: string): boolean {
  const deciding =
    identity === 'any' || identity === 'all' ? answers : answers.filter(({ place }) => place === identity);
  const found = deciding.filter(({ outcome }) => outcome.kind === 'found').length;
  if (identity === 'any' ? found > 0 : found === deciding.length) return true;
  // "all" is decided by one source that does not know the user; "any" only when no remaining source might know the user.
  const isSettled = identity !== 'any' && deciding.some(({ outcome }) => outcome.kind === 'unknown');
  for (const { member, outcome } of isSettled ? [] : deciding) {
    if (outcome.kind === 'failed') throw failureOf(member.config.name, outcome.error);
  }
  return false;
}

/** What one source returned for a name: its values; `null`: nothing; or a failure, so that it is unknown. */
type Said = readonly string[] | null | 'failed';

function combine(said: readonly Said[], how: 'union' | 'precedence'): string[] {
  if (how === 'union')
    return [...new Set(said.flatMap((texts) => (texts === null || texts === 'failed' ? [] : texts)))];
  const first = said.find((texts) => texts !== null) ?? [];
  // A source of lower precedence would replace what the failed source might have returned.
  return first === 'failed' ? [] : [...new Set(first)];
}

function mappedGroups({ member, outcome }: Answer): Said {
  if (outcome.kind === 'failed') return 'failed';
  if (outcome.kind === 'unknown') return null;
  return outcome.user.groups.flatMap(({ name }) => member.groupNames.apply(name) ?? []);
}

type SaidAuthorizations = ReadonlyMap<string, readonly string[]> | 'failed';

function mappedAuthorizations({ member, outcome }: Answer): SaidAuthorizations {
  if (outcome.kind === 'failed') return 'failed';
  const mapped = new Map<string, string[]>();
  if (outcome.kind === 'unknown') return mapped;
  for (const [name, values] of Object.entries(outcome.user.authorizations)) {
    const newName = member.authorizationNames.apply(name);
    if (newName !== null) mapped.set(newName, [...(mapped.get(newName) ?? []), ...values]);
  }
  return mapped;
}

function combineAuthorizations(
  said: readonly SaidAuthorizations[],
  { authorizations, authorizationsByName }: CombinePolicy,
): Array<[name: string, values: string[]]> {
  const byName = new Map(Object.entries(authorizationsByName));
  const names = new Set(said.flatMap((one) => (one === 'failed' ? [] : [...one.keys()])));
  return [...names].flatMap((name): Array<[string, string[]]> => {
    const how = byName.get(name) ?? authorizations;
    const values = combine(
      said.map((one) => (one === 'failed' ? 'failed' : (one.get(name) ?? null))),
      how,
    );
    return values.length === 0 ? [] : [[name, values]];
  });
}
