// Permissions: the platform's own and custom ones, and those that an IAM grants to its users.
import { assertName, IdentityError } from './identity-error.ts';
import { fixedPermissions, type Iam, type IdentityStore, type Permissions } from './identity-store.ts';
import type { StoreContext } from './store-context.ts';

export function createPermissions({ db, record }: StoreContext): Permissions {
  const listCustom = () =>
    db.all<{ name: string }>('SELECT name FROM custom_permissions ORDER BY name').map(({ name }) => name);
  const list = () => [...fixedPermissions, ...listCustom()];
  const targetOf = (name: string) => ({ kind: 'permission', iam: '', target: name }) as const;
  const isFixed = (name: string) => (fixedPermissions as readonly string[]).includes(name);

  return {
    list,
    addCustom(name, by) {
      db.transaction(() => {
        assertName('name of the permission', name);
        if (list().includes(name)) throw new IdentityError('taken', `The permission ${name} already exists.`);
        db.run('INSERT INTO custom_permissions (name) VALUES (?)', [name]);
        record(by, 'PermissionCreated', targetOf(name), null, { name });
      });
    },
    removeCustom(name, by) {
      db.transaction(() => {
        if (isFixed(name))
          throw new IdentityError('refused', `${name} is one of the platform's own permissions and cannot be deleted.`);
        if (!listCustom().includes(name)) throw new IdentityError('unknown', `There is no permission ${name}.`);
        const isInUse = db.find(
          `SELECT 1 FROM user_permissions WHERE permission = ?1
           UNION SELECT 1 FROM iam_permissions WHERE permission = ?1`,
          [name],
        );
        if (isInUse) throw new IdentityError('refused', `${name} is in use. Revoke it first.`);
        db.run('DELETE FROM custom_permissions WHERE name = ?', [name]);
        record(by, 'PermissionDeleted', targetOf(name), { name }, null);
      });
    },
  };
}

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
