// Owns the sum of a run: who changed, by group; failures by kind; what the guard found; how long answers took.
import type { SimulatorDatabase } from '../database/open-database.ts';
import type { FailureKind } from './judge-answer.ts';
import { findMigrated } from './migrate-planned.ts';
import type { GroupChange, Run, RunSummary } from './run.ts';
import { eachChangedUser, type RunStore } from './run-store.ts';
import { readState, type UserState } from './user-state.ts';

const usersAtOnce = 1000;

/** Sums a run up from its users, which may be many: they are read page by page. */
export function summarizeRun(
  db: SimulatorDatabase,
  runs: RunStore,
  run: Run,
  measured: Pick<RunSummary, 'latency' | 'durationMs' | 'faults'>,
): RunSummary {
  const counts = { created: 0, migrated: 0, changed: 0, disabled: 0, enabled: 0, losing: 0 };
  const countMigrated = (userids: readonly string[]) => {
    counts.migrated += findMigrated(db, run, userids).size;
  };
  const created: string[] = [];
  const changes = new Map<string, { gained: number; lost: number }>();
  const enabledUsers = countEnabledUsers(db, run.iam);
  for (const { userid, before, after } of eachChangedUser(runs, run.id)) {
    const was = before === null ? null : readState(before);
    const becomes = readState(after);
    if (was === null) {
      counts.created++;
      if (created.push(userid) === usersAtOnce) countMigrated(created.splice(0));
    } else counts.changed++;
    if (was && !was.disabled && becomes.disabled) counts.disabled++;
    if (was?.disabled && !becomes.disabled) counts.enabled++;
    if (was && isLosing(was, becomes)) counts.losing++;
    countGroups(changes, was, becomes);
  }
  countMigrated(created);
  const failures: Partial<Record<FailureKind, number>> = {};
  let answered = 0;
  let gone = 0;
  for (const { outcome, users } of runs.tally(run.id)) {
    if (outcome === 'user') answered = users;
    else if (outcome === 'gone') gone = users;
    else failures[outcome] = users;
  }
  const groups = [...changes].map(([name, change]) => ({ name, ...change })).sort(byName);
  const losingPercent = enabledUsers === 0 ? 0 : Math.round((counts.losing / enabledUsers) * 1000) / 10;
  const emptied = findEmptied(db, run.iam, groups);
  const summary = {
    asked: answered + Object.values(failures).reduce((sum, users) => sum + users, 0),
    answered,
    failures,
    ...counts,
    gone,
    losingPercent,
    groups,
    emptied,
    ...measured,
    durationMs: Math.round(measured.durationMs),
  };
  return { ...summary, stopped: judgeBlastRadius(run, summary) };
}

/** Who was disabled already has nothing to lose. */
function isLosing(was: UserState, becomes: UserState): boolean {
  if (was.disabled) return false;
  if (becomes.disabled) return true;
  const groups = new Set(becomes.groups.map(({ name }) => name));
  if (was.groups.some(({ name }) => !groups.has(name))) return true;
  return Object.entries(was.authorizations).some(([name, values]) => {
    const kept = new Set(Object.hasOwn(becomes.authorizations, name) ? becomes.authorizations[name] : []);
    return values.some((value) => !kept.has(value));
  });
}

/** A user who is disabled counts in no group. */
function countGroups(
  changes: Map<string, { gained: number; lost: number }>,
  was: UserState | null,
  becomes: UserState,
): void {
  const namesOf = (state: UserState | null) =>
    new Set(state === null || state.disabled ? [] : state.groups.map(({ name }) => name));
  const before = namesOf(was);
  const after = namesOf(becomes);
  const changeOf = (name: string) => {
    const change = changes.get(name) ?? { gained: 0, lost: 0 };
    changes.set(name, change);
    return change;
  };
  for (const name of after) if (!before.has(name)) changeOf(name).gained++;
  for (const name of before) if (!after.has(name)) changeOf(name).lost++;
}

function countEnabledUsers(db: SimulatorDatabase, iam: string): number {
  return db.find<{ n: number }>('SELECT count(*) AS n FROM users WHERE iam = ? AND disabled = 0', [iam])?.n ?? 0;
}

/** By name over the IAM's users: what a person gave in the built-in group of the same name is in the states too. */
function findEmptied(db: SimulatorDatabase, iam: string, groups: readonly GroupChange[]): string[] {
  const candidates = groups.filter(({ gained, lost }) => lost > gained);
  const members = db.all<{ name: string; users: number }>(
    `SELECT g.name, count(DISTINCT u.id) AS users
     FROM groups g JOIN memberships m ON m.group_id = g.id JOIN users u ON u.id = m.user_id AND u.iam = ?1 AND u.disabled = 0
     WHERE g.name IN (SELECT value FROM json_each(?2)) GROUP BY g.name`,
    [iam, JSON.stringify(candidates.map(({ name }) => name))],
  );
  const usersOf = new Map(members.map(({ name, users }) => [name, users]));
  return candidates
    .filter(({ name, gained, lost }) => (usersOf.get(name) ?? 0) + gained - lost <= 0)
    .map(({ name }) => name);
}

function judgeBlastRadius(
  { settings }: Run,
  { losing, losingPercent, emptied }: Pick<RunSummary, 'losing' | 'losingPercent' | 'emptied'>,
): string[] {
  const { maxLosingPercent, mayEmptyGroups } = settings.blastRadius;
  const reasons: string[] = [];
  if (losing > 0 && losingPercent > maxLosingPercent) {
    reasons.push(
      `${losing === 1 ? '1 user' : `${losing} users`} would lose access: ${losingPercent} % of the enabled users, more than blastRadius.maxLosingPercent (${maxLosingPercent}).`,
    );
  }
  if (!mayEmptyGroups && emptied.length > 0) {
    const shown = emptied.slice(0, 5).join(', ');
    const more = emptied.length > 5 ? ` and ${emptied.length - 5} more` : '';
    reasons.push(
      `${emptied.length === 1 ? 'A group' : `${emptied.length} groups`} would lose the last member: ${shown}${more}.`,
    );
  }
  return reasons;
}

function byName(one: GroupChange, other: GroupChange): number {
  return one.name < other.name ? -1 : 1;
}
