// Writes planned changes: many users in a few statements, with audit records.
import type { SimulatorDatabase } from '../database/open-database.ts';
import type { RecordChange } from '../identities/audit-trail.ts';
import { type Access, isSameAccess, noAccess, splitValueKey, toAccess, toUserInfo, without } from './access.ts';
import type { PlannedUser, StoredUser } from './plan-user.ts';
import { rememberAnswer } from './remembered-answers.ts';
import { findEffect } from './run-effect.ts';
import { readStoredUsers } from './stored-users.ts';
import { readState } from './user-state.ts';

/** A planned user, with the name of a user to create. */
export interface Plan extends PlannedUser {
  readonly userid: string;
  readonly create: { readonly name: string; readonly email: string | null } | null;
  /** Key of the response that led to the plan, if it is to be cached. */
  readonly answerKey: string | null;
}

interface Writer {
  readonly db: SimulatorDatabase;
  readonly record: RecordChange;
  /** The run; null: the plans belong to an undo, whose effect is not stored. */
  readonly runId: number | null;
  readonly iam: string;
  readonly by: string;
  readonly at: string;
}

const providerOrigin = 'identity-provider';
const endpointOrigin = 'endpoint';
type SyncOrigin = typeof providerOrigin | typeof endpointOrigin;

/** Number of users in memory at a time. A larger number would not be faster. */
const usersAtOnce = 200;

/** Applies the plans of users. Must run within a transaction of the caller; the operation is idempotent. */
export function applyPlans(writer: Writer, plans: readonly Plan[]): void {
  const created = createMissing(writer, plans);
  const groupIds = provideGroups(writer, plans);
  for (let first = 0; first < plans.length; first += usersAtOnce) {
    applySome(writer, plans.slice(first, first + usersAtOnce), groupIds, created);
  }
}

function applySome(
  writer: Writer,
  plans: readonly Plan[],
  groupIds: ReadonlyMap<string, number>,
  created: ReadonlySet<string>,
): void {
  const { db, iam, runId } = writer;
  const userids = plans.map(({ userid }) => userid);
  const stored = readStoredUsers(db, iam, userids);
  for (const plan of plans) {
    const before = stored.get(plan.userid);
    // The user was deleted after the request, before the plan was applied.
    if (!before) continue;
    keepEffect(writer, before, plan, created.has(plan.userid));
    changeAccess(db, before.id, providerOrigin, before.provider, plan.provider, groupIds);
    changeAccess(db, before.id, endpointOrigin, before.endpoint, plan.endpoint, groupIds);
    setDisabled(writer, before, plan.disabled);
    recordSync(writer, before, plan);
    const { userid, answerKey: key } = plan;
    // Existing users may have gained access since the request. The next run detects such changes.
    if (key !== null && runId !== null && created.has(userid)) rememberAnswer(db, runId, before, key);
  }
}

/** Stores what the plan changes, for an undo. */
function keepEffect({ db, runId }: Writer, before: StoredUser, plan: Plan, isCreated: boolean): void {
  const effect = findEffect(before, plan, isCreated);
  if (effect === null || runId === null) return;
  db.run('UPDATE run_users SET effect = ? WHERE run_id = ? AND userid = ?', [
    JSON.stringify(effect),
    runId,
    before.userid,
  ]);
}

/** Changes rows one by one: a single statement with the JSON of all rows is slower, because SQLite extracts each row four times. */
function changeAccess(
  db: SimulatorDatabase,
  userId: number,
  origin: SyncOrigin,
  was: Access,
  wanted: Access,
  groupIds: ReadonlyMap<string, number>,
): void {
  const idOf = (name: string) => groupIds.get(name) ?? 0;
  for (const name of without(was.groups, wanted.groups)) {
    db.run('DELETE FROM memberships WHERE user_id = ? AND group_id = ? AND origin = ?', [userId, idOf(name), origin]);
  }
  for (const name of without(wanted.groups, was.groups)) {
    const row = [userId, idOf(name), origin];
    db.run('INSERT OR IGNORE INTO memberships (user_id, group_id, origin) VALUES (?, ?, ?)', row);
  }
  for (const key of without(was.values, wanted.values)) {
    const row = [userId, ...splitValueKey(key), origin];
    db.run('DELETE FROM user_values WHERE user_id = ? AND name = ? AND value = ? AND origin = ?', row);
  }
  for (const key of without(wanted.values, was.values)) {
    const row = [userId, ...splitValueKey(key), origin];
    db.run('INSERT OR IGNORE INTO user_values (user_id, name, value, origin) VALUES (?, ?, ?, ?)', row);
  }
}

/** @returns the names of the created users. */
function createMissing({ db, iam, record, by, at }: Writer, plans: readonly Plan[]): Set<string> {
  const known = new Set(
    db
      .all<{ userid: string }>(
        'SELECT userid FROM users WHERE iam = ?1 AND userid IN (SELECT value FROM json_each(?2))',
        [iam, JSON.stringify(plans.filter(({ create }) => create).map(({ userid }) => userid))],
      )
      .map(({ userid }) => userid),
  );
  const missing = plans.flatMap(({ userid, create }) => (create && !known.has(userid) ? [{ userid, ...create }] : []));
  db.run(
    `INSERT INTO users (iam, userid, name, email, details, disabled, created_at, updated_at)
     SELECT ?1, value ->> 'userid', value ->> 'name', value ->> 'email', '{}', 0, ?2, ?2 FROM json_each(?3)`,
    [iam, at, JSON.stringify(missing)],
  );
  for (const { userid, name, email } of missing) {
    record(by, 'UserCreated', { kind: 'user', iam, target: userid }, null, { name, email });
  }
  return new Set(missing.map(({ userid }) => userid));
}

/** Returns a map from group name to id for all groups of the IAM. Creates groups of the plans that the IAM does not have yet. */
function provideGroups({ db, iam, record, by, at }: Writer, plans: readonly Plan[]): Map<string, number> {
  const readIds = () =>
    new Map(
      db
        .all<{ id: number; name: string }>('SELECT id, name FROM groups WHERE iam = ?', [iam])
        .map(({ id, name }) => [name, id]),
    );
  const ids = readIds();
  const missing = new Set<string>();
  for (const { provider, endpoint } of plans) {
    for (const { groups } of [provider, endpoint]) for (const name of groups) if (!ids.has(name)) missing.add(name);
  }
  if (missing.size === 0) return ids;
  db.run(`INSERT INTO groups (iam, name, created_at, updated_at) SELECT ?1, value, ?2, ?2 FROM json_each(?3)`, [
    iam,
    at,
    JSON.stringify([...missing]),
  ]);
  for (const name of missing) {
    record(by, 'GroupCreated', { kind: 'group', iam, target: name }, null, { name, description: null, email: null });
  }
  return readIds();
}

function setDisabled({ db, iam, record, by, at }: Writer, before: StoredUser, disabled: boolean): void {
  // A user whom a person has disabled since the request remains disabled, as in planUser.
  if (before.disabled === disabled || (before.disabled && !before.disabledBySync)) return;
  db.run('UPDATE users SET disabled = ?, disabled_by = ?, updated_at = ? WHERE id = ?', [
    disabled ? 1 : 0,
    disabled ? 'sync' : null,
    at,
    before.id,
  ]);
  const action = disabled ? 'UserDisabled' : 'UserEnabled';
  record(by, action, { kind: 'user', iam, target: before.userid }, { disabled: before.disabled }, { disabled });
}

function recordSync({ iam, record, by }: Writer, before: StoredUser, plan: Plan): void {
  if (isSameAccess(before.provider, plan.provider) && isSameAccess(before.endpoint, plan.endpoint)) return;
  const notify = ({ provider, endpoint }: Pick<StoredUser, 'provider' | 'endpoint'>) => ({
    identityProvider: toUserInfo(provider),
    endpoint: toUserInfo(endpoint),
  });
  record(by, 'UserSynchronised', { kind: 'user', iam, target: before.userid }, notify(before), notify(plan));
}

type StoredAccess = readonly [groups: readonly string[], values: readonly string[]];

interface StoredPlan {
  readonly provider: StoredAccess;
  /** The access from the endpoint; null: all access in the state that the run stores, which is therefore not written twice. */
  readonly endpoint: StoredAccess | null;
  readonly disabled: boolean;
  readonly create: Plan['create'];
  /** Missing in plans of versions that did not store keys. */
  readonly answerKey?: Plan['answerKey'];
}

/**
 * Returns the text of a plan, which the run stores until the plan is applied.
 *
 * @param isEndpointAlone whether the endpoint contributes the whole state that the run stores.
 */
export function writePlan(
  { provider, endpoint, disabled, create, answerKey }: Omit<Plan, 'userid'>,
  isEndpointAlone: boolean,
): string {
  const toLists = ({ groups, values }: Access): StoredAccess => [[...groups], [...values]];
  const stored: StoredPlan = {
    provider: toLists(provider),
    endpoint: isEndpointAlone ? null : toLists(endpoint),
    disabled,
    create,
    answerKey,
  };
  return JSON.stringify(stored);
}

/** Reads a plan from its text. @param after the state that the run stores; null: the plan contains everything. */
export function readPlan(userid: string, text: string, after: string | null): Plan {
  const { provider, endpoint, disabled, create, answerKey = null } = JSON.parse(text) as StoredPlan;
  const toSets = ([groups, values]: StoredAccess): Access =>
    groups.length + values.length === 0 ? noAccess : { groups: new Set(groups), values: new Set(values) };
  return {
    userid,
    provider: toSets(provider),
    endpoint: endpoint ? toSets(endpoint) : readAll(after),
    disabled,
    create,
    answerKey,
  };
}

function readAll(after: string | null): Access {
  if (after === null) throw new Error('a plan contains no access, and no state is stored for its user');
  return toAccess(readState(after));
}
