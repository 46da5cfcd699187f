// State of a user as recorded by a run: equal states are equal texts.
import { type Access, type GroupedUserInfo, toUserInfo, unite } from './access.ts';
import type { HeldUser, PlannedUser } from './plan-user.ts';

/** Groups and attributes of a user from all origins, without attributes inherited from groups. */
export interface UserState extends GroupedUserInfo {
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
