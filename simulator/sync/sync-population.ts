// Users of a sync of all users: those in the list, or those in the store.
import type { Simulator } from '../open-simulator.ts';
import type { UserList } from './sync-request.ts';

/** Returns the user names in a list, or those of the users of an IAM who are enabled or were disabled by a sync. */
export function listUserids(
  { db }: Pick<Simulator, 'db'>,
  iam: string,
  list: UserList | null,
  normalizes: boolean,
): string[] {
  if (list === null) {
    return db
      .all<{ userid: string }>(
        "SELECT userid FROM users WHERE iam = ? AND (disabled = 0 OR disabled_by = 'sync') ORDER BY userid",
        [iam],
      )
      .map(({ userid }) => userid);
  }
  return list.users.map(({ userid }) => (normalizes ? userid.toLowerCase() : userid));
}
