// REST operations on users.
import { keepAdministrator } from '../administrators.ts';
import { assertEmail } from '../identities/identity-error.ts';
import { builtInIam, type UserDetails, type UserFilter } from '../identities/identity-store.ts';
import { dataPlatformIds, dataPlatforms, type ProfileKey } from '../platforms/data-platforms.ts';
import { ApiError } from './api-error.ts';
import { assertVersion } from './assert-version.ts';
import { type Call, type Handler, handle } from './handler.ts';
import { VersionedAnswer } from './versioned-answer.ts';
import { isOwn, toGroupsOfUser, toProfileBody, toUserBody } from './wire.ts';

interface UserPath {
  readonly iamid: string;
  readonly userid: string;
}
type ValuePath = UserPath & { readonly key: string; readonly value: string };

interface ListQuery {
  readonly size: number;
  readonly offset: number;
  readonly name?: string;
  readonly email?: string;
  readonly userid?: string;
  readonly iamid?: string;
  readonly permission?: string;
  readonly includeDisabled: boolean;
  readonly excludeBIM: boolean;
  readonly sortField: NonNullable<UserFilter['sortBy']>;
  readonly sortOrder: 'asc' | 'desc';
}

interface NewUser {
  readonly userid: string;
  readonly profile: { readonly name: string; readonly email?: string };
  readonly permissions?: readonly string[];
}

interface UserChange {
  readonly profile?: ProfileChange;
  readonly permissions?: readonly string[];
  readonly authorizations?: Readonly<Record<string, readonly string[]>>;
  readonly disabled?: boolean;
}

interface ProfileChange extends UserDetails {
  readonly name?: string;
  readonly email?: string | null;
  readonly externalUserIds?: Readonly<Partial<Record<Exclude<ProfileKey, 'awsUser'>, string | null>>>;
}

const nameOf = ({ iamid, userid }: UserPath) => ({ iam: iamid, userid });

/** Returns the user with a version that covers everything that people can change, in one request or in several. */
function bodyOf({ simulator }: Call, path: UserPath): VersionedAnswer {
  const body = toUserBody(simulator, simulator.identities.users.view(nameOf(path)));
  const { id, profile, permissions, bimAuthorizations, disabled } = body;
  const { updatedAt: _updatedAt, ...edited } = profile;
  return new VersionedAnswer(body, { id, profile: edited, permissions, bimAuthorizations, disabled });
}

export const userHandlers: Readonly<Record<string, Handler>> = {
  listUsers: handle<{ query: ListQuery }>(({ query }, { simulator }) => {
    const { size, offset, iamid, excludeBIM, sortField, sortOrder, ...filter } = query;
    const { users } = simulator.identities;
    const page = users.list({
      ...filter,
      ...(iamid !== undefined && { iam: iamid }),
      ...(excludeBIM && { excludedIam: builtInIam }),
      sortBy: sortField,
      descending: sortOrder === 'desc',
      limit: size,
      offset,
    });
    return { hits: page.hits.map((user) => toUserBody(simulator, users.view(user))), count: page.count };
  }),
  createUser: handle<{ body: NewUser }>(({ body }, call) => {
    return { newUser: bodyOf(call, createUser(call, body)).body };
  }),
  cloneUser: handle<{ path: { userid: string }; body: NewUser }>(({ path, body }, call) => {
    const clone = call.simulator.identities.transaction(() => {
      const made = createUser(call, body);
      copyAccess(call, { iamid: builtInIam, userid: path.userid }, made);
      return made;
    });
    return { newUser: bodyOf(call, clone).body };
  }),
  getUser: handle<{ path: UserPath }>(({ path }, call) => bodyOf(call, path)),
  replaceUser: handle<{ path: UserPath; body: UserChange; ifMatch: string | null }>(({ path, body, ifMatch }, call) => {
    assertVersion(ifMatch, bodyOf(call, path));
    const { profile, permissions, authorizations, disabled } = body;
    keepAdministrator(call.simulator, () => {
      if (profile !== undefined) editProfile(call, path, profile);
      if (permissions !== undefined) replacePermissions(call, path, permissions);
      if (authorizations !== undefined) replaceValues(call, path, authorizations);
      if (disabled !== undefined) call.simulator.identities.users.setDisabled(nameOf(path), disabled, call.by);
    });
    return bodyOf(call, path);
  }),
  setPassword: handle<{ path: UserPath }>(({ path }, call) => {
    const body = bodyOf(call, path);
    if (path.iamid === builtInIam) return body;
    throw new ApiError(
      409,
      `Only users of the built-in IAM have a password here; ${path.userid} belongs to ${path.iamid}.`,
    );
  }),
  deleteUser: handle<{ path: UserPath }>(({ path }, { simulator, by }) =>
    // The confirmation dialogs belong to the web page: a request counts as confirmed.
    keepAdministrator(simulator, () =>
      simulator.identities.users.delete(nameOf(path), { confirmed: true, typed: 'Delete' }, by),
    ),
  ),
  getProfile: handle<{ path: UserPath }>(({ path }, { simulator }) =>
    toProfileBody(simulator, simulator.identities.users.get(nameOf(path))),
  ),
  editProfile: handle<{ path: UserPath; body: ProfileChange; ifMatch: string | null }>(
    ({ path, body, ifMatch }, call) => {
      assertVersion(ifMatch, bodyOf(call, path));
      editProfile(call, path, body);
      return bodyOf(call, path);
    },
  ),
  listGroupsOfUser: handle<{ path: UserPath }>(({ path }, { simulator }) =>
    toGroupsOfUser(simulator, simulator.identities.users.view(nameOf(path))),
  ),
  addPermissions: handle<{ path: UserPath; body: { permissions: readonly string[] } }>(({ path, body }, call) => {
    const { identities } = call.simulator;
    identities.transaction(() => {
      for (const permission of body.permissions) identities.users.addPermission(nameOf(path), permission, call.by);
    });
    return bodyOf(call, path);
  }),
  removePermission: handle<{ path: UserPath & { readonly permission: string } }>(({ path }, call) => {
    keepAdministrator(call.simulator, () =>
      call.simulator.identities.users.removePermission(nameOf(path), path.permission, call.by),
    );
    return bodyOf(call, path);
  }),
  replaceAuthorizations: handle<{
    path: UserPath;
    body: { authorizations: Readonly<Record<string, readonly string[]>> };
  }>(({ path, body }, call) => {
    replaceValues(call, path, body.authorizations);
    return bodyOf(call, path);
  }),
  setDisabled: handle<{ path: UserPath & { readonly disabled: boolean } }>(({ path }, call) => {
    keepAdministrator(call.simulator, () =>
      call.simulator.identities.users.setDisabled(nameOf(path), path.disabled, call.by),
    );
    return bodyOf(call, path);
  }),
  addUserAuthorization: handle<{ path: ValuePath }>(({ path }, call) => {
    call.simulator.identities.attributes.add({ user: nameOf(path) }, path.key, path.value, call.by);
    return bodyOf(call, path);
  }),
  removeUserAuthorization: handle<{ path: ValuePath }>(({ path }, call) => {
    call.simulator.identities.attributes.remove({ user: nameOf(path) }, path.key, path.value, call.by);
    return bodyOf(call, path);
  }),
};

/** @returns the user as stored by the IAM, which may normalize the user id. */
function createUser({ simulator, by }: Call, { userid, profile: { name, email }, permissions }: NewUser): UserPath {
  // In the built-in IAM, the user name is the e-mail address.
  assertEmail(userid);
  const user = {
    ...{ userid, name },
    ...(email !== undefined && { email }),
    ...(permissions !== undefined && { permissions }),
  };
  const made = simulator.identities.users.create(user, by);
  return { iamid: made.iam, userid: made.userid };
}

/** Copies manually assigned permissions, memberships and values. People cannot change the assignments of an IAM. */
function copyAccess({ simulator: { identities }, by }: Call, from: UserPath, to: UserPath): void {
  const { groups, values, permissions } = identities.users.view(nameOf(from));
  const user = nameOf(to);
  for (const { name } of permissions.filter(isOwn)) identities.users.addPermission(user, name, by);
  for (const group of groups) {
    if (group.origins.includes('platform')) identities.groups.addMember(group, user, by);
  }
  for (const { name, value, group, origins } of values) {
    if (group === null && origins.includes('platform')) identities.attributes.add({ user }, name, value, by);
  }
}

function editProfile({ simulator, by }: Call, path: UserPath, body: ProfileChange): void {
  const { name, email, externalUserIds = {}, ...details } = pickProfile(body);
  const { identities, externalIds } = simulator;
  const user = nameOf(path);
  identities.transaction(() => {
    const change = { ...identities.users.get(user).details, ...details };
    const named = { ...(name !== undefined && { name }), ...(email !== undefined && { email }) };
    identities.users.edit(user, { ...named, details: change }, by);
    for (const platform of dataPlatformIds) {
      const { key } = dataPlatforms[platform];
      const id = key === 'awsUser' ? undefined : externalUserIds[key];
      if (id === undefined) continue;
      const choice = id === null ? { kind: 'unset' as const } : { kind: 'mapped' as const, id, awsType: null };
      externalIds.set(user, platform, choice, by);
    }
  });
}

function replacePermissions({ simulator: { identities }, by }: Call, path: UserPath, wanted: readonly string[]): void {
  const user = nameOf(path);
  for (const { name } of identities.users.view(user).permissions.filter(isOwn)) {
    if (!wanted.includes(name)) identities.users.removePermission(user, name, by);
  }
  for (const name of wanted) identities.users.addPermission(user, name, by);
}

/** Returns only those properties of a body that belong to a profile. */
function pickProfile({ name, email, externalUserIds, phone, about, location, organization, position }: ProfileChange) {
  const details = Object.entries({ phone, about, location, organization, position });
  return {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(externalUserIds !== undefined && { externalUserIds }),
    ...Object.fromEntries(details.filter(([, value]) => value !== undefined)),
  };
}

/** Replaces only values that were assigned on the platform: people cannot remove values that the IAM assigns. */
function replaceValues(
  { simulator, by }: Call,
  path: UserPath,
  wanted: Readonly<Record<string, readonly string[]>>,
): void {
  const { identities } = simulator;
  const holder = { user: nameOf(path) };
  identities.transaction(() => {
    const { values } = identities.users.view(holder.user);
    const keep = new Set(
      Object.entries(wanted).flatMap(([name, list]) => list.map((value) => JSON.stringify([name, value]))),
    );
    for (const { name, value, group, origins } of values) {
      if (group !== null || !origins.includes('platform') || keep.has(JSON.stringify([name, value]))) continue;
      identities.attributes.remove(holder, name, value, by);
    }
    for (const [name, list] of Object.entries(wanted)) {
      for (const value of list) identities.attributes.add(holder, name, value, by);
    }
  });
}
