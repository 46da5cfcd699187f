// Decides who may impersonate whom on which data platform, with the reason.
import type { LoadedIntegrationSettings } from '../../schemas/generated/loaded-integration-settings.ts';
import type { IdentityStore, UserName } from '../identities/identity-store.ts';
import { type DataPlatformId, dataPlatforms } from './data-platforms.ts';
import type { ExternalIds } from './external-ids.ts';
import {
  type ImpersonationPlatform,
  type ImpersonationStatements,
  impersonationPlatforms,
  writeImpersonation,
} from './impersonation-statements.ts';
import type { Integrations } from './integrations.ts';
import { canBeQuoted } from './sql-text.ts';

/** The platform's permission to impersonate. */
const permission = 'IMPERSONATE_USER';

/** Origin of the permission: the platform's permission, membership in the data platform's group or role, or the list of the integration. */
export type ImpersonationRight = 'permission' | 'database-role' | 'administrator' | 'cluster-list';

export type ImpersonationRefusal =
  | 'not-supported'
  | 'not-enabled'
  | 'excluded'
  | 'no-such-user'
  | 'disabled'
  | 'no-account'
  | 'not-permitted'
  | 'no-such-target'
  | 'target-disabled'
  | 'target-without-account'
  | 'name-not-quotable';

export interface Refused {
  readonly isAllowed: false;
  readonly reason: ImpersonationRefusal;
  /** Message for the caller. */
  readonly message: string;
  /** Set if the permission is checked only when a query runs: the session then starts, but each query in it fails. */
  readonly session?: ImpersonationStatements & Pick<Allowed, 'targetName'>;
}

export interface Right {
  readonly isAllowed: true;
  readonly platform: ImpersonationPlatform;
  readonly right: ImpersonationRight;
  /** Name of the impersonating user on the data platform. */
  readonly account: string;
}

export interface Allowed extends Right, ImpersonationStatements {
  /** Name of the impersonated user, as in the statements. */
  readonly targetName: string;
}

/** Parts of the simulator that these functions read. */
export interface ImpersonationContext {
  readonly identities: Pick<IdentityStore, 'users'>;
  readonly externalIds: Pick<ExternalIds, 'get'>;
  readonly integrations: Pick<Integrations, 'get'>;
}

/** Returns whether a user may impersonate others at all. On Databricks, `user.userid` is used unchanged if there is no such user. */
export function findRight(context: ImpersonationContext, platform: DataPlatformId, user: UserName): Right | Refused {
  const settings = context.integrations.get();
  if (!isImpersonationPlatform(platform)) {
    return refuse('not-supported', `${dataPlatforms[platform].name} does not support impersonation.`);
  }
  const off = findSwitchedOff(platform, settings);
  if (off !== null) return off;
  const found = context.identities.users.find(user);
  if (platform === 'databricks') return findClusterRight(context.externalIds, settings, user, found !== null);
  if (found === null) return refuse('no-such-user', `The IAM ${user.iam} has no user ${user.userid}.`);
  if (found.disabled) return refuse('disabled', `${user.userid} is disabled.`);
  const account = context.externalIds.get(user, platform).id;
  const { name } = dataPlatforms[platform];
  if (account === null) return refuse('no-account', `${user.userid} has no account on ${name}.`);
  const allow = (right: ImpersonationRight): Right => ({ isAllowed: true, platform, right, account });
  if (context.identities.users.view(user).permissions.some((granted) => granted.name === permission)) {
    return allow('permission');
  }
  if (platform === 'trino') {
    if (settings.trino.admins.includes(account)) return allow('administrator');
  } else if (settings[platform].members.includes(account)) {
    return allow('database-role');
  }
  return refuse('not-permitted', `${user.userid} needs ${permission}, or ${describeOtherWay(platform, settings)}.`);
}

/** Returns a user's right to impersonate on each data platform that supports impersonation. */
export function listRights(context: ImpersonationContext, user: UserName) {
  return impersonationPlatforms.map((platform) => ({ platform, ...findRight(context, platform, user) }));
}

/** Returns whether one user may impersonate another, with the statements. */
export function evaluateImpersonation(
  context: ImpersonationContext,
  platform: DataPlatformId,
  user: UserName,
  target: UserName,
): Allowed | Refused {
  const right = findRight(context, platform, user);
  const startsWithout = platform === 'trino' && !right.isAllowed && right.reason === 'not-permitted';
  if (!right.isAllowed && !startsWithout) return right;
  const settings = context.integrations.get();
  const targetUser = platform === 'databricks' ? { iam: settings.databricks.iam, userid: target.userid } : target;
  const found = context.identities.users.find(targetUser);
  if (found === null) {
    return refuse('no-such-target', `The IAM ${targetUser.iam} has no user ${targetUser.userid} to impersonate.`);
  }
  if (found.disabled) return refuse('target-disabled', `${found.userid} is disabled and cannot be impersonated.`);
  // Synapse requires its own name for the user; on other platforms, no account is necessary.
  const targetName = platform === 'synapse' ? context.externalIds.get(targetUser, 'synapse').id : found.userid;
  if (targetName === null) {
    return refuse(
      'target-without-account',
      `${found.userid} has no account on Synapse, which identifies users by their accounts.`,
    );
  }
  if (!canBeQuoted(targetName)) {
    return refuse(
      'name-not-quotable',
      'The name of the user to impersonate contains control characters, so no statement is safe.',
    );
  }
  if (right.isAllowed) return { ...right, targetName, ...writeImpersonation(right.platform, targetName, settings) };
  return {
    ...right,
    message: `${right.message} The session starts, but each query in it fails.`,
    session: { targetName, ...writeImpersonation('trino', targetName, settings) },
  };
}

function isImpersonationPlatform(platform: DataPlatformId): platform is ImpersonationPlatform {
  return (impersonationPlatforms as readonly string[]).includes(platform);
}

function findSwitchedOff(platform: ImpersonationPlatform, settings: LoadedIntegrationSettings): Refused | null {
  if (platform === 'databricks' || platform === 'trino') return null;
  const { name } = dataPlatforms[platform];
  if (!settings[platform].enableImpersonation) {
    return refuse('not-enabled', `Enable Impersonation is off in the integration with ${name}.`);
  }
  if (platform === 'snowflake' && settings.snowflake.hasExcludingFeature) {
    return refuse('excluded', 'An enabled feature excludes impersonation in Snowflake.');
  }
  return null;
}

/** Looks a user up in the cluster's list. Databricks ignores letter case in user names, and the permission has no effect there. */
function findClusterRight(
  externalIds: Pick<ExternalIds, 'get'>,
  { databricks }: LoadedIntegrationSettings,
  user: UserName,
  isKnown: boolean,
) {
  const account = isKnown ? externalIds.get(user, 'databricks').id : user.userid;
  if (account === null) return refuse('no-account', `${user.userid} has no account on Databricks.`);
  const isListed = databricks.allowedImpersonationUsers.some((name) => name.toLowerCase() === account.toLowerCase());
  if (isListed) return { isAllowed: true, platform: 'databricks', right: 'cluster-list', account } as const;
  return refuse(
    'not-permitted',
    `${account} is not in the cluster's IMMUTA_SPARK_DATABRICKS_ALLOWED_IMPERSONATION_USERS, the only setting that counts; ${permission} has no effect on Databricks.`,
  );
}

function describeOtherWay(
  platform: Exclude<ImpersonationPlatform, 'databricks'>,
  settings: LoadedIntegrationSettings,
): string {
  switch (platform) {
    case 'redshift':
      return `membership in the Redshift group ${settings.redshift.impersonationGroup}`;
    case 'synapse':
      return `membership in the Synapse role ${settings.synapse.impersonationRole}`;
    case 'snowflake':
      return `the role ${settings.snowflake.impersonationRole} in Snowflake`;
    case 'trino':
      return "a name that matches the integration's administrators";
  }
}

function refuse(reason: ImpersonationRefusal, message: string): Refused {
  return { isAllowed: false, reason, message };
}
