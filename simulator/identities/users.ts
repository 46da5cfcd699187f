// Users in the store: creating, editing, permissions, disabling and deleting.
import { viewUser } from './effective-user.ts';
import { assertEmail, assertName, IdentityError } from './identity-error.ts';
import { builtInIam, type User, type UserName, type Users } from './identity-store.ts';
import { listUsers } from './list-users.ts';
import { migrateUser } from './migrate-user.ts';
import {
  assertIam,
  assertPermission,
  findUser,
  getUser,
  type StoreContext,
  storedUserid,
  userTarget,
} from './store-context.ts';

export function createUsers(context: StoreContext): Users {
  const { db, now, record } = context;

  /** Inserts an enabled user. In the built-in IAM, the address is the user name and is therefore unique without a separate rule. */
  function insert({ iam, userid, name, email }: { iam: string; userid: string; name: string; email: string | null }) {
    const at = now();
    db.run(
      `INSERT INTO users (iam, userid, name, email, details, disabled, created_at, updated_at)
       VALUES (?, ?, ?, ?, '{}', 0, ?, ?)`,
      [iam, userid, name, email, at, at],
    );
  }

  function hasPermission(id: number, permission: string): boolean {
    return db.find('SELECT 1 FROM user_permissions WHERE user_id = ? AND permission = ?', [id, permission]) !== null;
  }

  function touch(id: number): void {
    db.run('UPDATE users SET updated_at = ? WHERE id = ?', [now(), id]);
  }

  const users: Users = {
    create({ iam = builtInIam, userid: givenUserid, name, email, permissions = [] }, by) {
      return db.transaction(() => {
        assertIam(context, iam);
        assertName('user name', givenUserid);
        assertName('full name', name);
        const userid = storedUserid(context, { iam, userid: givenUserid });
        if (iam === builtInIam && email !== undefined && email !== givenUserid) {
          throw new IdentityError(
            'refused',
            'In the built-in IAM, the e-mail address is the user name. Omit the e-mail address.',
          );
        }
        const address = iam === builtInIam ? userid : (email ?? null);
        if (address !== null) assertName('e-mail address', address);
        if (iam !== builtInIam && address !== null) assertEmail(address);
        if (findUser(context, { iam, userid })) {
          throw new IdentityError('taken', `The IAM ${iam} already has a user ${userid}.`);
        }
        insert({ iam, userid, name, email: address });
        record(by, 'UserCreated', userTarget({ iam, userid }), null, { name, email: address });
        for (const permission of permissions) users.addPermission({ iam, userid }, permission, by);
        return getUser(context, { iam, userid });
      });
    },

    find: (user) => findUser(context, user),
    get: (user) => getUser(context, user),
    list: (filter) => listUsers(db, filter),

    edit(user, change, by) {
      return db.transaction(() => {
        const before = getUser(context, user);
        const after = { ...pickProfile(before), ...withoutUndefined(change) };
        if (before.iam === builtInIam && after.email !== before.email) {
          throw new IdentityError(
            'refused',
            'In the built-in IAM, the e-mail address is the user name and cannot be changed.',
          );
        }
        assertName('full name', after.name);
        if (after.email !== null && after.email !== before.email) assertEmail(after.email);
        const details = JSON.stringify(after.details);
        if (JSON.stringify(pickProfile(before)) === JSON.stringify(after)) return before;
        db.run('UPDATE users SET name = ?, email = ?, details = ? WHERE id = ?', [
          after.name,
          after.email,
          details,
          before.id,
        ]);
        touch(before.id);
        record(by, 'UserChanged', userTarget(user), pickProfile(before), after);
        return getUser(context, user);
      });
    },

    setDisabled(user, disabled, by) {
      return db.transaction(() => {
        const before = getUser(context, user);
        if (before.disabled === disabled) return before;
        // A sync does not enable users whom a person disabled.
        const disabledBy = disabled ? 'platform' : null;
        db.run('UPDATE users SET disabled = ?, disabled_by = ? WHERE id = ?', [
          disabled ? 1 : 0,
          disabledBy,
          before.id,
        ]);
        touch(before.id);
        const action = disabled ? 'UserDisabled' : 'UserEnabled';
        record(by, action, userTarget(user), { disabled: before.disabled }, { disabled });
        return getUser(context, user);
      });
    },

    addPermission(user, permission, by) {
      db.transaction(() => {
        const { id } = getUser(context, user);
        assertPermission(context, permission);
        if (hasPermission(id, permission)) return;
        db.run('INSERT INTO user_permissions (user_id, permission) VALUES (?, ?)', [id, permission]);
        touch(id);
        record(by, 'PermissionGiven', userTarget(user), null, { permission });
      });
    },

    removePermission(user, permission, by) {
      db.transaction(() => {
        const { id } = getUser(context, user);
        assertPermission(context, permission);
        if (!hasPermission(id, permission)) return;
        db.run('DELETE FROM user_permissions WHERE user_id = ? AND permission = ?', [id, permission]);
        touch(id);
        record(by, 'PermissionTaken', userTarget(user), { permission }, null);
      });
    },

    delete(user, { confirmed, typed }, by) {
      db.transaction(() => {
        const before = users.view(user);
        if (!confirmed || typed !== 'Delete') {
          throw new IdentityError('unconfirmed', 'A user is permanently deleted only after two confirmations.');
        }
        const externalIds = db.all(
          'SELECT platform, kind, external_id AS id, aws_type AS awsType FROM external_ids WHERE user_id = ? ORDER BY platform',
          [before.user.id],
        );
        db.run('DELETE FROM users WHERE id = ?', [before.user.id]);
        record(by, 'UserDeleted', userTarget(user), { ...before, externalIds }, null);
      });
    },

    migrate: (userid, toIam, typedUserid, by) => migrateUser(context, { userid, toIam, typedUserid }, by),
    view: (user: UserName) => viewUser(db, getUser(context, user)),
  };
  return users;
}

function pickProfile({ name, email, details }: User) {
  return { name, email, details };
}

function withoutUndefined<Shape extends object>(
  shape: Shape,
): { [Key in keyof Shape]: Exclude<Shape[Key], undefined> } {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as never;
}
