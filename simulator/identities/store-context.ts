// Context that the parts of the store share: database, clock, audit trail, and lookup by name.
import type { SimulatorDatabase } from '../database/open-database.ts';
import type { RecordChange } from './audit-trail.ts';
import { IdentityError } from './identity-error.ts';
import {
  fixedPermissions,
  type Group,
  type GroupName,
  type Origin,
  type User,
  type UserDetails,
  type UserName,
} from './identity-store.ts';

export interface StoreContext {
  readonly db: SimulatorDatabase;
  /** Returns the current time as ISO 8601 in UTC. */
  now(): string;
  readonly record: RecordChange;
}

export interface UserRow {
  readonly id: number;
  readonly iam: string;
  readonly userid: string;
  readonly name: string;
  readonly email: string | null;
  readonly details: string;
  readonly disabled: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly last_login: string | null;
  readonly last_external_refresh: string | null;
}

interface GroupRow {
  readonly id: number;
  readonly iam: string;
  readonly name: string;
  readonly description: string | null;
  readonly email: string | null;
  readonly members: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    iam: row.iam,
    userid: row.userid,
    name: row.name,
    email: row.email,
    details: JSON.parse(row.details) as UserDetails,
    disabled: row.disabled === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastLogin: row.last_login,
    lastExternalRefresh: row.last_external_refresh,
  };
}

export function toGroup(row: GroupRow): Group {
  return {
    id: row.id,
    iam: row.iam,
    name: row.name,
    description: row.description,
    email: row.email,
    members: row.members,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** The text of a user in which a search looks for matches. It is a single expression, so that `folded` is called only once per row. */
export const searchedText = "userid || char(10) || name || char(10) || coalesce(email, '')";

export const userTarget = ({ iam, userid }: UserName) => ({ kind: 'user', iam, target: userid }) as const;
export const groupTarget = ({ iam, name }: GroupName) => ({ kind: 'group', iam, target: name }) as const;

/** Returns the user id as stored by the IAM: in lower case if the IAM normalizes user ids. */
export function storedUserid({ db }: StoreContext, { iam, userid }: UserName): string {
  const row = db.find<{ normalized: number }>(
    "SELECT coalesce(settings ->> '$.normalizeUserId', 0) AS normalized FROM iams WHERE id = ?",
    [iam],
  );
  return row?.normalized === 1 ? userid.toLowerCase() : userid;
}

export function findUser({ db }: StoreContext, { iam, userid }: UserName): User | null {
  const row = db.find<UserRow>('SELECT * FROM users WHERE iam = ? AND userid = ?', [iam, userid]);
  return row && toUser(row);
}

/** @throws {IdentityError} `unknown`. */
export function getUser(context: StoreContext, user: UserName): User {
  const found = findUser(context, user);
  if (found) return found;
  throw new IdentityError('unknown', `The IAM ${user.iam} has no user ${user.userid}.`);
}

export function findGroup({ db }: StoreContext, { iam, name }: GroupName): Group | null {
  const row = db.find<GroupRow>(
    `SELECT *, (SELECT count(DISTINCT user_id) FROM memberships WHERE group_id = groups.id) AS members
     FROM groups WHERE iam = ? AND name = ?`,
    [iam, name],
  );
  return row && toGroup(row);
}

/** @throws {IdentityError} `unknown`. */
export function getGroup(context: StoreContext, group: GroupName): Group {
  return findGroup(context, group) ?? throwUnknownGroup(group);
}

/** Returns a group's id without counting its members, which is slow for large groups. @throws {IdentityError} `unknown`. */
export function getGroupId({ db }: StoreContext, group: GroupName): number {
  const row = db.find<{ id: number }>('SELECT id FROM groups WHERE iam = ? AND name = ?', [group.iam, group.name]);
  return row?.id ?? throwUnknownGroup(group);
}

function throwUnknownGroup({ iam, name }: GroupName): never {
  throw new IdentityError('unknown', `The IAM ${iam} has no group ${name}.`);
}

/** @throws {IdentityError} `unknown`. */
export function assertIam({ db }: StoreContext, iam: string): void {
  if (db.find('SELECT 1 FROM iams WHERE id = ?', [iam]) === null) {
    throw new IdentityError('unknown', `There is no IAM ${iam}.`);
  }
}

/** @throws {IdentityError} `unknown`. */
export function assertPermission({ db }: StoreContext, permission: string): void {
  if ((fixedPermissions as readonly string[]).includes(permission)) return;
  if (db.find('SELECT 1 FROM custom_permissions WHERE name = ?', [permission])) return;
  throw new IdentityError(
    'unknown',
    `There is no permission ${permission}. If it is a custom permission, create it first.`,
  );
}

/** Parses "endpoint,platform", the form that SQLite's group_concat returns. */
export function toOrigins(text: string): Origin[] {
  return text.split(',').sort() as Origin[];
}

/** Returns the origin of a membership or value for messages. */
export function describeOrigin(origin: string): string {
  return origin === 'identity-provider' ? 'identity provider' : origin;
}
