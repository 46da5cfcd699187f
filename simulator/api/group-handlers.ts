// REST operations on groups.
import { keepAdministrator } from '../administrators.ts';
import { builtInIam, type Member } from '../identities/identity-store.ts';
import { ApiError } from './api-error.ts';
import { assertVersion } from './assert-version.ts';
import { type Call, type Handler, handle } from './handler.ts';
import { VersionedAnswer } from './versioned-answer.ts';
import { toGroupBody } from './wire.ts';

interface GroupPath {
  readonly groupid: number;
}
type ValuePath = GroupPath & { readonly iamid: string; readonly key: string; readonly value: string };

interface ListQuery {
  readonly size: number;
  readonly offset: number;
  readonly name?: string;
  readonly iamid?: string;
}

interface NewGroup {
  readonly iamid: string;
  readonly name: string;
  readonly description?: string;
  readonly email?: string;
}

interface SearchQuery {
  readonly search?: string;
  readonly size: number;
  readonly offset: number;
}

interface GroupChange {
  readonly name?: string;
  readonly description?: string | null;
  readonly email?: string | null;
}

function groupOf({ simulator }: Call, { groupid, iamid }: GroupPath & { readonly iamid?: string }) {
  const group = simulator.identities.groups.getById(groupid);
  if (iamid === undefined || group.iam === iamid) return group;
  throw new ApiError(404, `The IAM ${iamid} has no group with the id ${groupid}.`);
}

/**
 * Returns the group with a version that covers the fields of its form. Its members and attributes are not covered, because they are added and removed
 * one by one.
 */
function bodyOf(call: Call, path: GroupPath): VersionedAnswer {
  const body = toGroupBody(call.simulator, groupOf(call, path));
  const { id, iamid, name, description, email } = body;
  return new VersionedAnswer(body, { id, iamid, name, description, email });
}

/** Memberships have no ids of their own: within a group, the user's id identifies one. */
function toMember({ id, iam, userid, name, email }: Pick<Member, 'id' | 'iam' | 'userid' | 'name' | 'email'>) {
  return { id, userid, iamid: iam, name, email };
}

/** Adds the origins of the membership: only a membership that a person assigned can be removed here. */
function toMemberDetails({ disabled, origins, ...user }: Member) {
  return { ...toMember(user), disabled, origins, isRemovable: origins.includes('platform') };
}

/** Response of `searchMembers`. */
export type MemberDetailsBody = ReturnType<typeof toMemberDetails>;

export const groupHandlers: Readonly<Record<string, Handler>> = {
  listGroups: handle<{ query: ListQuery }>(({ query: { size, offset, name, iamid } }, { simulator }) => {
    const page = simulator.identities.groups.list({
      ...(name !== undefined && { search: name }),
      ...(iamid !== undefined && { iam: iamid }),
      limit: size,
      offset,
    });
    return { hits: page.hits.map((group) => toGroupBody(simulator, group)), count: page.count };
  }),
  createGroup: handle<{ body: NewGroup }>(({ body: { iamid, name, description, email } }, { simulator, by }) => {
    const texts = { ...(description !== undefined && { description }), ...(email !== undefined && { email }) };
    return toGroupBody(simulator, simulator.identities.groups.create({ iam: iamid, name, ...texts }, by));
  }),
  getGroup: handle<{ path: GroupPath }>(({ path }, call) => bodyOf(call, path)),
  editGroup: handle<{ path: GroupPath; body: GroupChange; ifMatch: string | null }>(({ path, body, ifMatch }, call) => {
    const { name, description, email } = body;
    assertVersion(ifMatch, bodyOf(call, path));
    const change = {
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      ...(email !== undefined && { email }),
    };
    call.simulator.identities.groups.edit(groupOf(call, path), change, call.by);
    return bodyOf(call, path);
  }),
  deleteGroup: handle<{ path: GroupPath }>(({ path }, call) =>
    keepAdministrator(call.simulator, () => call.simulator.identities.groups.delete(groupOf(call, path), call.by)),
  ),
  listMembers: handle<{ path: GroupPath }>(({ path }, call) =>
    call.simulator.identities.groups.pageMembers(groupOf(call, path), { limit: -1 }).hits.map(toMember),
  ),
  searchMembers: handle<{ path: GroupPath; query: SearchQuery }>(({ path, query: { search, size, offset } }, call) => {
    const filter = { ...(search !== undefined && { search }), limit: size, offset };
    const { hits, count } = call.simulator.identities.groups.pageMembers(groupOf(call, path), filter);
    return { hits: hits.map(toMemberDetails), count };
  }),
  listCandidates: handle<{ path: GroupPath; query: SearchQuery }>(
    ({ path, query: { search = '', size, offset } }, call) => {
      const { id, iam } = groupOf(call, path);
      // A group of the built-in IAM can have users of every IAM.
      const own = iam === builtInIam ? {} : { iam };
      const filter = { ...own, search, notAddedTo: id, limit: size, offset };
      const { hits, count } = call.simulator.identities.users.list(filter);
      return { hits: hits.map(toMember), count };
    },
  ),
  suggestAttributes: handle<{ query: { name?: string; search: string; size: number } }>(
    ({ query: { name, search, size } }, { simulator }) =>
      simulator.identities.attributes.suggest({ ...(name !== undefined && { name }), search, limit: size }),
  ),
  addMember: handle<{ path: GroupPath; body: { userid: string; iamid: string } }>(({ path, body }, call) => {
    const user = { iam: body.iamid, userid: body.userid };
    call.simulator.identities.groups.addMember(groupOf(call, path), user, call.by);
    return toMember(call.simulator.identities.users.get(user));
  }),
  removeMember: handle<{ path: GroupPath & { readonly groupuserid: number } }>(({ path }, call) => {
    const { groups } = call.simulator.identities;
    const group = groupOf(call, path);
    const member = groups.findMember(group, path.groupuserid);
    if (!member) throw new ApiError(404, `The group has no member with the id ${path.groupuserid}.`);
    keepAdministrator(call.simulator, () => groups.removeMember(group, member, call.by));
  }),
  addGroupAuthorization: handle<{ path: ValuePath }>(({ path }, call) => {
    call.simulator.identities.attributes.add({ group: groupOf(call, path) }, path.key, path.value, call.by);
    return bodyOf(call, path);
  }),
  removeGroupAuthorization: handle<{ path: ValuePath }>(({ path }, call) => {
    call.simulator.identities.attributes.remove({ group: groupOf(call, path) }, path.key, path.value, call.by);
    return bodyOf(call, path);
  }),
};
