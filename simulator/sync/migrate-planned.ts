// Owns migrating users of the built-in IAM whom a run would make in another one: what people gave them goes with them.
import { builtInIam } from '../identities/identity-store.ts';
import type { Simulator } from '../open-simulator.ts';
import type { Plan } from './apply-plans.ts';
import type { Run } from './run.ts';

/**
 * By `migrateFrom` of the run's settings. Who is disabled stays there: a login elsewhere shall enable nobody. So does who has
 * the same user id but for letter case more than once. Within one transaction of the caller's.
 */
export function migratePlanned(
  { identities, db }: Pick<Simulator, 'identities' | 'db'>,
  run: Run,
  plans: readonly Plan[],
): void {
  const { migrateFrom, normalizeUserId } = run.settings;
  if (migrateFrom === undefined) return;
  const condition = normalizeUserId ? 'folded(userid) = ?' : 'userid = ?';
  for (const { userid, create } of plans) {
    if (create === null || identities.users.find({ iam: run.iam, userid }) !== null) continue;
    const [found, another] = db.all<{ userid: string }>(
      `SELECT userid FROM users WHERE iam = '${builtInIam}' AND disabled = 0 AND ${condition}`,
      [userid],
    );
    if (found && !another) identities.users.migrate(found.userid, run.iam, userid, run.by);
  }
}
