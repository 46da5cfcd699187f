// Migrates users of the built-in IAM whom a run creates in another IAM, with their manually assigned access.
import type { SimulatorDatabase } from '../database/open-database.ts';
import { builtInIam } from '../identities/identity-store.ts';
import type { Simulator } from '../open-simulator.ts';
import type { Plan } from './apply-plans.ts';
import type { Run } from './run.ts';

/**
 * Returns the users to migrate according to `migrateFrom`, as a map from user id in the run to user id in the built-in IAM. Disabled users are not
 * migrated: a login through another IAM must not enable a user. The same applies to user ids that occur more than once, ignoring letter case.
 */
export function findMigrated(
  db: SimulatorDatabase,
  { iam, settings: { migrateFrom, normalizeUserId } }: Pick<Run, 'iam' | 'settings'>,
  userids: readonly string[],
): ReadonlyMap<string, string> {
  if (migrateFrom === undefined || iam === migrateFrom) return new Map();
  const name = normalizeUserId ? 'folded(userid)' : 'userid';
  const rows = db.all<{ userid: string; there: string }>(
    `SELECT ${name} AS userid, min(userid) AS there FROM users
     WHERE iam = '${builtInIam}' AND disabled = 0 AND ${name} IN (SELECT value FROM json_each(?))
     GROUP BY 1 HAVING count(*) = 1`,
    [JSON.stringify(userids)],
  );
  return new Map(rows.map(({ userid, there }) => [userid, there]));
}

/** Migrates the users whom the plans would create and `findMigrated` finds in the built-in IAM. Must run within a transaction of the caller. */
export function migratePlanned(
  { identities, db }: Pick<Simulator, 'identities' | 'db'>,
  run: Run,
  plans: readonly Plan[],
): void {
  if (run.settings.migrateFrom === undefined) return;
  const missing = plans.filter(
    ({ userid, create }) => create !== null && identities.users.find({ iam: run.iam, userid }) === null,
  );
  const names = missing.map(({ userid }) => userid);
  for (const [userid, there] of findMigrated(db, run, names)) identities.users.migrate(there, run.iam, userid, run.by);
}
