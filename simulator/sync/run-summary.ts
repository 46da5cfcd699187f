// Summary of a run: changes by group, failures by kind, the guard's decision, and response times.
import type { SimulatorDatabase } from '../database/open-database.ts';
import { describeGroup, groupKey, splitGroupKey, toAccess, without } from './access.ts';
import type { FailureKind } from './evaluate-response.ts';
import { evaluateGuard, type GroupEffect, type GuardFacts, isEmptied } from './guard.ts';
import { findMigrated } from './migrate-planned.ts';
import type { Run, RunSummary } from './run.ts';
import { type ChangedUser, eachChangedUser, type RunStore } from './run-store.ts';
import { readStoredUsers } from './stored-users.ts';
import { readState, stateOf, type UserState } from './user-state.ts';

const usersAtOnce = 1000;

/** Changes to group membership in a run, by `groupKey`. */
type GroupTallies = Map<string, Pick<GroupEffect, 'gained' | 'lost' | 'gainedByPresent'>>;

/** Returns the summary of a run. Reads its users page by page, and marks users who lose access in the run's record. */
export function summarizeRun(
  db: SimulatorDatabase,
  runs: RunStore,
  run: Run,
  measured: Pick<RunSummary, 'latency' | 'durationMs' | 'faults'>,
): RunSummary {
  const counts = { created: 0, migrated: 0, changed: 0, disabled: 0, enabled: 0 };
  const countMigrated = (userids: readonly string[]) => {
    counts.migrated += findMigrated(db, run, userids).size;
  };
  const created: string[] = [];
  const losing: string[] = [];
  const tallies: GroupTallies = new Map();
  for (const { userid, before, after } of eachChangedUser(runs, run.id)) {
    const was = before === null ? null : readState(before);
    const becomes = readState(after);
    if (was === null) {
      counts.created++;
      if (created.push(userid) === usersAtOnce) countMigrated(created.splice(0));
    } else counts.changed++;
    if (was && !was.disabled && becomes.disabled) counts.disabled++;
    if (was?.disabled && !becomes.disabled) counts.enabled++;
    if (was && losesAccess(was, becomes)) losing.push(userid);
    tallyGroups(tallies, was, becomes);
  }
  countMigrated(created);
  runs.markLosing(run.id, losing);
  const failures: Partial<Record<FailureKind, number>> = {};
  let answered = 0;
  let gone = 0;
  for (const { outcome, users } of runs.tally(run.id)) {
    if (outcome === 'user') answered = users;
    else if (outcome === 'gone') gone = users;
    else failures[outcome] = users;
  }
  const facts = findGuardFacts(db, runs, run, losing, tallies);
  const verdict = evaluateGuard(run.settings.blastRadius, facts);
  const gainStops = new Set(verdict.stoppedGains.map(groupKey));
  return {
    asked: answered + Object.values(failures).reduce((sum, users) => sum + users, 0),
    answered,
    failures,
    ...counts,
    gone,
    losing: losing.length,
    enabledUsers: facts.enabledUsers,
    groups: facts.groups.map(({ name, iam, gained, lost }) => ({
      name,
      ...(iam !== undefined && { iam }),
      gained,
      lost,
    })),
    emptied: facts.groups.filter(isEmptied).map(describeGroup),
    stopped: verdict.reasons,
    toConfirm: {
      ...(verdict.stopsLosses && { losses: losing.length }),
      ...(gainStops.size > 0 && { gains: countGaining(runs, run.id, gainStops) }),
    },
    ...measured,
    durationMs: Math.round(measured.durationMs),
  };
}

/** Returns whether an enabled user is disabled, or no longer has a group or value. */
function losesAccess(was: UserState, becomes: UserState): boolean {
  if (was.disabled) return false;
  if (becomes.disabled) return true;
  const [before, after] = [toAccess(was), toAccess(becomes)];
  return without(before.groups, after.groups).length + without(before.values, after.values).length > 0;
}

/** Counts the gains and losses of one user. A disabled user does not count as a member of any group. */
function tallyGroups(tallies: GroupTallies, was: UserState | null, becomes: UserState): void {
  const keysOf = (state: UserState | null) =>
    new Set(state === null || state.disabled ? [] : state.groups.map(groupKey));
  const before = keysOf(was);
  const after = keysOf(becomes);
  const isPresent = was !== null && !was.disabled;
  const tallyOf = (key: string) => tallies.get(key) ?? { gained: 0, lost: 0, gainedByPresent: 0 };
  for (const key of without(after, before)) {
    const { gained, lost, gainedByPresent } = tallyOf(key);
    tallies.set(key, { gained: gained + 1, lost, gainedByPresent: gainedByPresent + (isPresent ? 1 : 0) });
  }
  for (const key of without(before, after)) {
    const tally = tallyOf(key);
    tallies.set(key, { ...tally, lost: tally.lost + 1 });
  }
}

function findGuardFacts(
  db: SimulatorDatabase,
  runs: RunStore,
  run: Run,
  losing: readonly string[],
  tallies: GroupTallies,
): GuardFacts {
  const { windowDays, protectedUsers } = run.settings.blastRadius;
  const enabledUsers =
    db.find<{ n: number }>('SELECT count(*) AS n FROM users WHERE iam = ? AND disabled = 0', [run.iam])?.n ?? 0;
  const since = new Date(Date.parse(run.startedAt) - windowDays * 86_400_000).toISOString();
  const earlier = windowDays === 0 || losing.length === 0 ? [] : runs.appliedSince(run, since);
  const lost = findLostBefore(db, runs, run, earlier, new Set(losing));
  const guarded = new Set(protectedUsers);
  return {
    enabledUsers,
    losing: losing.length,
    lostBefore: lost.users,
    earlierRuns: lost.runs,
    population: enabledUsers + lost.disabled,
    groups: findGroupEffects(db, run.iam, tallies),
    losingProtectedUsers: losing.filter((userid) => guarded.has(userid)),
  };
}

/** Finds users who lost access in earlier runs and would not regain it in this run. */
function findLostBefore(
  db: SimulatorDatabase,
  runs: RunStore,
  run: Run,
  earlier: readonly Run[],
  losing: ReadonlySet<string>,
): { readonly users: number; readonly disabled: number; readonly runs: readonly number[] } {
  const lost = new Set<string>();
  const disabled = new Set<string>();
  const by = new Set<number>();
  for (const { id } of earlier) {
    for (const page of runs.losing(id)) {
      const others = page.filter(({ userid }) => !losing.has(userid));
      const stored = readStoredUsers(
        db,
        run.iam,
        others.map(({ userid }) => userid),
      );
      for (const { userid, before } of others) {
        const planned = runs.find(run.id, userid);
        const user = stored.get(userid);
        const now = planned?.after ?? (user && stateOf(user));
        // A user who was deleted manually since then did not lose access through a sync.
        if (now === undefined || before === null || !losesAccess(readState(before), readState(now))) continue;
        lost.add(userid);
        if (user?.disabled) disabled.add(userid);
        by.add(id);
      }
    }
  }
  return { users: lost.size, disabled: disabled.size, runs: [...by] };
}

function findGroupEffects(db: SimulatorDatabase, ownIam: string, tallies: GroupTallies): GroupEffect[] {
  const groups = [...tallies].map(([key, tally]) => ({ ...splitGroupKey(key), ...tally }));
  const names = JSON.stringify(groups.map(({ name, iam = ownIam }) => [iam, name]));
  const members = db.all<{ iam: string; name: string; users: number }>(
    `SELECT g.iam, g.name, count(DISTINCT u.id) AS users
     FROM json_each(?) AS wanted JOIN groups g ON g.iam = wanted.value ->> 0 AND g.name = wanted.value ->> 1
     JOIN memberships m ON m.group_id = g.id JOIN users u ON u.id = m.user_id AND u.disabled = 0 GROUP BY g.id`,
    [names],
  );
  const permissions = db.all<{ iam: string; name: string; permission: string }>(
    `SELECT iam, group_name AS name, permission FROM iam_permissions
     JOIN json_each(?) AS wanted ON iam = wanted.value ->> 0 AND group_name = wanted.value ->> 1 ORDER BY permission`,
    [names],
  );
  const keyOf = ({ name, iam }: { readonly name: string; readonly iam: string }) =>
    groupKey(iam === ownIam ? { name } : { name, iam });
  const usersOf = new Map(members.map((group) => [keyOf(group), group.users]));
  const permissionsOf = new Map<string, string[]>();
  for (const row of permissions)
    permissionsOf.set(keyOf(row), [...(permissionsOf.get(keyOf(row)) ?? []), row.permission]);
  return groups
    .map((group) => ({
      ...group,
      members: usersOf.get(groupKey(group)) ?? 0,
      permissions: permissionsOf.get(groupKey(group)) ?? [],
    }))
    .sort((one, other) => (groupKey(one) < groupKey(other) ? -1 : 1));
}

/** Counts the users who gain one of these groups. */
function countGaining(runs: RunStore, runId: number, keys: ReadonlySet<string>): number {
  let users = 0;
  for (const user of eachChangedUser(runs, runId)) if (gainsOneOf(user, keys)) users++;
  return users;
}

function gainsOneOf({ before, after }: ChangedUser, keys: ReadonlySet<string>): boolean {
  const becomes = readState(after);
  if (becomes.disabled) return false;
  const was = before === null ? null : readState(before);
  const had = was === null || was.disabled ? new Set<string>() : new Set(was.groups.map(groupKey));
  return becomes.groups.some((group) => keys.has(groupKey(group)) && !had.has(groupKey(group)));
}
