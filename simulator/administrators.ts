// Owns who may change identities: the rule that the command line, the REST API and the console share.
import { IdentityError } from './identities/identity-error.ts';
import type { IdentityStore, UserName } from './identities/identity-store.ts';

/** Needed to change identities, as on the platform. */
const adminPermission = 'USER_ADMIN';

/** @throws {IdentityError} `unknown`; `refused` for somebody disabled, or without USER_ADMIN. */
export function assertMayAdminister({ users }: Pick<IdentityStore, 'users'>, user: UserName): void {
  const holds = users.view(user).permissions.some(({ name }) => name === adminPermission);
  if (holds && !users.get(user).disabled) return;
  throw new IdentityError(
    'refused',
    `${user.userid} is not allowed to do this. It requires an enabled user with the permission ${adminPermission}.`,
  );
}
