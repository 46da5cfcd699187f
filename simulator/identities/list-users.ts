// The list of users with its filters.
import type { SimulatorDatabase, SqlValue } from '../database/open-database.ts';
import type { Page, User, UserFilter } from './identity-store.ts';
import { searchedText, toUser, type UserRow } from './store-context.ts';

const sortColumns: Readonly<Record<NonNullable<UserFilter['sortBy']>, string>> = {
  userid: 'userid',
  name: 'name',
  email: 'email',
  createdAt: 'created_at',
  lastLogin: 'last_login',
};

/** Condition for a permission granted to the user, through the IAM's defaults, or through one of the user's groups. */
const holdsPermission = `(
  EXISTS (SELECT 1 FROM user_permissions p WHERE p.user_id = users.id AND p.permission = ?)
  OR EXISTS (SELECT 1 FROM iam_permissions p WHERE p.iam = users.iam AND p.group_name = '' AND p.permission = ?)
  OR EXISTS (
    SELECT 1 FROM memberships m JOIN groups g ON g.id = m.group_id
    JOIN iam_permissions p ON p.iam = g.iam AND p.group_name = g.name
    WHERE m.user_id = users.id AND p.permission = ?
  )
)`;

export function listUsers(db: SimulatorDatabase, filter: UserFilter): Page<User> {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  const demand = (condition: string, ...given: readonly SqlValue[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  const part = (text: string) => text.toLowerCase();
  const contains = (column: string) => `instr(folded(${column}), ?) > 0`;

  if (filter.iam !== undefined) demand('iam = ?', filter.iam);
  if (filter.excludedIam !== undefined) demand('iam <> ?', filter.excludedIam);
  if (filter.includeDisabled !== true) demand('disabled = 0');
  if (filter.notAddedTo !== undefined) {
    demand(
      "NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id AND m.group_id = ? AND m.origin = 'platform')",
      filter.notAddedTo,
    );
  }
  if (filter.permission !== undefined) demand(holdsPermission, filter.permission, filter.permission, filter.permission);
  for (const column of ['name', 'email', 'userid'] as const) {
    const text = filter[column];
    if (text !== undefined) demand(contains(column), part(text));
  }
  if (filter.search !== undefined) {
    const text = part(filter.search);
    demand(contains(searchedText), text);
  }

  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const count = db.find<{ n: number }>(`SELECT count(*) AS n FROM users ${where}`, values)?.n ?? 0;
  const order = `${sortColumns[filter.sortBy ?? 'userid']} ${filter.descending ? 'DESC' : 'ASC'}, id`;
  const rows = db.all<UserRow>(`SELECT * FROM users ${where} ORDER BY ${order} LIMIT ? OFFSET ?`, [
    ...values,
    filter.limit ?? 25,
    filter.offset ?? 0,
  ]);
  return { hits: rows.map(toUser), count };
}
