// Tests that no change overwrites one that its author has not seen: ETag, If-Match, merge patches; and names that are dot segments.
import { expect } from 'chai';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import { createApiClient } from './testing/api-client.ts';
import { startTestApi, type TestApi } from './testing/start-test-api.ts';

describe('versions in the REST API of the simulator', () => {
  let simulator: Simulator;
  let server: TestApi;
  let call: ReturnType<typeof createApiClient>;

  beforeEach(async () => {
    simulator = openSimulator(null);
    const { users, iams, groups } = simulator.identities;
    users.create({ userid: 'admin@example.com', name: 'Admin', permissions: ['USER_ADMIN'] }, 'test');
    const settings = { externalUserInfo: { uri: 'http://127.0.0.1:9/' }, blastRadius: { maxLosingPercent: 5 } };
    iams.create({ id: 'okta', name: 'Okta', type: 'okta', settings }, 'test');
    users.create({ iam: 'okta', userid: 'ada@example.com', name: 'Ada' }, 'test');
    groups.create({ name: 'stewards' }, 'test');
    server = await startTestApi(simulator);
    const key = simulator.apiKeys.create({ iam: 'bim', userid: 'admin@example.com' }, 'test', 'test');
    call = createApiClient(server.url, key);
  });
  afterEach(async () => {
    await server.close();
    simulator.close();
  });

  const resources = [
    ['an IAM', '/simulator/iams/okta', 'patch', (text: string) => ({ settings: { sync: { cronRule: text } } })],
    [
      'the integrations',
      '/simulator/integrations',
      'put',
      (text: string) => ({ settings: { trino: { admins: [text] } } }),
    ],
    [
      'the integrations, patched',
      '/simulator/integrations',
      'patch',
      (text: string) => ({ settings: { trino: { admins: [text] } } }),
    ],
    ['a group', '/bim/group/1', 'put', (text: string) => ({ description: text })],
    ['a user', '/bim/iam/okta/user/ada%40example.com', 'put', (text: string) => ({ profile: { about: text } })],
  ] as const;
  for (const [what, path, method, change] of resources) {
    it(`of ${what}: a change to an older version results in a 412 with the current state, and changes nothing`, async () => {
      const old = (await call('get', path)).headers.get('etag') ?? '';
      expect(old).to.match(/^"[\w-]{22}"$/);
      const first = await call(method, path, change('0 1 * * *'), { 'if-match': old });
      expect(first.status).to.equal(200);
      expect(first.headers.get('etag')).not.to.equal(old);
      const refused = await call(method, path, change('0 2 * * *'), { 'if-match': old });
      expect(refused.status).to.equal(412);
      expect(refused.headers.get('etag')).to.equal(first.headers.get('etag'));
      expect(refused.body.current).to.deep.equal(first.body);
      expect((await call('get', path)).body).to.deep.equal(first.body);
      const seen = { 'if-match': first.headers.get('etag') ?? '' };
      expect((await call(method, path, change('0 2 * * *'), seen)).status).to.equal(200);
    });
  }

  it('include replacements of all settings, and are optional for clients', async () => {
    const { body, headers } = await call('get', '/simulator/iams/okta');
    const old = { 'if-match': headers.get('etag') ?? '' };
    await call('patch', '/simulator/iams/okta', { settings: { blastRadius: { maxLosingPercent: 1 } } });
    expect((await call('put', '/simulator/iams/okta', { settings: body.settings }, old)).status).to.equal(412);
    expect(
      (await call('put', '/simulator/iams/okta', { settings: body.settings }, { 'if-match': '*' })).status,
    ).to.equal(200);
    expect((await call('put', '/simulator/iams/okta', { settings: body.settings })).status).to.equal(200);
  });

  it('are not compared where a patch changes another part: the guard is kept when a schedule is set and removed', async () => {
    const patch = (settings: object) => call('patch', '/simulator/iams/okta', { settings });
    const { body } = await patch({ sync: { cronRule: '0 1 * * *' } });
    expect(body.settings.blastRadius).to.deep.equal({ maxLosingPercent: 5 });
    const without = await patch({ sync: { cronRule: null } });
    expect(without.body.settings).to.deep.include({ sync: {}, blastRadius: { maxLosingPercent: 5 } });
    expect((await patch({ blastRadius: { maxLosingPercent: 500 } })).status).to.equal(409);
    expect((await patch({ externalUserInfo: { sslCaFile: '/etc/hostname' } })).status).to.equal(409);
  });

  it('leave a user accessible whose userid is a dot segment', async () => {
    for (const userid of ['.', '..', '~..']) {
      simulator.identities.users.create({ iam: 'okta', userid, name: userid }, 'test');
      const { status, body } = await call('get', `/bim/iam/okta/user/~${userid}`);
      expect([status, body.userid]).to.deep.equal([200, userid]);
    }
    expect((await call('delete', '/bim/iam/okta/user/~..')).status).to.equal(204);
    expect(simulator.identities.users.find({ iam: 'okta', userid: '..' })).to.equal(null);
    expect(simulator.identities.users.find({ iam: 'okta', userid: '~..' })).not.to.equal(null);
    expect((await call('get', '/simulator/session')).body).to.deep.equal({
      iamid: 'bim',
      userid: 'admin@example.com',
      actor: 'admin@example.com',
    });
  });
}).timeout(60_000);
