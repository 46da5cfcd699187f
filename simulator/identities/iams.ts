// IAMs in the store, with their settings and the permissions of their users and groups.
import { assertName, IdentityError } from './identity-error.ts';
import { builtInIam, type Iam, type Iams } from './identity-store.ts';
import { assertPermission, type StoreContext } from './store-context.ts';

interface IamRow {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly settings: string;
}

export function createIams(context: StoreContext): Iams {
  const { db, now, record } = context;
  const targetOf = (id: string) => ({ kind: 'iam', iam: id, target: id }) as const;

  function toIam({ id, name, type, settings }: IamRow): Iam {
    const rows = db.all<{ group_name: string; permission: string }>(
      'SELECT group_name, permission FROM iam_permissions WHERE iam = ? ORDER BY group_name, permission',
      [id],
    );
    const byGroup = new Map<string, string[]>();
    for (const { group_name, permission } of rows) {
      byGroup.set(group_name, [...(byGroup.get(group_name) ?? []), permission]);
    }
    const defaultPermissions = byGroup.get('') ?? [];
    byGroup.delete('');
    const groupPermissions = Object.fromEntries(byGroup);
    return { id, name, type, settings: JSON.parse(settings), defaultPermissions, groupPermissions };
  }

  function insert(id: string, name: string, type: string, settings: string): void {
    db.run('INSERT INTO iams (id, name, type, settings, created_at) VALUES (?, ?, ?, ?, ?)', [
      id,
      name,
      type,
      settings,
      now(),
    ]);
  }

  const iams: Iams = {
    create({ id, name, type, settings = {} }, by) {
      return db.transaction(() => {
        assertName('id of the IAM', id);
        assertName('name of the IAM', name);
        assertName('type of the IAM', type);
        if (iams.find(id)) throw new IdentityError('taken', `The IAM ${id} already exists.`);
        insert(id, name, type, JSON.stringify(settings));
        record(by, 'IamCreated', targetOf(id), null, { name, type, settings });
        return iams.get(id);
      });
    },

    find(id) {
      const row = db.find<IamRow>('SELECT id, name, type, settings FROM iams WHERE id = ?', [id]);
      return row && toIam(row);
    },

    get(id) {
      const found = iams.find(id);
      if (found) return found;
      throw new IdentityError('unknown', `There is no IAM ${id}.`);
    },

    list: () => db.all<IamRow>('SELECT id, name, type, settings FROM iams ORDER BY id').map(toIam),

    setSettings(id, settings, by) {
      return db.transaction(() => {
        const before = iams.get(id);
        const text = JSON.stringify(settings);
        if (JSON.stringify(before.settings) === text) return before;
        db.run('UPDATE iams SET settings = ? WHERE id = ?', [text, id]);
        record(by, 'IamChanged', targetOf(id), { settings: before.settings }, { settings });
        return iams.get(id);
      });
    },

    rename(id, name, by) {
      return db.transaction(() => {
        const before = iams.get(id);
        assertName('name of the IAM', name);
        if (before.name === name) return before;
        db.run('UPDATE iams SET name = ? WHERE id = ?', [name, id]);
        record(by, 'IamChanged', targetOf(id), { name: before.name }, { name });
        return iams.get(id);
      });
    },

    setPermissions(id, group, permissions, by) {
      return db.transaction(() => {
        const before = iams.get(id);
        if (group !== null) assertName('name of the group', group);
        for (const permission of permissions) assertPermission(context, permission);
        const wanted = [...new Set(permissions)].sort();
        const had = group === null ? before.defaultPermissions : (ownList(before.groupPermissions, group) ?? []);
        if (JSON.stringify(had) === JSON.stringify(wanted)) return before;
        db.run('DELETE FROM iam_permissions WHERE iam = ? AND group_name = ?', [id, group ?? '']);
        for (const permission of wanted) {
          db.run('INSERT INTO iam_permissions (iam, group_name, permission) VALUES (?, ?, ?)', [
            id,
            group ?? '',
            permission,
          ]);
        }
        record(by, 'IamChanged', targetOf(id), { group, permissions: had }, { group, permissions: wanted });
        return iams.get(id);
      });
    },

    delete(id, by) {
      db.transaction(() => {
        const before = iams.get(id);
        if (id === builtInIam) throw new IdentityError('refused', 'The built-in IAM cannot be deleted.');
        const isUsed = db.find('SELECT 1 FROM users WHERE iam = ?1 UNION SELECT 1 FROM groups WHERE iam = ?1', [id]);
        if (isUsed) throw new IdentityError('refused', `${id} has users or groups. Delete them first.`);
        db.run('DELETE FROM iam_permissions WHERE iam = ?', [id]);
        db.run('DELETE FROM iams WHERE id = ?', [id]);
        record(by, 'IamDeleted', targetOf(id), before, null);
      });
    },
  };

  if (!iams.find(builtInIam)) insert(builtInIam, 'Built-in', builtInIam, '{}');
  return iams;
}

function ownList(lists: Readonly<Record<string, readonly string[]>>, name: string): readonly string[] | undefined {
  return Object.hasOwn(lists, name) ? lists[name] : undefined;
}
