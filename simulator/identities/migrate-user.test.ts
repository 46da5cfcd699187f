// Tests of moving a user from the built-in IAM to another one: what is moved, and which names match.
import { expect } from 'chai';
import { openDatabase, type SimulatorDatabase } from '../database/open-database.ts';
import { createIdentityStore } from './create-identity-store.ts';
import { builtInIam, type IdentityStore } from './identity-store.ts';
import { refusalOf } from './testing/refusal-of.ts';

const by = 'admin@example.com';
const ada = { iam: builtInIam, userid: 'ada@example.com' };
const analysts = { iam: builtInIam, name: 'analysts' };

describe('migrating a user', () => {
  let db: SimulatorDatabase;
  let store: IdentityStore;

  beforeEach(() => {
    db = openDatabase(null);
    store = createIdentityStore(db);
    store.users.create({ userid: ada.userid, name: 'Ada Lovelace' }, by);
    store.iams.create({ id: 'okta', name: 'Okta', type: 'okta' }, by);
  });
  afterEach(() => db.close());

  it('moves a user to the other IAM with all data from the platform', () => {
    store.users.addPermission(ada, 'AUDIT', by);
    store.attributes.add({ user: ada }, 'region', 'emea', by);
    db.run("INSERT INTO user_values VALUES (?, 'region', 'apac', 'endpoint')", [store.users.get(ada).id]);
    const moved = store.users.migrate(ada.userid, 'okta', ada.userid, by);
    expect(moved.iam).to.equal('okta');
    expect(store.users.find(ada)).to.equal(null);
    const { permissions, values } = store.users.view(moved);
    expect(permissions.map(({ name }) => name)).to.deep.equal(['AUDIT']);
    expect(values).to.deep.equal([
      { name: 'region', value: 'emea', iam: builtInIam, origins: ['platform'], group: null },
    ]);
  });

  it('merges with an existing user, and adds the data from the platform', () => {
    store.groups.create({ name: 'analysts' }, by);
    store.groups.addMember(analysts, ada, by);
    store.users.addPermission(ada, 'AUDIT', by);
    const there = store.users.create({ iam: 'okta', userid: ada.userid, name: 'Ada at Okta' }, by);
    const moved = store.users.migrate(ada.userid, 'okta', ada.userid, by);
    expect([moved.id, moved.name]).to.deep.equal([there.id, 'Ada at Okta']);
    expect(store.groups.members(analysts)).to.deep.equal([{ iam: 'okta', userid: ada.userid, origins: ['platform'] }]);
    expect(store.users.list({}).count).to.equal(1);
  });

  it('finds the record that a sync created under the normalized name', () => {
    store.iams.setSettings('okta', { normalizeUserId: true }, by);
    const eve = store.users.create({ userid: 'Eve@example.com', name: 'Eve' }, by);
    const there = store.users.create({ iam: 'okta', userid: 'eve@example.com', name: 'Eve at Okta' }, by);
    expect(store.users.migrate(eve.userid, 'okta', 'Eve@Example.com', by).id).to.equal(there.id);
  });

  it('stores the name in lower case when the other IAM normalizes it, as for a user created by hand', () => {
    store.iams.setSettings('okta', { normalizeUserId: true }, by);
    const eve = store.users.create({ iam: 'okta', userid: 'Eve@Example.com', name: 'Eve' }, by);
    expect(eve.userid).to.equal('eve@example.com');
    expect(refusalOf(() => store.users.create({ iam: 'okta', userid: 'EVE@example.com', name: 'Eve' }, by))).to.equal(
      'taken',
    );
    const audited = store.audit.list({ action: 'UserCreated', limit: 1 }).hits[0];
    expect(audited).to.include({ iam: 'okta', target: 'eve@example.com' });
    expect(store.users.migrate(ada.userid, 'okta', 'ADA@example.com', by).userid).to.equal(ada.userid);
  });

  it('is rejected when the user names do not match, and ignores letter case only when the IAM normalizes user ids', () => {
    expect(refusalOf(() => store.users.migrate(ada.userid, 'okta', 'ada', by))).to.equal('refused');
    expect(refusalOf(() => store.users.migrate(ada.userid, 'okta', 'Ada@example.com', by))).to.equal('refused');
    expect(refusalOf(() => store.users.migrate(ada.userid, builtInIam, ada.userid, by))).to.equal('refused');
    expect(refusalOf(() => store.users.migrate(ada.userid, 'nowhere', ada.userid, by))).to.equal('unknown');
    expect(store.users.get(ada).name).to.equal('Ada Lovelace');
    store.iams.setSettings('okta', { normalizeUserId: true }, by);
    expect(store.users.migrate(ada.userid, 'okta', 'Ada@example.com', by).userid).to.equal(ada.userid);
  });
});
