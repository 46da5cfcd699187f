// Resolves users on one data platform: accounts, shared accounts, and uncertain accounts.
import type { UserName } from '../identities/identity-store.ts';
import { type AwsUserType, type DataPlatformId, dataPlatforms } from './data-platforms.ts';
import type { ExternalIdGap, ExternalIds } from './external-ids.ts';

export interface ResolveOptions {
  /** How names are compared where the platform does not document this. */
  readonly undocumentedCase: 'ignored' | 'counts';
  readonly includeDisabled: boolean;
}

/** Default comparison where the platform does not document its behavior. */
export const guessedCase: ResolveOptions['undocumentedCase'] = 'counts';

/** Counts of users: each user is mapped, resolved by user name, or without an account. */
export interface ExternalIdReport {
  readonly platform: DataPlatformId;
  readonly users: number;
  readonly mapped: number;
  /** The user name is used. */
  readonly userName: number;
  /** A person specified that the user has no account, or the user's entry in `gaps` states why there is none. */
  readonly withoutAccount: number;
  readonly gaps: ReadonlyArray<{ readonly user: UserName; readonly gap: ExternalIdGap }>;
  /** Accounts shared by several users, each of whom has the access of the others on the data platform. */
  readonly collisions: ReadonlyArray<{
    readonly id: string;
    readonly awsType: AwsUserType | null;
    readonly users: readonly UserName[];
  }>;
  readonly guesses: { readonly letterCase?: ResolveOptions['undocumentedCase'] };
}

export function resolveExternalIds(
  externalIds: ExternalIds,
  platform: DataPlatformId,
  { undocumentedCase, includeDisabled }: ResolveOptions,
): ExternalIdReport {
  const { letterCase } = dataPlatforms[platform];
  const ignoresCase = (letterCase ?? undocumentedCase) === 'ignored';
  const counts = { users: 0, mapped: 0, userName: 0, withoutAccount: 0 };
  const gaps: Array<ExternalIdReport['gaps'][number]> = [];
  const owners = new Map<string, { id: string; awsType: AwsUserType | null; users: UserName[] }>();
  for (const { user, external } of externalIds.each(platform, includeDisabled)) {
    counts.users++;
    if (external.gap !== null) gaps.push({ user, gap: external.gap });
    const { id, awsType } = external;
    if (id === null) {
      counts.withoutAccount++;
      continue;
    }
    if (external.source === 'user-name') counts.userName++;
    else counts.mapped++;
    // A role and a user of AWS can have the same name.
    const key = `${awsType}:${ignoresCase ? id.toLowerCase() : id}`;
    const owner = owners.get(key);
    if (owner) owner.users.push(user);
    else owners.set(key, { id, awsType, users: [user] });
  }
  return {
    platform,
    ...counts,
    gaps,
    collisions: [...owners.values()].filter(({ users }) => users.length > 1),
    guesses: letterCase === null ? { letterCase: undocumentedCase } : {},
  };
}
