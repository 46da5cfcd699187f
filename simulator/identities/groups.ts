// Groups in the store and their members.
import { assertEmail, assertName, IdentityError } from './identity-error.ts';
import { builtInIam, type Group, type Groups, type UserName } from './identity-store.ts';
import {
  assertIam,
  describeOrigin,
  findGroup,
  getGroup,
  getGroupId,
  getUser,
  groupTarget,
  type StoreContext,
  searchedText,
  toGroup,
  toOrigins,
} from './store-context.ts';

interface MemberRow extends UserName {
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly disabled: number;
  readonly origins: string;
}

export function createGroups(context: StoreContext): Groups {
  const { db, now, record } = context;

  const touch = (id: number) => db.run('UPDATE groups SET updated_at = ? WHERE id = ?', [now(), id]);

  function originsOf(groupId: number, userId: number): string[] {
    return db
      .all<{ origin: string }>('SELECT origin FROM memberships WHERE user_id = ? AND group_id = ?', [userId, groupId])
      .map(({ origin }) => origin);
  }

  const groups: Groups = {
    create({ iam = builtInIam, name, description, email }, by) {
      return db.transaction(() => {
        assertIam(context, iam);
        assertProfile({ name, description: description ?? null, email: email ?? null });
        if (email !== undefined) assertEmail(email);
        if (findGroup(context, { iam, name })) {
          throw new IdentityError('taken', `The IAM ${iam} already has a group ${name}.`);
        }
        const at = now();
        db.run('INSERT INTO groups (iam, name, description, email, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)', [
          iam,
          name,
          description ?? null,
          email ?? null,
          at,
          at,
        ]);
        const created = getGroup(context, { iam, name });
        record(by, 'GroupCreated', groupTarget(created), null, pickProfile(created));
        return created;
      });
    },

    find: (group) => findGroup(context, group),
    get: (group) => getGroup(context, group),
    getById(id) {
      const found = db.find<{ iam: string; name: string }>('SELECT iam, name FROM groups WHERE id = ?', [id]);
      if (found) return getGroup(context, found);
      throw new IdentityError('unknown', `There is no group with the id ${id}.`);
    },

    idOf: (group) => getGroupId(context, group),

    list({ iam = null, search = null, limit = 25, offset = 0 }) {
      const where = `WHERE (?1 IS NULL OR iam = ?1) AND (?2 IS NULL OR instr(folded(name), ?2) > 0)`;
      const filter = [iam, search === null ? null : search.toLowerCase()];
      const count = db.find<{ n: number }>(`SELECT count(*) AS n FROM groups ${where}`, filter)?.n ?? 0;
      const rows = db.all<Parameters<typeof toGroup>[0]>(
        `SELECT *, (SELECT count(DISTINCT user_id) FROM memberships WHERE group_id = groups.id) AS members
         FROM groups ${where} ORDER BY name, iam LIMIT ?3 OFFSET ?4`,
        [...filter, limit, offset],
      );
      return { hits: rows.map(toGroup), count };
    },

    edit(group, change, by) {
      return db.transaction(() => {
        const before = getGroup(context, group);
        const after = {
          name: change.name ?? before.name,
          description: change.description === undefined ? before.description : change.description,
          email: change.email === undefined ? before.email : change.email,
        };
        assertProfile(after);
        if (after.email !== null && after.email !== before.email) assertEmail(after.email);
        if (JSON.stringify(after) === JSON.stringify(pickProfile(before))) return before;
        const renamed = { iam: group.iam, name: after.name };
        if (after.name !== before.name && findGroup(context, renamed)) {
          throw new IdentityError('taken', `The IAM ${group.iam} already has a group ${after.name}.`);
        }
        db.run('UPDATE groups SET name = ?, description = ?, email = ? WHERE id = ?', [
          after.name,
          after.description,
          after.email,
          before.id,
        ]);
        touch(before.id);
        record(by, 'GroupChanged', groupTarget(renamed), pickProfile(before), after);
        return getGroup(context, renamed);
      });
    },

    delete(group, by) {
      db.transaction(() => {
        const before = getGroup(context, group);
        const members = groups.members(group);
        db.run('DELETE FROM groups WHERE id = ?', [before.id]);
        record(by, 'GroupDeleted', groupTarget(group), { ...pickProfile(before), members }, null);
      });
    },

    addMember(group, user, by) {
      db.transaction(() => {
        const groupId = getGroupId(context, group);
        const { id: userId } = getUser(context, user);
        if (group.iam !== builtInIam && group.iam !== user.iam) {
          throw new IdentityError(
            'refused',
            `The group ${group.name} belongs to ${group.iam} and cannot have members of ${user.iam}. Use a built-in group.`,
          );
        }
        if (originsOf(groupId, userId).includes('platform')) return;
        db.run("INSERT INTO memberships (user_id, group_id, origin) VALUES (?, ?, 'platform')", [userId, groupId]);
        touch(groupId);
        record(by, 'GroupMemberAdded', groupTarget(group), null, { iam: user.iam, userid: user.userid });
      });
    },

    removeMember(group, user, by) {
      db.transaction(() => {
        const groupId = getGroupId(context, group);
        const { id: userId } = getUser(context, user);
        const origins = originsOf(groupId, userId);
        if (origins.length === 0) return;
        if (!origins.includes('platform')) {
          throw new IdentityError(
            'refused',
            `${user.userid} gets the group ${group.name} from the ${origins.map(describeOrigin).join(' and the ')}. Remove the membership there.`,
          );
        }
        db.run("DELETE FROM memberships WHERE user_id = ? AND group_id = ? AND origin = 'platform'", [userId, groupId]);
        touch(groupId);
        record(by, 'GroupMemberRemoved', groupTarget(group), { iam: user.iam, userid: user.userid }, null);
      });
    },

    members(group) {
      const id = getGroupId(context, group);
      return db
        .all<{ iam: string; userid: string; origins: string }>(
          `SELECT u.iam, u.userid, group_concat(m.origin) AS origins
           FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.group_id = ?
           GROUP BY u.id ORDER BY u.userid, u.iam`,
          [id],
        )
        .map(({ origins, ...user }) => ({ ...user, origins: toOrigins(origins) }));
    },

    pageMembers(group, { search, limit = 25, offset = 0 }) {
      const id = getGroupId(context, group);
      const part = search?.toLowerCase() ?? '';
      const where = `m.group_id = ?1 AND (?2 = '' OR instr(folded(${searchedText}), ?2) > 0)`;
      const rows = db.all<MemberRow>(
        `SELECT u.id, u.iam, u.userid, u.name, u.email, u.disabled, group_concat(m.origin) AS origins
         FROM memberships m JOIN users u ON u.id = m.user_id WHERE ${where}
         GROUP BY u.id ORDER BY u.userid, u.iam LIMIT ?3 OFFSET ?4`,
        [id, part, limit, offset],
      );
      const count = db.find<{ n: number }>(
        part === ''
          ? 'SELECT count(DISTINCT user_id) AS n FROM memberships WHERE group_id = ?1 AND ?2 = ?2'
          : `SELECT count(DISTINCT u.id) AS n FROM memberships m JOIN users u ON u.id = m.user_id WHERE ${where}`,
        [id, part],
      );
      const hits = rows.map(({ origins, disabled, ...user }) => ({
        ...user,
        disabled: disabled === 1,
        origins: toOrigins(origins),
      }));
      return { hits, count: count?.n ?? 0 };
    },

    findMember: (group, userId) =>
      db.find<UserName>(
        `SELECT u.iam, u.userid FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.group_id = ? AND m.user_id = ? LIMIT 1`,
        [getGroupId(context, group), userId],
      ),
  };
  return groups;
}

type Profile = Pick<Group, 'name' | 'description' | 'email'>;

function assertProfile({ name, description, email }: Profile): void {
  assertName('name of the group', name);
  if (description !== null) assertName('description', description);
  if (email !== null) assertName('e-mail address', email);
}

function pickProfile({ name, description, email }: Profile): Profile {
  return { name, description, email };
}
