// Owns the operations on groups of the REST API.
import type { UserName } from '../identities/identity-store.ts';
import { ApiError } from './api-error.ts';
import { type Call, type Handler, handle } from './handler.ts';
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

interface GroupChange {
  readonly name?: string;
  readonly description?: string | null;
  readonly email?: string | null;
}

function groupOf({ simulator }: Call, { groupid, iamid }: GroupPath & { readonly iamid?: string }) {
  const group = simulator.identities.groups.getById(groupid);
  if (iamid === undefined || group.iam === iamid) return group;
  throw new ApiError(404, `The IAM ${iamid} has no group of the id ${groupid}.`);
}

const bodyOf = (call: Call, path: GroupPath) => toGroupBody(call.simulator, groupOf(call, path));

/** A membership has no id of its own here: in a group the user's is one. */
function toMember({ simulator }: Call, user: UserName) {
  const { id, iam, userid, name, email } = simulator.identities.users.get(user);
  return { id, userid, iamid: iam, name, email };
}

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
  editGroup: handle<{ path: GroupPath; body: GroupChange }>(({ path, body: { name, description, email } }, call) => {
    const change = {
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      ...(email !== undefined && { email }),
    };
    call.simulator.identities.groups.edit(groupOf(call, path), change, call.by);
    return bodyOf(call, path);
  }),
  deleteGroup: handle<{ path: GroupPath }>(({ path }, call) =>
    call.simulator.identities.groups.delete(groupOf(call, path), call.by),
  ),
  listMembers: handle<{ path: GroupPath }>(({ path }, call) =>
    call.simulator.identities.groups.members(groupOf(call, path)).map((user) => toMember(call, user)),
  ),
  addMember: handle<{ path: GroupPath; body: { userid: string; iamid: string } }>(({ path, body }, call) => {
    const user = { iam: body.iamid, userid: body.userid };
    call.simulator.identities.groups.addMember(groupOf(call, path), user, call.by);
    return toMember(call, user);
  }),
  removeMember: handle<{ path: GroupPath & { readonly groupuserid: number } }>(({ path }, call) => {
    const { groups } = call.simulator.identities;
    const group = groupOf(call, path);
    const member = groups.findMember(group, path.groupuserid);
    if (!member) throw new ApiError(404, `The group has no member of the id ${path.groupuserid}.`);
    groups.removeMember(group, member, call.by);
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
