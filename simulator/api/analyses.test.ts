// Tests of comparing endpoints and evaluating assumptions over the REST API (credentials, mutual exclusion, interruption), and of the results of
// unsuccessful syncs.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import { answer, type ChangingEndpoint, startChangingEndpoint } from '../sync/testing/changing-endpoint.ts';
import { createApiClient } from './testing/api-client.ts';
import { startTestApi, type TestApi } from './testing/start-test-api.ts';

const okta = '/simulator/iams/okta';
const userids = ['ada', 'bob', 'eve'];

describe('analyses in the REST API of the simulator', () => {
  let directory: string;
  let simulator: Simulator;
  let endpoint: ChangingEndpoint;
  let other: ChangingEndpoint;
  let server: TestApi;
  let call: ReturnType<typeof createApiClient>;

  beforeEach(async () => {
    [endpoint, other] = await Promise.all([startChangingEndpoint(), startChangingEndpoint()]);
    directory = scratchDirectory();
    simulator = openSimulator(join(directory, 'simulator.db'));
    const { users, iams } = simulator.identities;
    users.create({ userid: 'admin@example.com', name: 'Admin', permissions: ['USER_ADMIN'] }, 'test');
    const settings = {
      externalUserInfo: { uri: endpoint.uri },
      sync: { maxFailuresInARow: 2 },
      // All users gain the same group.
      blastRadius: { maxGainingPercent: 100 },
    };
    iams.create({ id: 'okta', name: 'Okta', type: 'openid-connect', settings }, 'test');
    for (const userid of userids) {
      users.create({ iam: 'okta', userid, name: userid }, 'test');
      for (const { users: responses } of [endpoint, other]) responses.set(userid, { groups: ['staff'] });
    }
    server = await startTestApi(simulator);
    call = createApiClient(
      server.url,
      simulator.apiKeys.create({ iam: 'bim', userid: 'admin@example.com' }, 'test', 'test'),
    );
  });
  afterEach(async () => {
    await server.close();
    simulator.close();
    await Promise.all([endpoint.close(), other.close()]);
  });

  /** Holds every response until `release` is called. `asked` resolves when the first request arrives. */
  function hold(): { readonly asked: Promise<void>; readonly release: () => void } {
    let release = () => {};
    let isAsked = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    endpoint.handler = async (_request, response, userid) => {
      isAsked();
      await released;
      answer(response, endpoint.users.get(userid) ?? 404);
    };
    return { asked, release };
  }
  const copies = () => readdirSync(directory).filter((name) => name.endsWith('.temporary-copy'));
  const secretFiles = () => {
    try {
      return readdirSync(join(directory, 'simulator.db.secrets'));
    } catch {
      return [];
    }
  };

  it('compare with a settings file in YAML or JSON, and report the line of an error in it', async () => {
    other.users.set('bob', { groups: ['staff', 'admins'] });
    const yaml = `externalUserInfo:\n  uri: ${other.uri}\nguesses:\n  groupCase: keep\n`;
    for (const file of [yaml, JSON.stringify({ externalUserInfo: { uri: other.uri } })]) {
      const { status, body } = await call('post', `${okta}/compare`, { file });
      expect([status, body.count, body.new.uri]).to.deep.equal([200, 1, other.uri]);
      expect(body.differences[0]).to.deep.include({ userid: 'bob', gained: ['group admins'] });
    }
    const compare = async (body: object) => {
      const { status, body: error } = await call('post', `${okta}/compare`, body);
      return [status, error.message];
    };
    expect(await compare({ file: 'externalUserInfo:\n  uri: [\n' })).to.deep.equal([
      400,
      'The settings file is neither YAML nor JSON. See line 3.',
    ]);
    expect(await compare({ file: 'nothing' })).to.deep.equal([400, 'The settings file must contain a map of options.']);
    expect(await compare({ file: 'externalUserInfo: { ur: x }' })).to.deep.equal([
      409,
      'externalUserInfo.uri: is missing.\nexternalUserInfo.ur: unknown option; did you mean "uri"?',
    ]);
    expect((await compare({ file: yaml, with: other.uri }))[0]).to.equal(400);
    expect((await compare({}))[0]).to.equal(400);
    const reference = {
      uri: other.uri,
      useAuth: true,
      authentication: { username: 'x', passwordFile: '/etc/hostname' },
    };
    expect((await compare({ file: JSON.stringify({ externalUserInfo: reference }) }))[0]).to.equal(409);
  });

  it('send credentials to another server only when they are given for that server, and do not store them', async () => {
    const secured = { externalUserInfo: { useAuth: true, authentication: { username: 'immuta' } } };
    await call('patch', okta, { settings: secured, secrets: { password: 'of the old one' } });
    const kept = secretFiles();
    expect(kept).to.have.lengthOf(1);
    const refused = await call('post', `${okta}/compare`, { with: other.uri });
    expect([refused.status, refused.body.message.includes('Specify it again for')]).to.deep.equal([409, true]);
    expect(other.requests).to.deep.equal([]);
    const body = { with: other.uri, secrets: { password: 'of the new one' } };
    expect((await call('post', `${okta}/compare`, body)).body.count).to.equal(0);
    expect(other.requests.at(-1)?.headers.authorization).to.equal(`Basic ${btoa('immuta:of the new one')}`);
    expect(endpoint.requests.at(-1)?.headers.authorization).to.equal(`Basic ${btoa('immuta:of the old one')}`);
    expect(secretFiles()).to.deep.equal(kept);
  });

  for (const [what, begin] of [
    ['comparison', () => call('post', `${okta}/compare`, { with: other.uri })],
    ['sensitivity analysis', () => call('post', `${okta}/sensitivity`)],
  ] as const) {
    it(`exclude a sync while a ${what} runs, and vice versa`, async () => {
      const pending = hold();
      const running = begin();
      await pending.asked;
      const refused = [
        await call('post', `${okta}/runs`, {}),
        await call('post', `${okta}/compare`, { with: other.uri }),
        await call('post', '/simulator/runs/1/undo'),
      ];
      expect(refused.map(({ status, body }) => [status, body.message])).to.deep.equal(
        Array(3).fill([409, `A ${what} of okta is running. Wait until it ends.`]),
      );
      pending.release();
      expect((await running).status).to.equal(200);
      endpoint.handler = null;
      const sync = hold();
      const syncing = call('post', `${okta}/runs`, { dryRun: true });
      await sync.asked;
      const { status, body } = await begin();
      expect([status, body.message]).to.deep.equal([409, 'A sync of okta is running. Wait until it ends.']);
      sync.release();
      expect((await syncing).status).to.equal(200);
    });

    it(`cancel a ${what} and its requests when it is interrupted, and when the server shuts down`, async () => {
      const interrupted = hold();
      const running = begin();
      await interrupted.asked;
      expect((await call('post', '/simulator/interrupt')).status).to.equal(204);
      const { status, body } = await running;
      expect([status, body.message]).to.deep.equal([409, `The ${what} of okta was interrupted. Nothing was stored.`]);
      await endpoint.untilDisconnected();
      const stopped = hold();
      const last = begin();
      await stopped.asked;
      await server.close();
      expect([(await last).status, (await last).body.message]).to.deep.equal([503, 'The server is shutting down.']);
      await endpoint.untilDisconnected();
      expect(simulator.runs.list(9)).to.deep.equal([]);
      expect(copies()).to.deep.equal([]);
      server = await startTestApi(simulator);
    });
  }

  it('cancel a test of the connection when the server shuts down', async () => {
    const pending = hold();
    const testing = call('post', `${okta}/test-connection`, {});
    await pending.asked;
    await server.close();
    expect((await testing).status).to.equal(503);
    server = await startTestApi(simulator);
  });

  it('report a sync as 502 when the endpoint failed, unless failures are tolerated and a user got a response', async () => {
    endpoint.users.set('bob', 503);
    const bodies = (tolerate?: readonly string[]) =>
      [
        ['/iam/okta/sync', { userId: '*', dryRun: true, ...(tolerate && { tolerate }) }],
        ['/bim/syncUsers', { iamid: 'okta', ...(tolerate && { tolerate }) }],
        [`${okta}/runs`, tolerate ? { tolerate } : {}],
      ] as const;
    for (const [path, body] of bodies()) {
      const { status, body: error } = await call('post', path, body);
      expect([status, error.sync.failures, error.sync.ending], path).to.deep.equal([
        502,
        { 'server-error': 1 },
        path === '/iam/okta/sync' ? 'dry-run' : 'done',
      ]);
      expect(error.message).to.match(
        /^Run \d (is a dry run|was applied), but the endpoint returned no user info for 1 of 3 users: 1 server-error\. Read the reasons/,
      );
    }
    for (const [path, body] of bodies(['server-error'])) {
      expect((await call('post', path, body)).status, path).to.equal(200);
    }
    endpoint.handler = (_request, response) => answer(response, 503);
    for (const [path, body] of bodies(['server-error'])) {
      const { status, body: error } = await call('post', path, body);
      expect([status, error.message.includes('for any of the 3 users')], path).to.deep.equal([502, true]);
    }
    endpoint.handler = null;
    expect((await call('post', `${okta}/runs`, { tolerate: ['notfound'] })).status).to.equal(400);
  });

  it('report a sync whose endpoint is unreachable as 502, an interrupted one as 409, and one without users as 400', async () => {
    endpoint.handler = ({ socket }) => socket.destroy();
    for (const [path, body] of [
      ['/iam/okta/sync', { userId: '*' }],
      ['/bim/syncUsers', { iamid: 'okta' }],
      [`${okta}/runs`, {}],
      ['/simulator/runs/1/resume', {}],
    ] as const) {
      const { status, body: error } = await call('post', path, body);
      expect([status, error.sync.ending, error.sync.answered], path).to.deep.equal([502, 'unreachable', 0]);
      expect(error.message).to.match(
        /^Run \d was interrupted, because the endpoint did not respond for too many users/,
      );
    }
    const pending = hold();
    const running = call('post', `${okta}/runs`, {});
    await pending.asked;
    await call('post', '/simulator/interrupt');
    const { status, body } = await running;
    expect([status, body.sync.ending]).to.deep.equal([409, 'interrupted']);
    pending.release();
    endpoint.handler = null;
    expect((await call('post', `${okta}/runs`, { userids: [] })).status).to.equal(400);
  });

  it('return the result of the newest run of a user, with the reason', async () => {
    const lastRequest = async () => (await call('get', '/simulator/users/okta/ada')).body.lastRequest;
    expect(await lastRequest()).to.equal(null);
    await call('post', `${okta}/runs`, { dryRun: true });
    expect(await lastRequest()).to.deep.include({ runId: 1, isLogin: false, isDryRun: true, outcome: 'user' });
    endpoint.handler = (_request, response) =>
      response.writeHead(302, { location: 'https://login.example.com/x?t=1' }).end();
    const login = await call('post', `${okta}/test-user-login`, { userid: 'ada' });
    expect(login.body.detail).to.equal('status 302, a redirect to https://login.example.com');
    expect(await lastRequest()).to.deep.include({
      ...{ runId: 2, isLogin: true, isDryRun: true, outcome: 'other-status', status: 302 },
      detail: 'status 302, a redirect to https://login.example.com',
    });
  });

  it('change the display name of an IAM, with an audit record, and do not overwrite an unseen change', async () => {
    const { headers } = await call('get', okta);
    const changed = await call('patch', okta, { displayName: 'Okta of QA' }, { 'if-match': headers.get('etag') ?? '' });
    expect([changed.status, changed.body.name]).to.deep.equal([200, 'Okta of QA']);
    expect((await call('get', '/bim/iam')).body[1].displayName).to.equal('Okta of QA');
    const [record] = simulator.identities.audit.list({ action: 'IamChanged' }).hits;
    expect(record).to.deep.include({
      ...{ by: 'admin@example.com', target: 'okta', before: { name: 'Okta' }, after: { name: 'Okta of QA' } },
    });
    const old = await call('patch', okta, { displayName: 'X' }, { 'if-match': headers.get('etag') ?? '' });
    expect([old.status, old.body.current.name]).to.deep.equal([412, 'Okta of QA']);
    expect((await call('patch', okta, { displayName: ' ' })).status).to.equal(400);
    await call('patch', okta, { displayName: 'Okta of QA' });
    expect(simulator.identities.audit.list({ action: 'IamChanged' }).count).to.equal(1);
  });

  it('do not undo a run when no administrator would be left', async () => {
    const { iams, users } = simulator.identities;
    await call('patch', okta, { settings: { blastRadius: { maxGainingPercent: 100 } } });
    endpoint.users.set('ada', { groups: ['staff', 'admins'] });
    const run = (await call('post', `${okta}/runs`, {})).body.runId;
    iams.setPermissions('okta', 'admins', ['USER_ADMIN'], 'test');
    const admin = { iam: 'bim', userid: 'admin@example.com' };
    const key = simulator.apiKeys.create({ iam: 'okta', userid: 'ada' }, 'test', 'test');
    users.removePermission(admin, 'USER_ADMIN', 'test');
    const refused = await createApiClient(server.url, key)('post', `/simulator/runs/${run}/undo`);
    expect([refused.status, refused.body.message.includes('The last enabled user with USER_ADMIN')]).to.deep.equal([
      409,
      true,
    ]);
    expect(simulator.runs.get(run).undone).to.equal(null);
    expect(users.view({ iam: 'okta', userid: 'ada' }).groups).to.have.lengthOf(2);
  });
}).timeout(60_000);
