// Assembles the identity store from its parts.
import type { SimulatorDatabase } from '../database/open-database.ts';
import { createAttributes } from './attributes.ts';
import { createAuditTrail, createRecorder } from './audit-trail.ts';
import { createGroups } from './groups.ts';
import { createIams } from './iams.ts';
import type { IdentityStore } from './identity-store.ts';
import { createPermissions } from './permissions.ts';
import type { StoreContext } from './store-context.ts';
import { measureUsers } from './user-metrics.ts';
import { createUsers } from './users.ts';

/**
 * Creates the store in a database, with the built-in IAM. The caller closes the database.
 *
 * @param clock in ms since 1970; scenarios have their own clock.
 */
export function createIdentityStore(db: SimulatorDatabase, clock: () => number = Date.now): IdentityStore {
  const now = () => new Date(clock()).toISOString();
  const context: StoreContext = { db, now, record: createRecorder(db, now) };
  return {
    iams: createIams(context),
    users: createUsers(context),
    groups: createGroups(context),
    attributes: createAttributes(context),
    permissions: createPermissions(context),
    audit: createAuditTrail(db),
    metrics: (days) => measureUsers(context, days),
    transaction: (work) => db.transaction(work),
  };
}
