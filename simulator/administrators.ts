// Rules for who may change identities, shared by the command line, the REST API and the console.
import type { SimulatorDatabase } from './database/open-database.ts';
import { IdentityError } from './identities/identity-error.ts';
import type { IdentityStore, UserName } from './identities/identity-store.ts';

/** Permission required to change identities, as on the platform. */
const adminPermission = 'USER_ADMIN';

/** @throws {IdentityError} `unknown`; `refused` for a disabled user, or one without USER_ADMIN. */
export function assertMayAdminister({ users }: Pick<IdentityStore, 'users'>, user: UserName): void {
  const holds = users.view(user).permissions.some(({ name }) => name === adminPermission);
  if (holds && !users.get(user).disabled) return;
  throw new IdentityError(
    'refused',
    `${user.userid} is not allowed to do this. This action requires an enabled user with the permission ${adminPermission}.`,
  );
}

/** Returns whether an enabled user has the permission: directly, through the IAM's defaults, or through a group. */
const findAdministrator = `
  SELECT 1 FROM user_permissions p JOIN users u ON u.id = p.user_id WHERE p.permission = ?1 AND u.disabled = 0
  UNION ALL
  SELECT 1 FROM iam_permissions p JOIN users u ON u.iam = p.iam
  WHERE p.group_name = '' AND p.permission = ?1 AND u.disabled = 0
  UNION ALL
  SELECT 1 FROM iam_permissions p JOIN groups g ON g.iam = p.iam AND g.name = p.group_name
  JOIN memberships m ON m.group_id = g.id JOIN users u ON u.id = m.user_id
  WHERE p.permission = ?1 AND u.disabled = 0
  LIMIT 1`;

/**
 * Makes a change, unless it would leave no administrator who could appoint another.
 *
 * @throws {IdentityError} `refused`; nothing was changed.
 */
export function keepAdministrator<Result>({ db }: { readonly db: SimulatorDatabase }, work: () => Result): Result {
  return db.transaction(() => {
    const result = work();
    if (db.find(findAdministrator, [adminPermission]) !== null) return result;
    throw new IdentityError(
      'refused',
      `The last enabled user with ${adminPermission} cannot be disabled or deleted, and cannot lose the permission. Grant ${adminPermission} to another user first.`,
    );
  });
}
