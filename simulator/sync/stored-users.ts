// Reads the stored access of many users at once, by origin.
import type { SimulatorDatabase } from '../database/open-database.ts';
import type { Origin } from '../identities/identity-store.ts';
import type { Simulator } from '../open-simulator.ts';
import { groupKey, valueKey } from './access.ts';
import type { StoredUser } from './plan-user.ts';
import type { UserList } from './sync-request.ts';

interface StoredUserRow {
  readonly id: number;
  readonly userid: string;
  readonly disabled: number;
  readonly disabled_by: string | null;
  readonly last_external_refresh: string | null;
  readonly groups: string;
  readonly attributes: string;
}

/** Columns of the statement that reads a whole page: one statement per user would cost more than the request to the endpoint. */
const columns = `id, userid, disabled, disabled_by, last_external_refresh,
  (SELECT json_group_array(json_array(m.origin, g.name, CASE g.iam WHEN users.iam THEN NULL ELSE g.iam END))
   FROM memberships m JOIN groups g ON g.id = m.group_id WHERE m.user_id = users.id) AS groups,
  (SELECT json_group_array(json_array(v.origin, v.name, v.value))
   FROM user_values v WHERE v.user_id = users.id) AS attributes`;

/** Returns a map from user name to stored access; users who do not exist are omitted. */
export function readStoredUsers(
  db: SimulatorDatabase,
  iam: string,
  userids: readonly string[],
): Map<string, StoredUser> {
  const rows = db.all<StoredUserRow>(
    `SELECT ${columns} FROM users WHERE iam = ?1 AND userid IN (SELECT value FROM json_each(?2))`,
    [iam, JSON.stringify(userids)],
  );
  return new Map(rows.map((row) => [row.userid, toStoredUser(row)]));
}

interface Place {
  readonly iam: string;
  readonly runId: number;
  /** 0 for the first page. */
  readonly afterId: number;
  readonly limit: number;
}

/** Condition for users whom a sync of all users requests: enabled, or disabled by a sync, and not yet requested in that run. */
const nextUsers = `iam = ?1 AND id > ?2 AND (disabled = 0 OR disabled_by = 'sync')
  AND NOT EXISTS (SELECT 1 FROM run_users r WHERE r.run_id = ?3 AND r.userid = users.userid)`;

/** Returns the next users of an IAM for a sync of all users, without their stored access. */
export function findNextUsers(
  db: SimulatorDatabase,
  { iam, runId, afterId, limit }: Place,
): Array<Pick<StoredUser, 'id' | 'userid'>> {
  return db.all<Pick<StoredUser, 'id' | 'userid'>>(
    `SELECT id, userid FROM users WHERE ${nextUsers} ORDER BY id LIMIT ?4`,
    [iam, afterId, runId, limit],
  );
}

/** Returns the same users as `findNextUsers`, with their stored access. */
export function readNextStoredUsers(db: SimulatorDatabase, { iam, runId, afterId, limit }: Place): StoredUser[] {
  return db
    .all<StoredUserRow>(`SELECT ${columns} FROM users WHERE ${nextUsers} ORDER BY id LIMIT ?4`, [
      iam,
      afterId,
      runId,
      limit,
    ])
    .map(toStoredUser);
}

function toStoredUser(row: StoredUserRow): StoredUser {
  const parts = new Map<Origin, { groups: Set<string>; values: Set<string> }>();
  const partOf = (origin: Origin) => {
    const part = parts.get(origin) ?? { groups: new Set(), values: new Set() };
    parts.set(origin, part);
    return part;
  };
  for (const [origin, name, otherIam] of JSON.parse(row.groups) as Array<[Origin, string, string | null]>) {
    partOf(origin).groups.add(groupKey(otherIam === null ? { name } : { name, iam: otherIam }));
  }
  for (const [origin, name, value] of JSON.parse(row.attributes) as Array<[Origin, string, string]>) {
    partOf(origin).values.add(valueKey(name, value));
  }
  return {
    id: row.id,
    userid: row.userid,
    disabled: row.disabled === 1,
    disabledBySync: row.disabled_by === 'sync',
    wasAnswered: row.last_external_refresh !== null,
    provider: partOf('identity-provider'),
    endpoint: partOf('endpoint'),
    platform: partOf('platform'),
  };
}

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
