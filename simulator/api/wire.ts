// JSON forms of users, groups and IAMs in the platform's public API.
import type { Attributes, EffectiveUser, Group, Iam, User } from '../identities/identity-store.ts';
import type { Simulator } from '../open-simulator.ts';
import { dataPlatforms } from '../platforms/data-platforms.ts';
import { assumedBy } from '../sync/guess-origins.ts';
import type { IamSchedules } from '../sync/iam-schedules.ts';
import type { SyncResult } from '../sync/run-sync.ts';

export function toIamBody({ id, name, type }: Iam, schedules: Pick<IamSchedules, 'nextRun'>) {
  return { id, displayName: name, type, oauth: false as const, nextSync: schedules.nextRun(id) };
}

export function toProfileBody({ externalIds }: Pick<Simulator, 'externalIds'>, user: User) {
  const named = externalIds.of(user).filter(({ source }) => source !== 'user-name');
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    ...user.details,
    preferences: {},
    externalUserIds: Object.fromEntries(named.map(({ platform, id }) => [dataPlatforms[platform].key, id])),
    systemGenerated: false as const,
    scim: false as const,
    createdAt: user.createdAt,
    updatedAt: user.updatedAt,
  };
}

/** Returns whether a permission is granted to the user directly, not through a group or a default. */
export function isOwn({ group, byDefault }: EffectiveUser['permissions'][number]): boolean {
  return group === null && !byDefault;
}

export function toUserBody(simulator: Pick<Simulator, 'externalIds' | 'identities'>, view: EffectiveUser) {
  const { user, values, permissions } = view;
  const own = values.filter(({ group }) => group === null);
  const named = (list: EffectiveUser['permissions']) => [...new Set(list.map(({ name }) => name))];
  return {
    id: user.id,
    iamid: user.iam,
    userid: user.userid,
    bimAuthorizations: toMap(own.filter(({ origins }) => origins.includes('platform'))),
    iamAuthorizations: toMap(own.filter(({ origins }) => origins.some((origin) => origin !== 'platform'))),
    authorizations: toMap(values),
    permissions: named(permissions.filter(isOwn)),
    groupPermissions: named(permissions.filter((permission) => !isOwn(permission))),
    profile: toProfileBody(simulator, user),
    lastLogin: user.lastLogin,
    lastExternalRefresh: user.lastExternalRefresh,
    disabled: user.disabled,
    hasLogin: user.lastLogin !== null,
    groups: toGroupsOfUser(simulator, view),
    createdAt: user.createdAt,
    updatedAt: user.updatedAt,
  };
}

export function toGroupsOfUser({ identities }: Pick<Simulator, 'identities'>, { groups }: EffectiveUser) {
  return groups.map(({ iam, name }) => ({ id: identities.groups.idOf({ iam, name }), iamid: iam, name }));
}

export function toGroupBody({ identities }: Pick<Simulator, 'identities'>, group: Group) {
  const { id, iam, name, description, email, members, createdAt, updatedAt } = group;
  const authorizations = orNull(identities.attributes.of({ group }));
  return { id, iamid: iam, name, description, email, authorizations, members, createdAt, updatedAt };
}

export function toSyncBody({ run, ending, summary }: SyncResult) {
  const { asked, answered, failures, created, migrated = 0, changed, disabled, enabled, losing, stopped } = summary;
  return {
    ...{ runId: run.id, ending, dryRun: run.dryRun, asked, answered, failures },
    ...{ created, migrated, changed, disabled, enabled, losing, stopped, toConfirm: summary.toConfirm ?? {} },
    ...assumedBy(run),
  };
}

function toMap(values: EffectiveUser['values']): Attributes | null {
  const map = new Map<string, Set<string>>();
  for (const { name, value } of values) map.set(name, (map.get(name) ?? new Set()).add(value));
  return orNull(Object.fromEntries([...map].map(([name, all]) => [name, [...all]])));
}

function orNull(attributes: Attributes): Attributes | null {
  return Object.keys(attributes).length === 0 ? null : attributes;
}
