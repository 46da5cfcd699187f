// State of a user as recorded by a run: equal states have equal texts.
import { type Access, type GroupedUserInfo, toUserInfo, unite } from './access.ts';
import type { PlannedUser, StoredUser } from './plan-user.ts';

/** Groups and attributes of a user from all origins, without attributes inherited from groups. */
export interface UserState extends GroupedUserInfo {
  readonly disabled?: true;
}

export function stateOf(stored: StoredUser): string {
  return writeState(unite(stored.provider, stored.endpoint, stored.platform), stored.disabled);
}

export function plannedStateOf(stored: StoredUser | null, planned: PlannedUser): string {
  const platform = stored ? [stored.platform] : [];
  return writeState(unite(planned.provider, planned.endpoint, ...platform), planned.disabled);
}

export function readState(text: string): UserState {
  return JSON.parse(text) as UserState;
}

function writeState(access: Access, disabled: boolean): string {
  return JSON.stringify({ ...toUserInfo(access), ...(disabled && { disabled }) });
}
