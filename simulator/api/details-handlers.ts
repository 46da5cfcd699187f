// Operations that the console needs and the platform's API does not have: a user's details, audit trail, metrics, the current user.
import type { AuditAction, AuditRecord } from '../identities/identity-store.ts';
import { listRights } from '../platforms/impersonation.ts';
import { type Call, type Handler, handle } from './handler.ts';
import { toUserBody } from './wire.ts';

interface UserPath {
  readonly iamid: string;
  readonly userid: string;
}
interface AuditQuery {
  readonly size: number;
  readonly offset: number;
  readonly kind?: AuditRecord['kind'];
  readonly iam?: string;
  readonly target?: string;
  readonly by?: string;
  readonly action?: AuditAction;
}

const nameOf = ({ iamid, userid }: UserPath) => ({ iam: iamid, userid });

export const detailsHandlers: Readonly<Record<string, Handler>> = {
  getSession: handle((_request, { caller: { user, actor } }) => ({ iamid: user.iam, userid: user.userid, actor })),
  viewUser: handle<{ path: UserPath }>(({ path }, call) => toDetails(call, path)),
  migrateUser: handle<{ path: { userid: string }; body: UserPath }>(({ path, body }, call) => {
    const { users } = call.simulator.identities;
    // The IAM may store the user id in a different letter case than typed.
    const migrated = users.migrate(path.userid, body.iamid, body.userid, call.by);
    return toUserBody(call.simulator, users.view(migrated));
  }),
  listAudit: handle<{ query: AuditQuery }>(({ query: { size, offset, ...filter } }, { simulator }) =>
    simulator.identities.audit.list({ ...filter, limit: size, offset }),
  ),
  getMetrics: handle<{ query: { days: number } }>(({ query }, { simulator }) =>
    simulator.identities.metrics(query.days),
  ),
  listPermissions: handle((_request, { simulator }) => simulator.identities.permissions.list()),
};

function toDetails({ simulator }: Call, path: UserPath) {
  const user = nameOf(path);
  const { groups, values, permissions } = simulator.identities.users.view(user);
  const impersonation = listRights(simulator, user).map((found) => ({
    platform: found.platform,
    isAllowed: found.isAllowed,
    reason: found.isAllowed ? found.right : found.reason,
    message: found.isAllowed ? null : found.message,
  }));
  const externalIds = simulator.externalIds.of(user);
  return { groups, values, permissions, externalIds, impersonation, lastRequest: findLastRequest(simulator, user) };
}

/** Returns the result of the latest sync or login for a user; null: no run included the user. */
function findLastRequest({ runs }: Call['simulator'], { iam, userid }: ReturnType<typeof nameOf>) {
  const runId = runs.findLatestOf(iam, userid);
  const found = runId === null ? null : runs.find(runId, userid);
  if (runId === null || found === null) return null;
  const { startedAt, scope, dryRun } = runs.get(runId);
  const { outcome, status, detail } = found;
  return { runId, at: startedAt, isLogin: scope === 'login', isDryRun: dryRun, outcome, status, detail };
}

/** Response of `viewUser`. */
export type UserDetailsBody = ReturnType<typeof toDetails>;
