// Tests that identities behave as the platform's pages describe, with a real in-memory database.
import { expect } from 'chai';
import { openDatabase, type SimulatorDatabase } from '../database/open-database.ts';
import { createIdentityStore } from './create-identity-store.ts';
import { type AuditRecord, builtInIam, fixedPermissions, type IdentityStore } from './identity-store.ts';
import { refusalOf } from './testing/refusal-of.ts';

const by = 'admin@example.com';
const ada = { iam: builtInIam, userid: 'ada@example.com' };
const analysts = { iam: builtInIam, name: 'analysts' };
const twice = { confirmed: true, typed: 'Delete' };

describe('the identities of the simulator', () => {
  let db: SimulatorDatabase;
  let store: IdentityStore;
  let timeMs: number;

  beforeEach(() => {
    db = openDatabase(null);
    timeMs = Date.parse('2026-11-25T12:00:00Z');
    store = createIdentityStore(db, () => timeMs);
    store.users.create({ userid: ada.userid, name: 'Ada Lovelace' }, by);
    store.iams.create({ id: 'okta', name: 'Okta', type: 'okta' }, by);
  });
  afterEach(() => db.close());

  const actions = () =>
    store.audit
      .list({ limit: 1000 })
      .hits.map(({ action, target }) => `${action} ${target}`)
      .reverse();

  describe('users', () => {
    it('are created with the e-mail address as user name, which is unique in its IAM', () => {
      expect(store.users.get(ada)).to.deep.include({ name: 'Ada Lovelace', email: ada.userid, disabled: false });
      expect(refusalOf(() => store.users.create({ userid: ada.userid, name: 'Another' }, by))).to.equal('taken');
      store.users.create({ iam: 'okta', userid: ada.userid, name: 'Ada at Okta' }, by);
      expect(store.users.get(ada).name).to.equal('Ada Lovelace');
    });

    it('are disabled and enabled; the list hides disabled users unless they are requested', () => {
      store.users.create({ userid: 'bob@example.com', name: 'Bob' }, by);
      store.users.setDisabled(ada, true, by);
      expect(store.users.list({}).hits.map(({ userid }) => userid)).to.deep.equal(['bob@example.com']);
      expect(store.users.list({ includeDisabled: true }).count).to.equal(2);
      store.users.setDisabled(ada, false, by);
      store.users.setDisabled(ada, false, by);
      expect(store.users.list({}).count).to.equal(2);
      expect(actions().filter((action) => action.includes('abled'))).to.deep.equal([
        `UserDisabled ${ada.userid}`,
        `UserEnabled ${ada.userid}`,
      ]);
    });

    it('are found by part of a name, ignoring letter case even beyond ASCII, and with SQL wildcards taken literally', () => {
      store.users.create({ iam: 'okta', userid: 'zoe', name: 'Zoë ÖZGÜR', email: 'z_e%@example.com' }, by);
      const find = (search: string) => store.users.list({ search }).hits.map(({ userid }) => userid);
      expect(find('özgür')).to.deep.equal(['zoe']);
      expect(find('LOVE')).to.deep.equal([ada.userid]);
      expect(find('_e%')).to.deep.equal(['zoe']);
      expect(find('%')).to.deep.equal(['zoe']);
      expect(find("' OR 1=1 --")).to.deep.equal([]);
      expect(store.users.list({ name: 'ada', email: 'zoe' }).count).to.equal(0);
      expect(store.users.list({ iam: 'okta', userid: 'ZO', email: 'Z_E' }).count).to.equal(1);
    });

    it('are listed in pages, sorted, with the total number', () => {
      for (let number = 0; number < 30; number++) {
        store.users.create(
          { iam: 'okta', userid: `user${String(number).padStart(2, '0')}`, name: `N${99 - number}` },
          by,
        );
      }
      const page = store.users.list({ iam: 'okta', limit: 10, offset: 25 });
      expect([page.count, page.hits.map(({ userid }) => userid)]).to.deep.equal([
        30,
        ['user25', 'user26', 'user27', 'user28', 'user29'],
      ]);
      expect(store.users.list({ iam: 'okta' }).hits).to.have.lengthOf(25);
      expect(store.users.list({ iam: 'okta', sortBy: 'name', limit: 1 }).hits[0]?.userid).to.equal('user29');
      expect(store.users.list({ iam: 'okta', sortBy: 'name', descending: true, limit: 1 }).hits[0]?.name).to.equal(
        'N99',
      );
    });

    it('have permissions, the fixed ones and custom ones; others are rejected', () => {
      store.users.addPermission(ada, 'AUDIT', by);
      store.users.addPermission(ada, 'AUDIT', by);
      expect(refusalOf(() => store.users.addPermission(ada, 'SOC2', by))).to.equal('unknown');
      store.permissions.addCustom('SOC2', by);
      store.users.addPermission(ada, 'SOC2', by);
      expect(store.permissions.list()).to.deep.equal([...fixedPermissions, 'SOC2']);
      expect(store.users.view(ada).permissions.map(({ name }) => name)).to.deep.equal(['AUDIT', 'SOC2']);
      expect(refusalOf(() => store.permissions.removeCustom('SOC2', by))).to.equal('refused');
      store.users.removePermission(ada, 'SOC2', by);
      store.permissions.removeCustom('SOC2', by);
      expect(refusalOf(() => store.permissions.removeCustom('AUDIT', by))).to.equal('refused');
      expect(refusalOf(() => store.permissions.addCustom('GOVERNANCE', by))).to.equal('taken');
      expect(store.users.list({ permission: 'AUDIT' }).count).to.equal(1);
      expect(store.users.list({ permission: 'SOC2' }).count).to.equal(0);
    });

    it('are deleted permanently only with two confirmations; the audit trail keeps their data', () => {
      store.groups.create({ name: 'analysts' }, by);
      store.groups.addMember(analysts, ada, by);
      for (const confirmation of [
        { confirmed: false, typed: 'Delete' },
        { confirmed: true, typed: 'delete' },
        { confirmed: true, typed: '' },
      ]) {
        expect(refusalOf(() => store.users.delete(ada, confirmation, by))).to.equal('unconfirmed');
      }
      store.users.delete(ada, twice, by);
      expect(store.users.find(ada)).to.equal(null);
      expect(store.groups.members(analysts)).to.deep.equal([]);
      const [record] = store.audit.list({ target: ada.userid, action: 'UserDeleted' }).hits;
      expect(record).to.deep.include({ at: '2026-11-25T12:00:00.000Z', by, after: null });
      expect(record?.before).to.deep.include({ groups: [{ ...analysts, origins: ['platform'] }] });
      expect(store.audit.list({ target: ada.userid, action: 'UserCreated' }).count).to.equal(1);
    });

    it('never reuse the number of a deleted user', () => {
      const { id } = store.users.get(ada);
      store.users.delete(ada, twice, by);
      expect(store.users.create({ userid: ada.userid, name: 'Ada again' }, by).id).to.be.greaterThan(id);
    });

    it('have a profile that can be edited, except for the address that is the user name', () => {
      store.users.edit(ada, { name: 'Countess', details: { location: 'London' } }, by);
      expect(store.users.get(ada)).to.deep.include({ name: 'Countess', details: { location: 'London' } });
      expect(refusalOf(() => store.users.edit(ada, { email: 'other@example.com' }, by))).to.equal('refused');
      const { before, after } = store.audit.list({ action: 'UserChanged' }).hits[0] ?? {};
      expect([before, after]).to.deep.equal([
        { name: 'Ada Lovelace', email: ada.userid, details: {} },
        { name: 'Countess', email: ada.userid, details: { location: 'London' } },
      ]);
    });

    for (const userid of ['', '  ', 'a\0b', 'half \ud800 pair']) {
      it(`cannot be named ${JSON.stringify(userid)}`, () => {
        expect(refusalOf(() => store.users.create({ iam: 'okta', userid, name: 'x' }, by))).to.equal('invalid');
      });
    }

    for (const userid of ['__proto__', "o'hara", '100%', 'ａｄａ', 'ADA@example.com', '👩‍💻']) {
      it(`can be named ${userid}`, () => {
        store.users.create({ iam: 'okta', userid, name: userid }, by);
        store.attributes.add({ user: { iam: 'okta', userid } }, userid, userid, by);
        expect(Object.entries(store.attributes.of({ user: { iam: 'okta', userid } }))).to.deep.equal([
          [userid, [userid]],
        ]);
        expect(store.users.list({ iam: 'okta' }).hits.map((user) => user.userid)).to.deep.equal([userid]);
      });
    }
  });

  describe('groups', () => {
    beforeEach(() => {
      store.groups.create({ name: 'analysts', description: 'Those who count', email: 'analysts@example.com' }, by);
    });

    it('are created, edited, searched for and deleted', () => {
      expect(refusalOf(() => store.groups.create({ name: 'analysts' }, by))).to.equal('taken');
      store.groups.create({ name: 'finance' }, by);
      expect(refusalOf(() => store.groups.edit(analysts, { name: 'finance' }, by))).to.equal('taken');
      store.groups.edit(analysts, { name: 'Analysts', description: null }, by);
      const found = store.groups.list({ search: 'ANA' });
      expect(found.count).to.equal(1);
      expect(found.hits[0]).to.deep.include({ name: 'Analysts', description: null, email: 'analysts@example.com' });
      store.groups.delete({ ...analysts, name: 'Analysts' }, by);
      expect(store.groups.list({}).count).to.equal(1);
    });

    it('have members, and count them', () => {
      store.groups.addMember(analysts, ada, by);
      store.groups.addMember(analysts, ada, by);
      expect(store.groups.get(analysts).members).to.equal(1);
      expect(store.groups.members(analysts)).to.deep.equal([{ ...ada, origins: ['platform'] }]);
      store.groups.removeMember(analysts, ada, by);
      store.groups.removeMember(analysts, ada, by);
      expect(store.groups.get(analysts).members).to.equal(0);
    });

    it('of the built-in IAM contain users of every IAM, and other groups contain only users of their own IAM', () => {
      const zoe = store.users.create({ iam: 'okta', userid: 'zoe', name: 'Zoë' }, by);
      const staff = store.groups.create({ iam: 'okta', name: 'staff' }, by);
      store.groups.addMember(analysts, zoe, by);
      store.groups.addMember(staff, zoe, by);
      expect(refusalOf(() => store.groups.addMember(staff, ada, by))).to.equal('refused');
    });

    it('keep a membership from the IAM, whatever a person does in the platform', () => {
      const zoe = store.users.create({ iam: 'okta', userid: 'zoe', name: 'Zoë' }, by);
      const staff = store.groups.create({ iam: 'okta', name: 'staff' }, by);
      db.run("INSERT INTO memberships VALUES (?, ?, 'endpoint')", [zoe.id, staff.id]);
      store.groups.addMember(staff, zoe, by);
      store.groups.removeMember(staff, zoe, by);
      expect(store.users.view(zoe).groups).to.deep.equal([{ iam: 'okta', name: 'staff', origins: ['endpoint'] }]);
      expect(refusalOf(() => store.groups.removeMember(staff, zoe, by))).to.equal('refused');
    });
  });

  describe('attributes', () => {
    beforeEach(() => {
      store.groups.create({ name: 'analysts' }, by);
      store.groups.addMember(analysts, ada, by);
    });

    it('of a group apply to its members, with the group as the origin', () => {
      store.attributes.add({ group: analysts }, 'region', 'emea', by);
      store.attributes.add({ user: ada }, 'region', 'emea', by);
      store.attributes.add({ user: ada }, 'clearance', 'high', by);
      const shared = { iam: builtInIam, origins: ['platform'] };
      expect(store.users.view(ada).values).to.deep.equal([
        { name: 'clearance', value: 'high', ...shared, group: null },
        { name: 'region', value: 'emea', ...shared, group: null },
        { name: 'region', value: 'emea', ...shared, group: analysts },
      ]);
      store.groups.removeMember(analysts, ada, by);
      expect(store.users.view(ada).values).to.have.lengthOf(2);
    });

    it('are listed with the number of their users, and are removed with their last user', () => {
      store.users.create({ userid: 'bob@example.com', name: 'Bob' }, by);
      const bob = { ...ada, userid: 'bob@example.com' };
      for (const user of [ada, bob]) store.attributes.add({ user }, 'region', 'emea', by);
      store.attributes.add({ group: analysts }, 'region', 'emea', by);
      store.attributes.add({ user: ada }, 'region', 'apac', by);
      expect(store.attributes.list({})).to.deep.equal([
        { iam: builtInIam, name: 'region', value: 'apac', users: 1, groups: 0 },
        { iam: builtInIam, name: 'region', value: 'emea', users: 2, groups: 1 },
      ]);
      store.attributes.remove({ user: ada }, 'region', 'apac', by);
      store.attributes.remove({ user: ada }, 'region', 'apac', by);
      store.users.delete(bob, twice, by);
      expect(store.attributes.list({ search: 'APAC' })).to.deep.equal([]);
      expect(store.attributes.list({ search: 'Region' })).to.deep.equal([
        { iam: builtInIam, name: 'region', value: 'emea', users: 1, groups: 1 },
      ]);
      store.groups.delete(analysts, by);
      store.attributes.remove({ user: ada }, 'region', 'emea', by);
      expect(store.attributes.list({})).to.deep.equal([]);
    });

    it('belong to one IAM each: the same value from the endpoint and from the platform counts twice', () => {
      const zoe = store.users.create({ iam: 'okta', userid: 'zoe', name: 'Zoë' }, by);
      db.run("INSERT INTO user_values VALUES (?, 'region', 'emea', 'endpoint')", [zoe.id]);
      db.run("INSERT INTO user_values VALUES (?, 'region', 'emea', 'identity-provider')", [zoe.id]);
      store.attributes.add({ user: zoe }, 'region', 'emea', by);
      expect(store.attributes.list({}).map(({ iam, users }) => [iam, users])).to.deep.equal([
        ['bim', 1],
        ['okta', 1],
      ]);
      expect(store.users.view(zoe).values.map(({ iam, origins }) => [iam, origins])).to.have.deep.members([
        ['bim', ['platform']],
        ['okta', ['endpoint', 'identity-provider']],
      ]);
      store.attributes.remove({ user: zoe }, 'region', 'emea', by);
      expect(refusalOf(() => store.attributes.remove({ user: zoe }, 'region', 'emea', by))).to.equal('refused');
    });
  });

  describe('IAMs', () => {
    it('grant permissions by default and by group, each with its origin', () => {
      const zoe = store.users.create({ iam: 'okta', userid: 'zoe', name: 'Zoë', permissions: ['AUDIT'] }, by);
      const staff = store.groups.create({ iam: 'okta', name: 'staff' }, by);
      store.groups.addMember(staff, zoe, by);
      store.iams.setPermissions('okta', null, ['CREATE_PROJECT'], by);
      store.iams.setPermissions('okta', 'staff', ['GOVERNANCE', 'AUDIT', 'AUDIT'], by);
      expect(store.users.view(zoe).permissions).to.deep.equal([
        { name: 'AUDIT', group: null, byDefault: false },
        { name: 'AUDIT', group: 'staff', byDefault: false },
        { name: 'CREATE_PROJECT', group: null, byDefault: true },
        { name: 'GOVERNANCE', group: 'staff', byDefault: false },
      ]);
      expect(store.iams.get('okta')).to.deep.include({
        defaultPermissions: ['CREATE_PROJECT'],
        groupPermissions: { staff: ['AUDIT', 'GOVERNANCE'] },
      });
      expect(store.users.view(ada).permissions).to.deep.equal([]);
      expect(store.users.list({ permission: 'GOVERNANCE' }).hits.map(({ userid }) => userid)).to.deep.equal(['zoe']);
      expect(store.users.list({ permission: 'CREATE_PROJECT' }).count).to.equal(1);
      expect(refusalOf(() => store.iams.setPermissions('okta', null, ['NONE'], by))).to.equal('unknown');
    });

    it('can be deleted when they have no users, except for the built-in IAM, which always exists', () => {
      store.users.create({ iam: 'okta', userid: 'zoe', name: 'Zoë' }, by);
      expect(refusalOf(() => store.iams.delete('okta', by))).to.equal('refused');
      store.users.delete({ iam: 'okta', userid: 'zoe' }, twice, by);
      store.iams.delete('okta', by);
      expect(refusalOf(() => store.iams.delete(builtInIam, by))).to.equal('refused');
      expect(store.iams.list().map(({ id }) => id)).to.deep.equal([builtInIam]);
    });
  });

  it('records every change with the actor, the time and the states before and after, and makes no change without a record', () => {
    store.groups.create({ name: 'analysts' }, 'bob');
    timeMs += 1000;
    store.groups.addMember(analysts, ada, 'bob');
    store.attributes.add({ user: ada }, 'region', 'emea', 'bob');
    const page = store.audit.list({ by: 'bob' });
    expect(page.count).to.equal(3);
    const withoutId = ({ at, action, kind, target, before, after }: AuditRecord) => ({
      at,
      action,
      kind,
      target,
      before,
      after,
    });
    const at = '2026-11-25T12:00:01.000Z';
    expect(page.hits.slice(0, 2).map(withoutId)).to.deep.equal([
      {
        at,
        action: 'AttributeApplied',
        kind: 'user',
        target: ada.userid,
        before: null,
        after: { name: 'region', value: 'emea' },
      },
      { at, action: 'GroupMemberAdded', kind: 'group', target: 'analysts', before: null, after: { ...ada } },
    ]);
    const count = store.audit.list({}).count;
    store.groups.addMember(analysts, ada, 'bob');
    store.users.edit(ada, { name: 'Ada Lovelace' }, 'bob');
    expect(refusalOf(() => store.users.create({ userid: 'x', name: 'x', permissions: ['NONE'] }, 'bob'))).to.equal(
      'unknown',
    );
    expect(store.users.find({ iam: builtInIam, userid: 'x' })).to.equal(null);
    expect(store.audit.list({}).count).to.equal(count);
  });

  it('returns the metrics of the last few days', () => {
    timeMs += 3 * 86_400_000;
    store.users.create({ userid: 'bob@example.com', name: 'Bob' }, by);
    store.users.setDisabled(ada, true, by);
    const metrics = store.metrics(2);
    expect(metrics).to.deep.include({
      days: 2,
      from: '2026-11-26T12:00:00.000Z',
      users: { total: 2, enabled: 1, disabled: 1 },
      byIam: { bim: 2 },
      created: 1,
      deleted: 0,
      loggedIn: 0,
      changes: { UserCreated: 1, UserDisabled: 1 },
    });
    expect(store.metrics(7).created).to.equal(2);
    for (const days of [0, -1, 1.5, Number.NaN]) expect(refusalOf(() => store.metrics(days))).to.equal('invalid');
  });
});
