// Plans the changes of one user: from the stored access, the user list and the endpoint's response. Pure.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { type Access, noAccess, splitValueKey, unite } from './access.ts';
import type { Answer } from './evaluate-response.ts';

export interface StoredUser {
  readonly id: number;
  readonly userid: string;
  readonly disabled: boolean;
  readonly disabledBySync: boolean;
  /** Whether a response was ever applied to the user. */
  readonly wasAnswered: boolean;
  readonly provider: Access;
  readonly endpoint: Access;
  readonly platform: Access;
}

/** A user as listed by the identity provider; `access` is null if the list contains neither groups nor attributes. */
export interface ListedUser {
  readonly userid: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly access: Access | null;
}

/** The planned state. */
export interface PlannedUser {
  readonly provider: Access;
  readonly endpoint: Access;
  readonly disabled: boolean;
}

/** Returns the planned state; null: the user does not exist and is not created, because the rule for this failure is `fail`. */
export function planUser(
  stored: StoredUser | null,
  listed: ListedUser | null,
  answer: Answer,
  settings: LoadedIamSettings,
): PlannedUser | null {
  const { guesses } = settings;
  const rule = answer.kind === 'user' ? null : answer.kind === 'not-found' ? guesses.onNotFound : guesses.onFailure;
  if (stored === null && rule === 'fail') return null;
  const before = stored?.endpoint ?? noAccess;
  const endpoint =
    answer.kind === 'user' ? takeAnswer(before, answer.access, settings) : rule === 'clear' ? noAccess : before;
  const counts = answer.kind === 'user' || (rule !== 'clear' && stored?.wasAnswered === true);
  const given = takeListed(stored?.provider ?? noAccess, listed?.access ?? null, settings);
  return {
    endpoint,
    provider: counts ? hideOverridden(given, endpoint, guesses.mergeRule) : given,
    disabled:
      rule === 'disable' ||
      isStillDisabled(stored, listed !== null || answer.kind === 'user', guesses.enableReturnedUsers),
  };
}

function takeListed(before: Access, listed: Access | null, { supportedActions }: LoadedIamSettings): Access {
  if (listed === null) return before;
  return {
    groups: supportedActions.syncGroups ? listed.groups : before.groups,
    values: supportedActions.syncAuthorizations ? listed.values : before.values,
  };
}

/** Returns whether a user remains disabled, which applies to every user whom a person disabled. */
function isStillDisabled(stored: StoredUser | null, isBack: boolean, enablesReturned: boolean): boolean {
  if (stored === null || !stored.disabled) return false;
  return !(stored.disabledBySync && enablesReturned && isBack);
}

function takeAnswer(before: Access, answered: Access, { supportedActions, guesses }: LoadedIamSettings): Access {
  const kept = guesses.removalRule === 'keep' ? unite(before, answered) : answered;
  return {
    groups: supportedActions.syncRestGroups ? kept.groups : before.groups,
    values: supportedActions.syncRestAuthorizations ? kept.values : before.values,
  };
}

function hideOverridden(given: Access, endpoint: Access, rule: LoadedIamSettings['guesses']['mergeRule']): Access {
  switch (rule) {
    case 'union':
      return given;
    case 'override':
      return noAccess;
    case 'attribute-override': {
      const names = new Set([...endpoint.values].map((key) => splitValueKey(key)[0]));
      return {
        groups: given.groups,
        values: new Set([...given.values].filter((key) => !names.has(splitValueKey(key)[0]))),
      };
    }
  }
}
