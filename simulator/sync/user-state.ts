// Owns the state of a user as runs remember it: one text for one state, so that texts are compared.
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { type Access, toUserInfo, unite } from './access.ts';
import type { HeldUser, PlannedUser } from './plan-user.ts';

/** All that the user has without what groups pass on, whoever gave it. */
export interface UserState extends UserInfo {
  readonly disabled?: true;
}

export function stateOf(held: HeldUser): string {
  return writeState(unite(held.provider, held.endpoint, held.platform), held.disabled);
}

export function plannedStateOf(held: HeldUser | null, planned: PlannedUser): string {
  const platform = held ? [held.platform] : [];
  return writeState(unite(planned.provider, planned.endpoint, ...platform), planned.disabled);
}

export function readState(text: string): UserState {
  return JSON.parse(text) as UserState;
}

function writeState(access: Access, disabled: boolean): string {
  return JSON.stringify({ ...toUserInfo(access), ...(disabled && { disabled }) });
}
