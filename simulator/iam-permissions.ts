// Permissions that an IAM grants by default or to a group, as set by the command line and the REST API.
import { IdentityError } from './identities/identity-error.ts';
import type { Iam, IdentityStore } from './identities/identity-store.ts';

/**
 * Replaces the permissions of all users of an IAM (`group` null) or of one of its groups.
 *
 * @throws {IdentityError} `unknown` for an IAM or permission that does not exist. The same applies to a group, unless `permissions` is empty:
 * permissions for a misspelled group would have no effect.
 */
export function permit(
  { iams, groups }: Pick<IdentityStore, 'iams' | 'groups'>,
  iam: string,
  group: string | null,
  permissions: readonly string[],
  by: string,
): Iam {
  iams.get(iam);
  if (group !== null && permissions.length > 0 && groups.find({ iam, name: group }) === null) {
    throw new IdentityError(
      'unknown',
      `The IAM ${iam} has no group ${group}. Create it, or let a sync create it, before you grant it permissions.`,
    );
  }
  return iams.setPermissions(iam, group, permissions, by);
}
