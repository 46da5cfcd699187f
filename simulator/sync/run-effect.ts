// Effect of an applied run on one user, by origin. Pure functions.
import { type Access, without } from './access.ts';
import type { PlannedUser, StoredUser } from './plan-user.ts';

/** Keys of groups and values. */
interface AccessChange {
  readonly gained: readonly [groups: readonly string[], values: readonly string[]];
  readonly lost: readonly [groups: readonly string[], values: readonly string[]];
}

export interface RunEffect {
  readonly created: boolean;
  readonly provider: AccessChange;
  readonly endpoint: AccessChange;
  /** The state that the run set; null: unchanged. */
  readonly disabled: boolean | null;
}

/** Returns what a plan changes; null: the plan changes nothing. */
export function findEffect(stored: StoredUser, planned: PlannedUser, created: boolean): RunEffect | null {
  const provider = diffAccess(stored.provider, planned.provider);
  const endpoint = diffAccess(stored.endpoint, planned.endpoint);
  const disabled = stored.disabled === planned.disabled ? null : planned.disabled;
  const isNothing = [provider, endpoint].every(({ gained, lost }) => [...gained, ...lost].flat().length === 0);
  return isNothing && disabled === null && !created ? null : { created, provider, endpoint, disabled };
}

/** Returns the access without what a run assigned, and with what the run removed. Later changes remain. */
export function revertAccess(access: Access, { gained, lost }: AccessChange): Access {
  const revert = (now: ReadonlySet<string>, part: 0 | 1) => {
    const given = new Set(gained[part]);
    return new Set([...[...now].filter((key) => !given.has(key)), ...lost[part]]);
  };
  return { groups: revert(access.groups, 0), values: revert(access.values, 1) };
}

function diffAccess(was: Access, becomes: Access): AccessChange {
  return {
    gained: [without(becomes.groups, was.groups), without(becomes.values, was.values)],
    lost: [without(was.groups, becomes.groups), without(was.values, becomes.values)],
  };
}
