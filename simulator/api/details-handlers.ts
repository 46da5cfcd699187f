// Owns operations that the console needs and the platform's API does not have: all that counts for a user, audit trail, metrics.
import type { AuditAction } from '../identities/identity-store.ts';
import type { AwsUserType, DataPlatformId } from '../platforms/data-platforms.ts';
import { listRights } from '../platforms/impersonation.ts';
import { guessedCase, resolveExternalIds } from '../platforms/resolve-external-ids.ts';
import { type Call, type Handler, handle } from './handler.ts';
import { toUserBody } from './wire.ts';

interface UserPath {
  readonly iamid: string;
  readonly userid: string;
}
type PlatformPath = UserPath & { readonly platform: DataPlatformId };

interface ExternalIdBody {
  readonly kind: 'mapped' | 'none' | 'unset';
  readonly id?: string;
  readonly awsType: AwsUserType | null;
}

interface AuditQuery {
  readonly size: number;
  readonly offset: number;
  readonly target?: string;
  readonly by?: string;
  readonly action?: AuditAction;
}

const nameOf = ({ iamid, userid }: UserPath) => ({ iam: iamid, userid });

export const detailsHandlers: Readonly<Record<string, Handler>> = {
  viewUser: handle<{ path: UserPath }>(({ path }, call) => toDetails(call, path)),
  setExternalId: handle<{ path: PlatformPath; body: ExternalIdBody }>(({ path, body }, { simulator, by }) => {
    const { kind, id = '', awsType } = body;
    const choice = kind === 'mapped' ? { kind, id, awsType } : { kind };
    return simulator.externalIds.set(nameOf(path), path.platform, choice, by);
  }),
  migrateUser: handle<{ path: { userid: string }; body: UserPath }>(({ path, body }, call) => {
    const { users } = call.simulator.identities;
    users.migrate(path.userid, body.iamid, body.userid, call.by);
    return toUserBody(call.simulator, users.view(nameOf(body)));
  }),
  resolveExternalIds: handle<{ path: { platform: DataPlatformId }; query: { ignoreCase: boolean } }>(
    ({ path, query }, { simulator }) =>
      resolveExternalIds(simulator.externalIds, path.platform, {
        undocumentedCase: query.ignoreCase ? 'ignored' : guessedCase,
        includeDisabled: false,
      }),
  ),
  listAudit: handle<{ query: AuditQuery }>(({ query: { size, offset, ...filter } }, { simulator }) =>
    simulator.identities.audit.list({ ...filter, limit: size, offset }),
  ),
  getMetrics: handle<{ query: { days: number } }>(({ query }, { simulator }) =>
    simulator.identities.metrics(query.days),
  ),
  listPermissions: handle((_request, { simulator }) => simulator.identities.permissions.list()),
};

function toDetails({ simulator }: Call, path: UserPath) {
  const { identities, externalIds, integrations } = simulator;
  const user = nameOf(path);
  const { groups, values, permissions } = identities.users.view(user);
  const context = { identities, externalIds, settings: integrations.get() };
  const rights = listRights(context, user).map((found) => ({
    platform: found.platform,
    isAllowed: found.isAllowed,
    reason: found.isAllowed ? found.right : found.reason,
  }));
  return { groups, values, permissions, externalIds: externalIds.of(user), impersonation: rights };
}

/** What `viewUser` answers. */
export type UserDetailsBody = ReturnType<typeof toDetails>;
