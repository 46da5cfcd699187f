// Moves a user from the built-in IAM to another IAM.
import { IdentityError } from './identity-error.ts';
import { builtInIam, type User } from './identity-store.ts';
import { assertIam, findUser, getUser, type StoreContext, storedUserid, userTarget } from './store-context.ts';

interface Migration {
  readonly userid: string;
  readonly toIam: string;
  readonly typedUserid: string;
}

/** Tables of manually assigned data, with the columns to copy. */
const takenOver = [
  ['user_permissions', 'permission', ''],
  ['external_ids', 'platform, kind, external_id, aws_type', ''],
  ['memberships', 'group_id, origin', "AND origin = 'platform'"],
  ['user_values', 'name, value, origin', "AND origin = 'platform'"],
] as const;

export function migrateUser(context: StoreContext, { userid, toIam, typedUserid }: Migration, by: string): User {
  const { db, now, record } = context;
  return db.transaction(() => {
    const before = getUser(context, { iam: builtInIam, userid });
    assertIam(context, toIam);
    if (toIam === builtInIam) throw new IdentityError('refused', `${userid} is already in the built-in IAM.`);
    const after = { iam: toIam, userid: useridThere(context, { userid, toIam, typedUserid }) };
    const target = findUser(context, after);
    if (target) {
      for (const [table, columns, condition] of takenOver) {
        db.run(
          `INSERT OR IGNORE INTO ${table} (user_id, ${columns}) SELECT ?, ${columns} FROM ${table}
           WHERE user_id = ? ${condition}`,
          [target.id, before.id],
        );
      }
      db.run('DELETE FROM users WHERE id = ?', [before.id]);
      db.run('UPDATE users SET updated_at = ? WHERE id = ?', [now(), target.id]);
    } else {
      // Assignments by a sync of the built-in IAM are not migrated.
      db.run("DELETE FROM memberships WHERE user_id = ? AND origin <> 'platform'", [before.id]);
      db.run("DELETE FROM user_values WHERE user_id = ? AND origin <> 'platform'", [before.id]);
      db.run('UPDATE users SET iam = ?, userid = ?, updated_at = ? WHERE id = ?', [
        ...[toIam, after.userid, now(), before.id],
      ]);
    }
    record(by, 'UserMigrated', userTarget(after), { iam: builtInIam, userid }, after);
    return getUser(context, after);
  });
}

/**
 * Returns the user id as stored by the other IAM: in lower case if that IAM normalizes user ids. @throws {IdentityError} `refused` if the names do
 * not match.
 */
function useridThere(context: StoreContext, { userid, toIam, typedUserid }: Migration): string {
  const stored = (name: string) => storedUserid(context, { iam: toIam, userid: name });
  if (stored(userid) === stored(typedUserid)) return stored(typedUserid);
  throw new IdentityError(
    'refused',
    `The user names do not match: ${userid} in the built-in IAM, ${typedUserid} in ${toIam}.`,
  );
}
