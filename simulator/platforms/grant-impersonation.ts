// Grants and revokes the permission to impersonate on the data platform itself, as its administrator does: by group or role.
import { IdentityError } from '../identities/identity-error.ts';
import type { UserName } from '../identities/identity-store.ts';
import { type DataPlatformId, dataPlatforms } from './data-platforms.ts';
import type { ExternalIds } from './external-ids.ts';
import { type Statement, writeGrant } from './impersonation-statements.ts';
import type { Integrations } from './integrations.ts';
import { canBeQuoted } from './sql-text.ts';

/** Data platforms that use a group or a role for impersonation. */
const grantPlatforms = ['redshift', 'snowflake', 'synapse'] as const;
type GrantPlatform = (typeof grantPlatforms)[number];

export interface ImpersonationGrant {
  readonly platform: GrantPlatform;
  /** Name of the user on the data platform. */
  readonly account: string;
  /** Role that runs the statement on the data platform. */
  readonly as: string;
  readonly statement: Statement;
  /** Current members of the group or role. */
  readonly members: readonly string[];
}

interface GrantContext {
  readonly externalIds: Pick<ExternalIds, 'get'>;
  readonly integrations: Integrations;
}

export function isGrantPlatform(platform: DataPlatformId): platform is GrantPlatform {
  return grantPlatforms.some((known) => known === platform);
}

/**
 * Adds the user's account to the data platform's group or role in the settings, or removes it. Returns the statement that has this effect on the data
 * platform.
 *
 * @throws {IdentityError} `unknown` for the user; `refused` on other data platforms and without an account; `invalid` for a name with
 * control characters.
 */
export function grantImpersonation(
  { externalIds, integrations }: GrantContext,
  platform: DataPlatformId,
  user: UserName,
  isGiven: boolean,
  by: string,
): ImpersonationGrant {
  const { name } = dataPlatforms[platform];
  if (!isGrantPlatform(platform)) {
    throw new IdentityError(
      'refused',
      `${name} has no group or role for impersonation. Use one of ${grantPlatforms.join(', ')}.`,
    );
  }
  const account = externalIds.get(user, platform).id;
  if (account === null)
    throw new IdentityError('refused', `${user.userid} has no account on ${name}. Set a user name there first.`);
  if (!canBeQuoted(account)) {
    throw new IdentityError(
      'invalid',
      `The user name on ${name} contains control characters, so no statement is safe.`,
    );
  }
  const loaded = integrations.get();
  const others = loaded[platform].members.filter((member) => member !== account);
  const members = isGiven ? [...others, account] : others;
  const stored = integrations.stored();
  integrations.set({ ...stored, [platform]: { ...(stored[platform] as object | undefined), members } }, by);
  const grant = writeGrant(platform, account, isGiven, loaded);
  if (grant === null) throw new Error(`no statement for a grant on ${platform}`);
  return { platform, account, ...grant, members };
}
