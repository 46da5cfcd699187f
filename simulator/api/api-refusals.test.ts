// Tests of the requests that the REST API rejects, over real HTTP: credentials, permissions, malformed requests, limits.
import { expect } from 'chai';
import { certificateFiles } from '../../tests/certificate-files.ts';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import { PlainNetworkError } from './start-api.ts';
import { createApiClient } from './testing/api-client.ts';
import { startTestApi, type TestApi } from './testing/start-test-api.ts';

const admin = { iam: 'bim', userid: 'admin@example.com' };
const ada = '/bim/iam/bim/user/ada%40example.com';

describe('the REST API of the simulator rejects', () => {
  let simulator: Simulator;
  let server: TestApi;
  let call: ReturnType<typeof createApiClient>;
  let key: string;

  beforeEach(async () => {
    simulator = openSimulator(null);
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

  for (const [what, authorization, status] of [
    ['who has no key', null, 401],
    ['a wrong key', '0'.repeat(64), 401],
    ['a wrong token', 'Bearer 0', 401],
  ] as const) {
    it(what, async () => {
      const refused = await createApiClient(server.url, authorization)('get', '/bim/user');
      expect([refused.status, refused.headers.get('www-authenticate')]).to.deep.equal([
        status,
        'Bearer realm="simulator"',
      ]);
    });
  }

  it('a wrong key before the body is read, a body that is nested too deeply, and an oversized login', async () => {
    const post = (authorization: string, body: string) =>
      fetch(`${server.url}/bim/group`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body,
      });
    // The body is malformed, so the response would be 400 if the server read it before it verified the key.
    expect((await post('wrong', `{${' '.repeat(800_000)}`)).status).to.equal(401);
    const deep = `{"name":${'['.repeat(150_000)}${']'.repeat(150_000)}}`;
    const refused = await post(key, deep);
    expect([refused.status, await refused.json()]).to.deep.equal([
      400,
      { statusCode: 400, error: 'Bad Request', message: 'The body is nested deeper than 64 levels.' },
    ]);
    const login = await fetch(`${server.url}/bim/apikey/authenticate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apikey: 'x'.repeat(10_000) }),
    });
    expect(login.status).to.equal(413);
  });

  it('an event stream once its user has lost the permission or the key', async () => {
    for (const end of [
      () => simulator.identities.users.removePermission(admin, 'USER_ADMIN', 'test'),
      () => simulator.apiKeys.delete(admin, 'test', 'test'),
    ]) {
      simulator.identities.users.addPermission(admin, 'USER_ADMIN', 'test');
      const stream = await fetch(`${server.url}/simulator/events`, { headers: { authorization: key } });
      expect(stream.status).to.equal(200);
      const whole = stream.text();
      end();
      expect(await whole).to.include('"idle"');
    }
  });

  it('a user who is disabled, or has lost USER_ADMIN', async () => {
    simulator.identities.users.removePermission(admin, 'USER_ADMIN', 'test');
    expect((await call('get', '/bim/user')).status).to.equal(403);
    simulator.identities.users.setDisabled(admin, true, 'test');
    expect((await call('get', '/bim/user')).status).to.equal(401);
  });

  it('a request that does not match the description, and a misspelled filter', async () => {
    for (const query of ['size=x', 'size=-1', 'iamId=okta', 'sortField=id', 'name=a&name=b']) {
      expect((await call('get', `/bim/user?${query}`)).status, query).to.equal(400);
    }
    expect((await call('post', '/bim/group', { name: '' })).status).to.equal(400);
    expect((await call('post', '/bim/group')).status).to.equal(400);
    expect((await call('get', '/bim/group/x')).status).to.equal(400);
  });

  it('settings with an unknown option, with a suggestion', async () => {
    simulator.identities.iams.create({ id: 'okta', name: 'Okta', type: 'saml' }, 'test');
    const settings = { externalUserInfo: { uri: 'http://127.0.0.1:1/' }, guesses: { onNotFond: 'keep', retries: -1 } };
    const { status, body } = await call('put', '/simulator/iams/okta', { settings });
    expect([status, body.message], JSON.stringify(body)).to.deep.equal([
      409,
      'guesses.onNotFond: unknown option; did you mean "onNotFound"?\nguesses.retries: must be ≥ 0.',
    ]);
  });

  it('integrations with an invalid option or an unknown IAM, even in a part of the settings', async () => {
    simulator.identities.iams.create({ id: 'okta', name: 'Okta', type: 'saml' }, 'test');
    const patch = async (settings: object) => {
      const { status, body } = await call('patch', '/simulator/integrations', { settings });
      return [status, body.message ?? body.settings];
    };
    expect(await patch({ databricks: { iam: 'otka' } })).to.deep.equal([
      400,
      'databricks.iam: there is no IAM otka; did you mean "okta"?',
    ]);
    expect((await call('put', '/simulator/integrations', { settings: { redshft: {} } })).status).to.equal(400);
    expect(await patch({ redshift: { members: ['ada', ''] } })).to.deep.equal([
      400,
      'redshift.members[1]: must not be empty.',
    ]);
    expect(await patch({ databricks: { iam: 'okta' } })).to.deep.equal([200, { databricks: { iam: 'okta' } }]);
    simulator.identities.iams.delete('okta', 'test');
    expect((await patch({ redshift: { members: ['ada'] } }))[0]).to.equal(200);
  });

  it('invalid text: an incomplete escape, a NUL, which would hide the rest of the text, and half a surrogate pair', async () => {
    expect((await call('get', '/bim/iam/bim/user/%zz')).status).to.equal(400);
    expect((await call('delete', `${ada}%00%2Fx`)).status).to.equal(400);
    expect((await call('get', '/bim/user?userid=ada%00x')).status).to.equal(400);
    expect((await call('put', `${ada}/profile`, { name: '\ud800' })).status).to.equal(400);
    expect((await call('get', ada)).status).to.equal(200);
  });

  it('a body that is not JSON, an unknown path, and a method that is not allowed, with the allowed methods', async () => {
    const init = { method: 'POST', headers: { authorization: key, 'content-type': 'application/json' }, body: '{' };
    expect((await fetch(`${server.url}/bim/group`, init)).status).to.equal(400);
    expect((await call('get', '/bim/nothing')).status).to.equal(404);
    expect((await call('delete', `${ada}/permissions/..`)).status).to.equal(404);
    const method = await call('delete', '/bim/group');
    expect([method.status, method.headers.get('allow')]).to.deep.equal([405, 'GET, POST']);
  });

  it('plain HTTP over a network, and listens there only with TLS', async () => {
    const refusal = await startTestApi(simulator, { host: '0.0.0.0' }).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(PlainNetworkError);
    const { good } = await certificateFiles();
    const tls = { cert: good.server.certificate, key: good.server.key };
    const open = await startTestApi(simulator, { host: '0.0.0.0', tls });
    expect(open.url).to.match(/^https:/);
    await open.close();
  });
}).timeout(60_000);
