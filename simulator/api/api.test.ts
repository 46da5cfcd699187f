// Tests of the REST API over real HTTP, with each response validated against its description: identities, sync, keys, and each kind of error.
import { expect } from 'chai';
import { kitVersion } from '../../schemas/kit-version.ts';
import { lintOpenApi } from '../../tests/lint-openapi.ts';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import { answer, type ChangingEndpoint, startChangingEndpoint } from '../sync/testing/changing-endpoint.ts';
import { readApiDescription } from './api-description.ts';
import { createApiClient, succeeded } from './testing/api-client.ts';
import { startTestApi, type TestApi } from './testing/start-test-api.ts';

const admin = { iam: 'bim', userid: 'admin@example.com' };
const ada = '/bim/iam/bim/user/ada%40example.com';

describe('the REST API of the simulator', () => {
  let simulator: Simulator;
  let server: TestApi;
  let call: ReturnType<typeof createApiClient>;
  let key: string;
  let timeMs: number;

  beforeEach(async () => {
    timeMs = Date.parse('2026-11-28T12:00:00Z');
    simulator = openSimulator(null, () => timeMs);
    const { users } = simulator.identities;
    users.create({ userid: admin.userid, name: 'Admin', permissions: ['USER_ADMIN'] }, 'test');
    users.create({ userid: 'ada@example.com', name: 'Ada' }, 'test');
    key = simulator.apiKeys.create(admin, 'test', 'test');
    server = await startTestApi(simulator);
    call = createApiClient(server.url, key);
  });
  afterEach(async () => {
    await server.close();
    simulator.close();
  });

  const createOkta = (uri: string, others: object = {}) =>
    simulator.identities.iams.create(
      { id: 'okta', name: 'Okta', type: 'okta', settings: { externalUserInfo: { uri }, ...others } },
      'test',
    );
  const lastChange = () => simulator.identities.audit.list({ limit: 1 }).hits[0];

  describe('users', () => {
    it('are created, read, changed, disabled and deleted on behalf of the owner of the key', async () => {
      const user = { userid: 'bob@example.com', profile: { name: 'Bob' }, permissions: ['AUDIT'], password: 'x' };
      const { body } = await call('post', '/bim/iam/bim/user', user);
      expect(body.newUser).to.deep.include({ userid: 'bob@example.com', iamid: 'bim', permissions: ['AUDIT'] });
      expect(body.newUser).to.deep.include({ bimAuthorizations: null, groups: [], hasLogin: false, disabled: false });
      const bob = '/bim/iam/bim/user/bob%40example.com';
      const changed = await call('put', `${bob}/profile`, { name: 'Robert', phone: '1', ignored: true });
      expect(changed.body.profile).to.deep.include({ name: 'Robert', phone: '1' });
      expect((await call('get', `${bob}/profile`)).body).to.deep.equal(changed.body.profile);
      expect((await call('put', `${bob}/permissions`, { permissions: ['GOVERNANCE'] })).body.permissions).to.deep.equal(
        ['AUDIT', 'GOVERNANCE'],
      );
      expect((await call('delete', `${bob}/permissions/AUDIT`)).body.permissions).to.deep.equal(['GOVERNANCE']);
      expect((await call('put', `${bob}/disable/true`)).body.disabled).to.equal(true);
      expect((await call('put', `${bob}/disable/false`)).body.disabled).to.equal(false);
      expect((await call('delete', bob)).status).to.equal(204);
      expect(lastChange()).to.deep.include({ action: 'UserDeleted', by: admin.userid });
      expect((await call('get', bob)).status).to.equal(404);
    });

    it('have attributes by origin, with each value set separately or all at once', async () => {
      const added = await call('put', `${ada}/authorizations/region%2Fzone/a%20b`);
      expect(added.body.bimAuthorizations).to.deep.equal({ 'region/zone': ['a b'] });
      expect(added.body.iamAuthorizations).to.equal(null);
      const { body } = await call('put', `${ada}/authorizations`, { authorizations: { team: ['x', 'y'] } });
      expect(body.authorizations).to.deep.equal({ team: ['x', 'y'] });
      expect((await call('delete', `${ada}/authorizations/team/x`)).body.authorizations).to.deep.equal({ team: ['y'] });
    });

    it('are changed by one request, completely or not at all; only manually assigned data is replaced', async () => {
      createOkta('http://127.0.0.1:1/user-info');
      const eve = simulator.identities.users.create(
        { iam: 'okta', userid: 'eve', name: 'Eve', permissions: ['AUDIT'] },
        'test',
      );
      simulator.db.run('INSERT INTO user_values VALUES (?, ?, ?, ?)', [eve.id, 'region', 'emea', 'endpoint']);
      simulator.identities.attributes.add({ user: eve }, 'team', 'x', 'test');
      const change = {
        profile: { name: 'Eva', phone: '1' },
        permissions: ['GOVERNANCE'],
        authorizations: { team: ['y'] },
        disabled: true,
      };
      const { body } = await call('put', '/bim/iam/okta/user/eve', change);
      expect(body.profile).to.deep.include({ name: 'Eva', phone: '1', preferences: {} });
      expect(body).to.deep.include({ permissions: ['GOVERNANCE'], disabled: true });
      expect(body.authorizations).to.deep.equal({ region: ['emea'], team: ['y'] });
      const refused = await call('put', '/bim/iam/okta/user/eve', { disabled: false, permissions: ['NO_SUCH'] });
      expect(refused.status).to.equal(404);
      expect((await call('get', '/bim/iam/okta/user/eve')).body).to.deep.equal(body);
      expect((await call('put', '/bim/iam/okta/user/eve', {})).body).to.deep.equal(body);
    });

    it('are returned as the built-in IAM stores them when it normalizes user ids', async () => {
      expect((await call('post', '/bim/iam', { id: 'empty', type: 'ldap' })).body.settings).to.deep.equal({});
      const settings = { externalUserInfo: { uri: 'http://127.0.0.1:1/user-info' }, normalizeUserId: true };
      simulator.identities.iams.setSettings('bim', settings, 'test');
      const eve = { userid: 'Eve@example.com', profile: { name: 'Eve' } };
      expect((await call('post', '/bim/iam/bim/user', eve)).body.newUser.userid).to.equal('eve@example.com');
      const ann = { userid: 'Ann@example.com', profile: { name: 'Ann' } };
      expect((await call('post', `${ada}/clone`, ann)).body.newUser.userid).to.equal('ann@example.com');
    });

    it('are cloned with manually assigned data, and have a password that is not stored', async () => {
      await call('put', `${ada}/permissions`, { permissions: ['AUDIT'] });
      await call('put', `${ada}/authorizations/team/x`);
      const group = (await call('post', '/bim/group', { name: 'analysts' })).body.id;
      await call('post', `/bim/group/${group}/user`, { userid: 'ada@example.com', iamid: 'bim' });
      const clone = { userid: 'ann@example.com', profile: { name: 'Ann' } };
      const { newUser } = (await call('post', `${ada}/clone`, clone)).body;
      expect(newUser).to.deep.include({
        userid: 'ann@example.com',
        permissions: ['AUDIT'],
        bimAuthorizations: { team: ['x'] },
      });
      expect(newUser.groups).to.deep.equal([{ id: group, iamid: 'bim', name: 'analysts' }]);
      expect((await call('post', `${ada}/clone`, clone)).status).to.equal(409);
      expect((await call('put', `${ada}/password`, { password: 'pencil-case' })).body.userid).to.equal(
        'ada@example.com',
      );
      createOkta('http://127.0.0.1:1/user-info');
      simulator.identities.users.create({ iam: 'okta', userid: 'eve', name: 'Eve' }, 'test');
      expect((await call('put', '/bim/iam/okta/user/eve/password', { password: 'pencil-case' })).status).to.equal(409);
      const tables = ['users', 'audit', 'runs', 'api_keys'].map((table) => simulator.db.all(`SELECT * FROM ${table}`));
      expect(JSON.stringify(tables)).not.to.include('pencil-case');
    });

    it('have user names on data platforms in their profile', async () => {
      const named = await call('put', `${ada}/profile`, {
        externalUserIds: { snowflakeUser: 'ADA', prestoUser: null },
      });
      expect(named.body.profile.externalUserIds).to.deep.equal({ snowflakeUser: 'ADA' });
      const unset = await call('put', `${ada}/profile`, { externalUserIds: { snowflakeUser: null } });
      expect(unset.body.profile.externalUserIds).to.deep.equal({});
    });

    it('are listed with every filter, one page per request', async () => {
      createOkta('http://127.0.0.1:1/user-info');
      simulator.identities.users.create({ iam: 'okta', userid: 'eve', name: 'Eve' }, 'test');
      simulator.identities.users.setDisabled({ iam: 'bim', userid: 'ada@example.com' }, true, 'test');
      const list = async (query: string) => {
        const { body } = await call('get', `/bim/user?${query}`);
        return [body.count, ...body.hits.map(({ userid }: { userid: string }) => userid)];
      };
      expect(await list('')).to.deep.equal([2, 'admin@example.com', 'eve']);
      expect(await list('includeDisabled=true&size=1&offset=1')).to.deep.equal([3, 'admin@example.com']);
      expect(await list('excludeBIM=true')).to.deep.equal([1, 'eve']);
      expect(await list('iamid=bim&name=adm')).to.deep.equal([1, 'admin@example.com']);
      expect(await list('permission=USER_ADMIN')).to.deep.equal([1, 'admin@example.com']);
      expect(await list('email=ADMIN%40&userid=admin')).to.deep.equal([1, 'admin@example.com']);
      expect(await list('sortField=name&sortOrder=desc')).to.deep.equal([2, 'eve', 'admin@example.com']);
    });
  });

  it('has groups with members and attributes, which apply to the members too', async () => {
    const { body } = await call('post', '/bim/group', { name: 'analysts', description: 'Those who count' });
    const group = `/bim/group/${body.id}`;
    const member = await call('post', `${group}/user`, { userid: 'ada@example.com', iamid: 'bim' });
    expect(
      (await call('put', `/bim/iam/bim/group/${body.id}/authorizations/region/emea`)).body.authorizations,
    ).to.deep.equal({
      region: ['emea'],
    });
    const user = (await call('get', ada)).body;
    expect([user.authorizations, user.bimAuthorizations]).to.deep.equal([{ region: ['emea'] }, null]);
    const groups = [{ id: body.id, iamid: 'bim', name: 'analysts' }];
    expect((await call('get', `${ada}/groups`)).body).to.deep.equal(groups);
    expect((await call('put', group, { name: 'counters', description: null })).body).to.deep.include({
      ...{ id: body.id, name: 'counters', description: null, members: 1 },
    });
    expect((await call('get', '/bim/group?name=COUNT&iamid=bim')).body).to.deep.include({ count: 1 });
    expect((await call('get', `${group}/user`)).body).to.deep.equal([member.body]);
    await call('delete', `/bim/iam/bim/group/${body.id}/authorizations/region/emea`);
    expect((await call('delete', `${group}/user/${member.body.id}`)).status).to.equal(204);
    expect((await call('delete', `${group}/user/${member.body.id}`)).status).to.equal(404);
    expect((await call('get', group)).body).to.deep.include({ members: 0, authorizations: null });
    expect((await call('get', `/bim/iam/okta/group/${body.id}/authorizations/a/b`)).status).to.equal(405);
    expect((await call('put', `/bim/iam/okta/group/${body.id}/authorizations/a/b`)).status).to.equal(404);
    expect((await call('delete', group)).status).to.equal(204);
  });

  describe('a sync', () => {
    let endpoint: ChangingEndpoint;
    beforeEach(async () => {
      endpoint = await startChangingEndpoint();
      endpoint.users.set('eve', { groups: ['staff'] });
      createOkta(endpoint.uri);
      for (const userid of ['eve', 'mallory']) {
        simulator.identities.users.create({ iam: 'okta', userid, name: userid }, 'test');
      }
    });
    afterEach(() => endpoint.close());

    it('of all users applies nothing in a dry run, and everything otherwise', async () => {
      const tolerate = ['not-found'];
      const dry = await call('post', '/iam/okta/sync', { userId: '*', dryRun: true, tolerate });
      expect(dry.body).to.deep.include({ ending: 'dry-run', asked: 2, answered: 1, changed: 1 });
      expect(dry.body.failures).to.deep.equal({ 'not-found': 1 });
      expect((await call('get', '/bim/iam/okta/user/eve')).body.groups).to.deep.equal([]);
      expect((await call('post', '/bim/syncUsers', { iamid: 'okta', tolerate })).body).to.deep.include({
        ending: 'done',
      });
      const { body } = await call('get', '/bim/iam/okta/user/eve');
      expect(body.groups.map(({ name }: { name: string }) => name)).to.deep.equal(['staff']);
      expect(body.lastExternalRefresh).to.equal('2026-11-28T12:00:00.000Z');
    });

    it('of one user requests only that user', async () => {
      expect((await call('post', '/iam/okta/sync', { userId: 'eve' })).body).to.deep.include({
        asked: 1,
        dryRun: false,
      });
      expect(endpoint.requests).to.have.length(1);
      expect((await call('post', '/iam/okta/sync', { userId: 'nobody' })).status).to.equal(409);
    });

    it('states which assumptions were measured, in the response and in the run', async () => {
      const { iams } = simulator.identities;
      const days = { date: '2026-11-01', validUntil: '2027-04-30' };
      const platformProfile = { platform: 'Immuta 2024.3', facts: { onNotFound: { value: 'keep', ...days } } };
      iams.setSettings('okta', { ...iams.get('okta').settings, platformProfile }, 'test');
      const measured = { onNotFound: { platform: 'Immuta 2024.3', ...days, isExpired: false } };
      const { body } = await call('post', '/iam/okta/sync', { userId: 'eve' });
      expect(body.measured).to.deep.equal(measured);
      expect((await call('get', `/simulator/runs/${body.runId}`)).body.measured).to.deep.equal(measured);
    });

    it('accepts other settings in the request, for a dry run only', async () => {
      const iamConfig = { externalUserInfo: { uri: `${endpoint.uri}?v=2` }, guesses: { onNotFound: 'disable' } };
      const tried = await call('post', '/iam/okta/sync', { userId: '*', dryRun: true, iamConfig });
      expect([tried.status, tried.body.sync.disabled, tried.body.sync.guesses.onNotFound]).to.deep.equal([
        ...[409, 1, 'disable'],
      ]);
      expect(endpoint.requests.every(({ target }) => target.includes('v=2'))).to.equal(true);
      expect((await call('post', '/iam/okta/sync', { userId: '*', iamConfig })).status).to.equal(400);
      const wrong = await call('post', '/iam/okta/sync', { userId: '*', dryRun: true, iamConfig: { guesses: {} } });
      expect([wrong.status, wrong.body.message])
        .to.include(409)
        .and.to.match(/externalUserInfo/);
    });

    it('never reads a file that the settings did not already name, and never sends a password to another server', async () => {
      const authentication = { username: 'a', passwordFile: '/etc/hostname' };
      const settings = { externalUserInfo: { uri: endpoint.uri, useAuth: true, authentication } };
      const tryThem = (iamConfig: object) => call('post', '/iam/okta/sync', { userId: 'eve', dryRun: true, iamConfig });
      const refused = await tryThem(settings);
      expect([refused.status, refused.body.message.includes('names a file or environment variable')]).to.deep.equal([
        409,
        true,
      ]);
      simulator.identities.iams.setSettings('okta', settings, 'test');
      expect((await tryThem(settings)).status).to.equal(200);
      const elsewhere = { externalUserInfo: { ...settings.externalUserInfo, uri: 'http://127.0.0.1:1/' } };
      expect((await tryThem(elsewhere)).body.message).to.equal(
        `externalUserInfo.authentication.passwordFile: the stored password was given for ${new URL(endpoint.uri).origin}. Specify it again for http://127.0.0.1:1.`,
      );
    });

    it('excludes other runs, and is interrupted when the server shuts down', async () => {
      let begun = () => {};
      const asked = new Promise<void>((resolve) => {
        begun = resolve;
      });
      endpoint.handler = () => begun();
      const first = call('post', '/iam/okta/sync', { userId: '*' });
      await asked;
      const second = await call('post', '/bim/syncUsers', { iamid: 'okta' });
      expect([second.status, second.body.message]).to.deep.equal([
        409,
        'A sync of okta is running. Wait until it ends.',
      ]);
      await server.close();
      const { status, body } = await first;
      expect([status, body.sync.ending]).to.deep.equal([409, 'interrupted']);
      endpoint.handler = (_request, response) => answer(response, {});
      server = await startTestApi(simulator);
      expect(simulator.runs.get(body.sync.runId).phase).to.equal('requesting');
    });
  });

  describe('API keys', () => {
    it('are accepted directly, or as a token that is valid for an hour or until the key is deleted', async () => {
      const anonymous = createApiClient(server.url, null);
      const { token } = (await anonymous('post', '/bim/apikey/authenticate', { apikey: key })).body;
      const withToken = createApiClient(server.url, `Bearer ${token}`);
      expect((await withToken('get', '/bim/iam')).body).to.deep.equal([
        { id: 'bim', displayName: 'Built-in', type: 'bim', oauth: false, nextSync: null },
      ]);
      timeMs += 3_600_000;
      expect((await withToken('get', '/bim/iam')).status).to.equal(401);
      const again = (await anonymous('post', '/bim/apikey/authenticate', { apikey: key })).body.token;
      simulator.apiKeys.delete(admin, 'test', 'test');
      expect((await createApiClient(server.url, `Bearer ${again}`)('get', '/bim/iam')).status).to.equal(401);
      expect((await call('get', '/bim/iam')).status).to.equal(401);
    });

    it('are stored as digests, and shown to a user only once', () => {
      const kept = JSON.stringify(simulator.db.all('SELECT * FROM api_keys'));
      expect(kept).not.to.include(key);
      expect(() => simulator.apiKeys.create(admin, 'test', 'test')).to.throw('already');
      expect(simulator.apiKeys.list(admin).map(({ name }) => name)).to.deep.equal(['test']);
    });

    it('of a user with IMPERSONATE_USER act for others, and the audit trail names both', async () => {
      const anonymous = createApiClient(server.url, null);
      const asAda = { apikey: key, userid: 'ada@example.com', iamid: 'bim' };
      expect((await anonymous('post', '/bim/apikey/impersonate', asAda)).status).to.equal(403);
      const { users } = simulator.identities;
      users.addPermission(admin, 'IMPERSONATE_USER', 'test');
      const { token } = (await anonymous('post', '/bim/apikey/impersonate', asAda)).body;
      const asAdaCall = createApiClient(server.url, `Bearer ${token}`);
      expect((await asAdaCall('get', '/bim/iam')).status).to.equal(403);
      users.addPermission({ iam: 'bim', userid: 'ada@example.com' }, 'USER_ADMIN', 'test');
      await asAdaCall('post', '/bim/group', { name: 'x' });
      expect(lastChange()?.by).to.equal('ada@example.com (impersonated by admin@example.com)');
    });

    it('grant no further permission through impersonation: a user with only IMPERSONATE_USER does not get USER_ADMIN', async () => {
      const { users } = simulator.identities;
      const ada = { iam: 'bim', userid: 'ada@example.com' };
      users.addPermission(ada, 'IMPERSONATE_USER', 'test');
      const adasKey = simulator.apiKeys.create(ada, 'hers', 'test');
      const anonymous = createApiClient(server.url, null);
      const asAdmin = { apikey: adasKey, userid: admin.userid, iamid: 'bim' };
      const refused = await anonymous('post', '/bim/apikey/impersonate', asAdmin);
      expect([refused.status, refused.body.message.includes('USER_ADMIN')]).to.deep.equal([403, true]);
      users.addPermission(ada, 'USER_ADMIN', 'test');
      const { token } = (await anonymous('post', '/bim/apikey/impersonate', asAdmin)).body;
      const asAdminCall = createApiClient(server.url, `Bearer ${token}`);
      expect((await asAdminCall('get', '/bim/iam')).status).to.equal(200);
      users.addPermission(admin, 'GOVERNANCE', 'test');
      expect((await asAdminCall('get', '/bim/iam')).status, 'the other one got more').to.equal(401);
    });

    it('evict only tokens of the same owner when there are too many', async () => {
      const { users } = simulator.identities;
      const ada = { iam: 'bim', userid: 'ada@example.com' };
      users.addPermission(ada, 'USER_ADMIN', 'test');
      const adasKey = simulator.apiKeys.create(ada, 'hers', 'test');
      const anonymous = createApiClient(server.url, null);
      const tokenOf = async (apikey: string) =>
        (await anonymous('post', '/bim/apikey/authenticate', { apikey })).body.token;
      const mine = await tokenOf(key);
      const first = await tokenOf(adasKey);
      for (let made = 0; made < 100; made++) await tokenOf(adasKey);
      expect((await createApiClient(server.url, `Bearer ${first}`)('get', '/bim/iam')).status).to.equal(401);
      expect((await createApiClient(server.url, `Bearer ${mine}`)('get', '/bim/iam')).status).to.equal(200);
    });

    it('act for others only as long as the owner is permitted to', async () => {
      const { users } = simulator.identities;
      users.addPermission({ iam: 'bim', userid: 'ada@example.com' }, 'USER_ADMIN', 'test');
      const asAda = { apikey: key, userid: 'ada@example.com', iamid: 'bim' };
      const anonymous = createApiClient(server.url, null);
      for (const end of [
        () => users.removePermission(admin, 'IMPERSONATE_USER', 'test'),
        () => users.setDisabled(admin, true, 'test'),
      ]) {
        users.addPermission(admin, 'IMPERSONATE_USER', 'test');
        const { token } = (await anonymous('post', '/bim/apikey/impersonate', asAda)).body;
        const asAdaCall = createApiClient(server.url, `Bearer ${token}`);
        expect((await asAdaCall('get', '/bim/iam')).status).to.equal(200);
        end();
        expect((await asAdaCall('get', '/bim/iam')).status).to.equal(401);
      }
    });
  });

  describe('the API description', () => {
    it('passes every recommended rule of Redocly, and has the version of the package', async () => {
      expect((await lintOpenApi('schemas/simulator-api.yaml')).problems).to.deep.equal([]);
      expect(readApiDescription().version).to.equal(kitVersion);
    }).timeout(60_000);

    it('has only operations of the platform that these tests call successfully', () => {
      const { operations } = readApiDescription();
      const ofPlatform = operations.filter(({ path }) => !path.startsWith('/simulator/'));
      expect(ofPlatform.map(({ id }) => id).filter((id) => !succeeded.has(id))).to.deep.equal([]);
    });
  });
}).timeout(60_000);
