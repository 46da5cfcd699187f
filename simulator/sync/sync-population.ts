// The users of a sync of all: those of the list, or those that the store has.
import type { Simulator } from '../open-simulator.ts';
import type { UserList } from './sync-request.ts';

/** Returns the user names of a list, or of the users of an IAM that are enabled or were disabled by a sync. */
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
