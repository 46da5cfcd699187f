// Effective groups, values and permissions of a user, each with its origins.
import type { SimulatorDatabase } from '../database/open-database.ts';
import { builtInIam, type EffectiveUser, type GroupName, type Origin, type User } from './identity-store.ts';
import { toOrigins } from './store-context.ts';

interface ValueRow {
  readonly name: string;
  readonly value: string;
  readonly origin: Origin;
  readonly iam: string;
  readonly group_name: string | null;
}

export function viewUser(db: SimulatorDatabase, user: User): EffectiveUser {
  const groups = db.all<{ iam: string; name: string; origins: string }>(
    `SELECT g.iam, g.name, group_concat(m.origin) AS origins
     FROM memberships m JOIN groups g ON g.id = m.group_id WHERE m.user_id = ?
     GROUP BY g.id ORDER BY g.name, g.iam`,
    [user.id],
  );
  return {
    user,
    groups: groups.map(({ iam, name, origins }) => ({ iam, name, origins: toOrigins(origins) })),
    values: readValues(db, user),
    permissions: readPermissions(db, user),
  };
}

function readValues(db: SimulatorDatabase, user: User): EffectiveUser['values'] {
  const rows = db.all<ValueRow>(
    `SELECT name, value, origin, ?2 AS iam, NULL AS group_name FROM user_values WHERE user_id = ?1
     UNION ALL
     SELECT v.name, v.value, v.origin, g.iam, g.name FROM group_values v JOIN groups g ON g.id = v.group_id
     WHERE g.id IN (SELECT group_id FROM memberships WHERE user_id = ?1)
     ORDER BY 1, 2, 5, 4, 3`,
    [user.id, user.iam],
  );
  // One entry for each combination of the attribute's IAM and the origin, which is the user or a group.
  const merged = new Map<
    string,
    { name: string; value: string; iam: string; origins: Origin[]; group: GroupName | null }
  >();
  for (const { name, value, origin, iam, group_name } of rows) {
    const owner = origin === 'platform' ? builtInIam : iam;
    const group = group_name === null ? null : { iam, name: group_name };
    const key = JSON.stringify([name, value, owner, group]);
    const entry = merged.get(key) ?? { name, value, iam: owner, origins: [], group };
    entry.origins.push(origin);
    merged.set(key, entry);
  }
  return [...merged.values()];
}

function readPermissions(db: SimulatorDatabase, user: User): EffectiveUser['permissions'] {
  const rows = db.all<{ name: string; group_name: string | null; by_default: number }>(
    `SELECT permission AS name, NULL AS group_name, 0 AS by_default FROM user_permissions WHERE user_id = ?1
     UNION
     SELECT permission, NULL, 1 FROM iam_permissions WHERE iam = ?2 AND group_name = ''
     UNION
     SELECT p.permission, g.name, 0 FROM memberships m JOIN groups g ON g.id = m.group_id
     JOIN iam_permissions p ON p.iam = g.iam AND p.group_name = g.name WHERE m.user_id = ?1
     ORDER BY 1, 2, 3`,
    [user.id, user.iam],
  );
  return rows.map(({ name, group_name, by_default }) => ({ name, group: group_name, byDefault: by_default === 1 }));
}
