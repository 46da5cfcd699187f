// Tests that an administrator always remains, and that e-mail addresses are valid, over the REST API.
import { expect } from 'chai';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import { createApiClient } from './testing/api-client.ts';
import { startTestApi, type TestApi } from './testing/start-test-api.ts';

describe('administrators and e-mail addresses in the REST API of the simulator', () => {
  let simulator: Simulator;
  let server: TestApi;
  let call: ReturnType<typeof createApiClient>;
  const admin = { iam: 'bim', userid: 'admin@example.com' };
  const path = '/bim/iam/bim/user/admin%40example.com';

  beforeEach(async () => {
    simulator = openSimulator(null);
    simulator.identities.users.create({ userid: admin.userid, name: 'A', permissions: ['USER_ADMIN'] }, 'test');
    server = await startTestApi(simulator);
    call = createApiClient(server.url, simulator.apiKeys.create(admin, 'x', 'x'));
  });
  afterEach(async () => {
    await server.close();
    simulator.close();
  });

  const endings: ReadonlyArray<readonly [string, 'put' | 'delete', string, object?]> = [
    ['disabled', 'put', `${path}/disable/true`],
    ['deleted', 'delete', path],
    ['deprived of the permission', 'delete', `${path}/permissions/USER_ADMIN`],
    ['replaced without the permission', 'put', path, { permissions: ['AUDIT'] }],
  ];
  for (const [what, method, target, body] of endings) {
    it(`the last administrator cannot be ${what}, but one of two administrators can`, async () => {
      const before = simulator.identities.users.view(admin);
      const refused = await call(method, target, body);
      expect([refused.status, refused.body.message]).to.deep.equal([
        409,
        'The last enabled user with USER_ADMIN cannot be disabled or deleted, and cannot lose the permission. Grant USER_ADMIN to another user first.',
      ]);
      expect(simulator.identities.users.view(admin)).to.deep.equal(before);
      simulator.identities.users.create({ userid: 'other@example.com', name: 'B', permissions: ['USER_ADMIN'] }, 'x');
      expect((await call(method, target, body)).status).to.be.below(300);
    });
  }

  it('a permission from a group protects the last administrator: the member, the group, and the permission of the group', async () => {
    const { users, groups, iams, attributes } = simulator.identities;
    const group = groups.create({ name: 'admins' }, 'test');
    groups.addMember(group, admin, 'test');
    iams.setPermissions('bim', 'admins', ['USER_ADMIN'], 'test');
    users.removePermission(admin, 'USER_ADMIN', 'test');
    const { id } = users.get(admin);
    expect((await call('delete', `/bim/group/${group.id}/user/${id}`)).status).to.equal(409);
    expect((await call('delete', `/bim/group/${group.id}`)).status).to.equal(409);
    expect((await call('patch', '/simulator/iams/bim', { groupPermissions: { admins: [] } })).status).to.equal(409);
    attributes.add({ group }, 'a', 'b', 'test');
    expect((await call('get', path)).body.groupPermissions).to.deep.equal(['USER_ADMIN']);
  });

  it('an invalid e-mail address of a user or a group is rejected', async () => {
    for (const text of [
      'ada',
      'ada@',
      '@example.com',
      'a b@example.com',
      'ada@example..com',
      'ada@-x.com',
      '"a"@x.com',
    ]) {
      const user = await call('post', '/bim/iam/bim/user', { userid: text, profile: { name: 'Ada' } });
      expect([user.status, user.body.message], text).to.deep.equal([
        400,
        `${text} is not an e-mail address. Use the form ada@example.com.`,
      ]);
      expect((await call('post', '/bim/group', { name: 'g', email: text })).status, text).to.equal(400);
    }
    const { body } = await call('post', '/bim/group', { name: 'g', email: "o'hara+x@mail.example.com" });
    expect((await call('put', `/bim/group/${body.id}`, { email: 'none' })).status).to.equal(400);
    expect((await call('put', `/bim/group/${body.id}`, { email: null })).body.email).to.equal(null);
    simulator.identities.iams.create({ id: 'okta', name: 'Okta', type: 'saml' }, 'test');
    simulator.identities.users.create({ iam: 'okta', userid: 'ada', name: 'Ada' }, 'test');
    expect((await call('put', '/bim/iam/okta/user/ada/profile', { email: 'ada' })).status).to.equal(400);
    expect((await call('put', '/bim/iam/okta/user/ada/profile', { email: 'ada@localhost' })).status).to.equal(200);
  });
}).timeout(60_000);
