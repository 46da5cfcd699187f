// Tests of the REST operations that the console needs and the platform does not have: details, settings and their tests, runs, live events.
import { expect } from 'chai';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import { type ChangingEndpoint, startChangingEndpoint } from '../sync/testing/changing-endpoint.ts';
import { readApiDescription } from './api-description.ts';
import type { ApiServerOptions } from './start-api.ts';
import { createApiClient, succeeded } from './testing/api-client.ts';
import { startTestApi, type TestApi } from './testing/start-test-api.ts';

const eve = { iam: 'okta', userid: 'eve@example.com' };
const evePath = '/simulator/users/okta/eve%40example.com';

describe('the REST API for the console', () => {
  let simulator: Simulator;
  let endpoint: ChangingEndpoint;
  let server: TestApi;
  let call: ReturnType<typeof createApiClient>;
  let key: string;

  beforeEach(async () => {
    endpoint = await startChangingEndpoint();
    endpoint.users.set(eve.userid, { groups: ['staff'], attributes: { region: ['emea'] } });
    simulator = openSimulator(null);
    const { users, iams } = simulator.identities;
    users.create({ userid: 'admin@example.com', name: 'Admin', permissions: ['USER_ADMIN'] }, 'test');
    const settings = { externalUserInfo: { uri: endpoint.uri }, profileSchema: { snowflakeUser: 'sf' } };
    iams.create({ id: 'okta', name: 'Okta', type: 'okta', settings }, 'test');
    for (const userid of [eve.userid, 'mallory@example.com'])
      users.create({ iam: 'okta', userid, name: userid }, 'test');
    key = simulator.apiKeys.create({ iam: 'bim', userid: 'admin@example.com' }, 'test', 'test');
    // Only the command line may read files and directories.
    const readUserList: ApiServerOptions['readUserList'] = async (_iam, { userList }) =>
      userList?.file === undefined
        ? null
        : { name: 'users.csv', hash: 'x', users: [{ userid: eve.userid, name: null, email: null, access: null }] };
    server = await startTestApi(simulator, { readUserList });
    call = createApiClient(server.url, key);
  });
  afterEach(async () => {
    await server.close();
    simulator.close();
    await endpoint.close();
  });

  it('returns all groups and attributes of a user by origin, with user names on data platforms and impersonation', async () => {
    await call('post', '/simulator/iams/okta/runs', {});
    const { body } = await call('get', evePath);
    expect(body.groups).to.deep.equal([{ iam: 'okta', name: 'staff', origins: ['endpoint'] }]);
    expect(body.values[0]).to.deep.include({ name: 'region', value: 'emea', iam: 'okta', origins: ['endpoint'] });
    expect(body.externalIds).to.have.length(9);
    expect(body.impersonation[4]).to.deep.include({ platform: 'trino', isAllowed: false, reason: 'not-permitted' });
  });

  it('also uses the user list in the settings for a sync of one user, through both operations', async () => {
    const { iams, users } = simulator.identities;
    const { settings } = iams.get('okta');
    iams.setSettings('okta', { ...settings, userList: { file: '/qa/users.csv' } }, 'test');
    users.delete(eve, { confirmed: true, typed: 'Delete' }, 'test');
    await call('post', '/iam/okta/sync', { userId: eve.userid, dryRun: true });
    await call('post', '/simulator/iams/okta/runs', { userids: [eve.userid] });
    expect(simulator.runs.list(9).map(({ scope, source, summary }) => [scope, source, summary?.created])).to.deep.equal(
      [
        ['users', 'users.csv', 1],
        ['users', 'users.csv', 1],
      ],
    );
    expect(users.find(eve)).to.include({ disabled: false });
  });

  it('sets a user name on a data platform, resolves all user names, and rejects one that a profile schema maps', async () => {
    const role = { kind: 'mapped', id: 'readers', awsType: 'iam-role' };
    expect((await call('put', `${evePath}/external-ids/aws`, role)).body).to.deep.include({ id: 'readers' });
    expect((await call('put', `${evePath}/external-ids/snowflake`, { kind: 'none' })).status).to.equal(409);
    expect((await call('put', `${evePath}/external-ids/trino`, { kind: 'mapped' })).status).to.equal(400);
    expect((await call('get', '/simulator/external-ids/aws?ignoreCase=true')).body).to.deep.include({ mapped: 1 });
  });

  it('lists the data platforms and replaces their integrations, with an audit record', async () => {
    const before = (await call('get', '/simulator/integrations')).body;
    expect(before.platforms).to.have.length(9);
    expect(before.platforms[0]).to.deep.equal({
      ...{ id: 'databricks', name: 'Databricks', letterCase: 'ignored', hasNone: true, knowsImpersonation: true },
    });
    expect([before.settings, before.loaded.redshift.enableImpersonation]).to.deep.equal([{}, false]);
    const settings = { redshift: { enableImpersonation: true } };
    const changed = (await call('put', '/simulator/integrations', { settings })).body;
    expect([changed.settings, changed.loaded.redshift.enableImpersonation]).to.deep.equal([settings, true]);
    const [record] = simulator.identities.audit.list({ action: 'IntegrationsChanged' }).hits;
    expect([record?.by, record?.after]).to.deep.equal(['admin@example.com', settings]);
    const patched = await call('patch', '/simulator/integrations', { settings: { trino: { admins: ['root'] } } });
    expect(patched.body.settings).to.deep.equal({ ...settings, trino: { admins: ['root'] } });
  });

  it('returns whether a user may impersonate another, with the statement or the reason, and changes nothing', async () => {
    const body = {
      user: { iamid: 'okta', userid: eve.userid },
      target: { iamid: 'okta', userid: 'mallory@example.com' },
      query: 'SELECT 7',
    };
    const refused = (await call('post', '/simulator/impersonation/trino', body)).body;
    expect(refused).to.deep.include({ isAllowed: false, reason: 'not-permitted' });
    expect(refused.session.start).to.have.length(2);
    simulator.identities.users.addPermission(eve, 'IMPERSONATE_USER', 'test');
    const count = simulator.identities.audit.list({}).count;
    const allowed = (await call('post', '/simulator/impersonation/trino', body)).body;
    expect(allowed).to.deep.include({ isAllowed: true, right: 'permission', targetName: 'mallory@example.com' });
    expect(allowed.start[0]).to.deep.equal({ where: 'jdbc-property', text: 'sessionUser=mallory@example.com' });
    expect(allowed.audit.record.extra).to.deep.equal({ queryText: 'SELECT 7', impersonationUser: eve.userid });
    expect((await call('post', '/simulator/impersonation/bigquery', body)).body.reason).to.equal('not-supported');
    expect((await call('post', '/simulator/impersonation/oracle', body)).status).to.equal(400);
    expect(simulator.identities.audit.list({}).count).to.equal(count);
  });

  it('grants and revokes impersonation in a data platform by account name, and returns the statement', async () => {
    simulator.externalIds.set(eve, 'synapse', { kind: 'mapped', id: "EVE'S", awsType: null }, 'test');
    simulator.integrations.set({ synapse: { enableImpersonation: true } }, 'test');
    const grant = (platform: string, isGiven: boolean) =>
      call('post', `/simulator/impersonation/${platform}/grants`, {
        user: { iamid: 'okta', userid: eve.userid },
        isGiven,
      });
    const right = async () => (await call('get', evePath)).body.impersonation[3];
    expect(await right()).to.include({ platform: 'synapse', isAllowed: false });
    expect((await grant('synapse', true)).body).to.deep.equal({
      platform: 'synapse',
      account: "EVE'S",
      as: 'a Synapse user',
      statement: { where: 'sql', text: "EXEC sp_addrolemember N'immuta_impersonation', N'EVE''S';" },
      members: ["EVE'S"],
    });
    expect(await right()).to.include({ isAllowed: true, reason: 'database-role' });
    const revoked = (await grant('synapse', false)).body;
    expect(revoked.statement.text).to.equal("EXEC sp_droprolemember N'immuta_impersonation', N'EVE''S';");
    expect(simulator.integrations.stored()).to.deep.equal({ synapse: { enableImpersonation: true, members: [] } });
    expect((await grant('trino', true)).status).to.equal(409);
    simulator.externalIds.set(eve, 'redshift', { kind: 'none' }, 'test');
    expect((await grant('redshift', true)).body.message).to.include('has no account on Redshift');
  });

  it('migrates a user whose name matches', async () => {
    simulator.identities.users.create({ userid: 'bob@example.com', name: 'Bob' }, 'test');
    const path = '/simulator/migrations/bob%40example.com';
    expect((await call('post', path, { iamid: 'okta', userid: 'rob@example.com' })).status).to.equal(409);
    expect((await call('post', path, { iamid: 'okta', userid: 'bob@example.com' })).body.iamid).to.equal('okta');
    simulator.identities.iams.create(
      { id: 'entra', name: 'Entra', type: 'entra', settings: { normalizeUserId: true } },
      'test',
    );
    simulator.identities.users.create({ userid: 'Zoe@example.com', name: 'Zoe' }, 'test');
    const target = { iamid: 'entra', userid: 'Zoe@example.com' };
    const { body } = await call('post', '/simulator/migrations/Zoe%40example.com', target);
    expect([body.iamid, body.userid]).to.deep.equal(['entra', 'zoe@example.com']);
  });

  it('lists changes, metrics and permissions', async () => {
    const { body } = await call('get', '/simulator/audit?target=eve%40example.com&size=1');
    expect([body.count, body.hits[0].action]).to.deep.equal([1, 'UserCreated']);
    expect((await call('get', '/simulator/metrics?days=7')).body).to.deep.include({ days: 7, created: 3 });
    expect((await call('get', '/simulator/permissions')).body).to.include('USER_ADMIN');
    expect((await call('get', '/simulator/session')).body.actor).to.equal('admin@example.com');
  });

  it('reads and replaces settings, reports every error, and never accepts a new reference to a file', async () => {
    const { body } = await call('get', '/simulator/iams/okta');
    expect(body.loaded.supportedActions.syncRestGroups).to.equal(true);
    expect((await call('get', '/simulator/iams/bim')).body.loaded).to.equal(null);
    const put = (settings: object) => call('put', '/simulator/iams/okta', { settings });
    const changed = await put({ ...body.settings, guesses: { retries: 2 } });
    expect(changed.body.loaded.guesses.retries).to.equal(2);
    expect((await put({ externalUserInfo: { uri: 'ftp://a.example' } })).body.message).to.include(
      'must be a URL that begins with https',
    );
    const reference = { externalUserInfo: { ...body.settings.externalUserInfo, sslCaFile: '/etc/hostname' } };
    expect((await put(reference)).status).to.equal(409);
    expect((await call('patch', '/simulator/iams/okta', { settings: {} })).body).to.deep.equal(changed.body);
    expect((await call('get', '/simulator/iams/okta')).body.settings).to.deep.equal(changed.body.settings);
  });

  it('tests the user list, reads it for a sync of all users, and rejects a new list that names a file', async () => {
    const { settings } = simulator.identities.iams.get('okta');
    simulator.identities.iams.setSettings('okta', { ...settings, userList: { file: '/qa/users.csv' } }, 'test');
    const test = () => call('post', '/simulator/iams/okta/test-user-list', {});
    expect((await test()).body).to.deep.equal({ name: 'users.csv', users: 1 });
    const { sync: all } = (await call('post', '/iam/okta/sync', { userId: '*' })).body;
    expect([all.asked, all.answered, all.ending]).to.deep.equal([1, 1, 'stopped']);
    const one = await call('post', '/iam/okta/sync', { userId: 'mallory@example.com', dryRun: true });
    expect([one.status, one.body.sync.asked]).to.deep.equal([502, 1]);
    const put = (userList: object) => call('put', '/simulator/iams/okta', { settings: { ...settings, userList } });
    expect((await put({ file: '/etc/passwd' })).body.message).to.include(
      'userList.file cannot be set through the API, because it names a file or environment variable',
    );
    expect((await put({ url: 'ldaps://ldap.example.com/dc=x', caFile: '/x' })).status).to.equal(409);
    expect((await put({ url: 'ldaps://ldap.example.com/dc=x' })).status).to.equal(200);
    const guesses = await call('put', '/simulator/iams/okta', {
      settings: { ...settings, guesses: { verifyServerCertificate: false } },
    });
    expect([guesses.status, guesses.body.message.includes('verifyServerCertificate')]).to.deep.equal([409, true]);
    const account = { bindDn: 'cn=x', bindPasswordEnv: 'LDAP_PASSWORD' };
    const kept = { ...settings, userList: { url: 'ldaps://ldap.example.com/dc=x', ...account } };
    simulator.identities.iams.setSettings('okta', kept, 'test');
    expect((await put({ url: 'ldaps://ldap.example.com/dc=y', ...account })).status).to.equal(200);
  });

  it('resumes a run with the user list that it started with', async () => {
    const { settings } = simulator.identities.iams.get('okta');
    const guarded = {
      ...settings,
      sync: { maxFailuresInARow: 1 },
      blastRadius: { maxLosingPercent: 100 },
      userList: { file: '/qa/users.csv' },
    };
    simulator.identities.iams.setSettings('okta', guarded, 'test');
    endpoint.handler = (request) => request.socket.destroy();
    const broken = (await call('post', '/simulator/iams/okta/runs', {})).body.sync;
    expect(broken.ending).to.equal('unreachable');
    endpoint.handler = null;
    expect((await call('post', `/simulator/runs/${broken.runId}/resume`, {})).body).to.include({
      ending: 'done',
      asked: 1,
    });
  });

  it('tests the connection and a login without applying anything', async () => {
    const tested = await call('post', '/simulator/iams/okta/test-connection', {});
    expect(tested.body).to.deep.include({ isOk: true, outcome: 'not-found', status: 404 });
    const gone = { externalUserInfo: { uri: 'http://127.0.0.1:1/user-info' } };
    const failed = await call('post', '/simulator/iams/okta/test-connection', { settings: gone });
    expect(failed.body).to.deep.include({ isOk: false, outcome: 'connection', status: null });
    const login = await call('post', '/simulator/iams/okta/test-user-login', { userid: eve.userid });
    expect(login.body).to.deep.include({ outcome: 'user', status: 200, ending: 'dry-run' });
    expect(login.body.user).to.deep.equal({ groups: [{ name: 'staff' }], authorizations: { region: ['emea'] } });
    expect(simulator.identities.users.view(eve).groups).to.deep.equal([]);
    const unknown = await call('post', '/simulator/iams/okta/test-user-login', { userid: 'nobody' });
    expect(unknown.body).to.deep.include({ outcome: 'not-found', status: 404 });
  });

  it('lists runs, pages through changes, and returns the differences between two runs', async () => {
    endpoint.users.set('mallory@example.com', { groups: ['staff'] });
    const first = (await call('post', '/simulator/iams/okta/runs', { dryRun: true })).body.runId;
    endpoint.users.set('mallory@example.com', { groups: ['admins'] });
    const second = (await call('post', '/simulator/iams/okta/runs', { dryRun: true })).body.runId;
    expect((await call('get', '/simulator/runs')).body.map(({ id }: { id: number }) => id)).to.deep.equal([
      second,
      first,
    ]);
    const page = (await call('get', `/simulator/runs/${first}?size=1`)).body;
    expect(page.users).to.deep.equal([
      {
        ...{ userid: eve.userid, outcome: 'user', status: 200, detail: null, isNew: false },
        gained: ['group staff', 'region: emea'],
        lost: [],
      },
    ]);
    const rest = (await call('get', `/simulator/runs/${first}?size=5&after=${page.next}`)).body;
    expect([rest.users.length, rest.next]).to.deep.equal([1, null]);
    expect((await call('get', `/simulator/runs/${first}/diff/${second}`)).body).to.deep.equal({
      ...{ count: 1, runs: [first, second].map((id) => ({ id, iam: 'okta', asked: 2, answered: 2 })) },
      differences: [
        {
          ...{ userid: 'mallory@example.com', presence: 'both', outcomes: null },
          ...{ gained: ['group admins'], lost: ['group staff'] },
        },
      ],
    });
    endpoint.handler = (_request, response) => response.end('{"groups":null,"authorizations":{}}');
    const third = (await call('post', '/simulator/iams/okta/runs', { dryRun: true })).body.sync.runId;
    const [failed] = (await call('get', `/simulator/runs/${third}?size=1`)).body.users;
    expect(failed).to.include({ outcome: 'invalid-body', detail: '/groups: expected an array, found null' });
    expect((await call('get', '/simulator/runs/99')).status).to.equal(404);
  });

  it('compares the endpoint with another one, returns which assumptions matter, and undoes a run', async () => {
    const okta = '/simulator/iams/okta';
    endpoint.users.set('mallory@example.com', { groups: ['staff'] });
    const applied = (await call('post', `${okta}/runs`, {})).body.runId;
    const other = await startChangingEndpoint();
    try {
      other.users.set(eve.userid, { groups: ['staff', 'admins'], attributes: { region: ['emea'] } });
      other.users.set('mallory@example.com', 404);
      const { status, body } = await call('post', `${okta}/compare`, { with: other.uri });
      expect([status, body.users, body.count]).to.deep.equal([200, 2, 2]);
      expect(body.differences[0]).to.deep.include({ userid: eve.userid, gained: ['group admins'], lost: [] });
      expect(body.differences[1].outcomes).to.deep.equal({ before: 'user', after: 'not-found', detail: 'status 404' });
    } finally {
      await other.close();
    }
    endpoint.users.set('mallory@example.com', 404);
    const { body: sensitivity } = await call('post', `${okta}/sensitivity`);
    expect(sensitivity).to.include({ ending: 'dry-run', asked: 2, answered: 1 });
    const disables = sensitivity.rows.find(
      ({ assumption, value }: { assumption: string; value: string }) =>
        assumption === 'onNotFound' && value === 'disable',
    );
    expect(disables.differing).to.equal(1);
    const undone = await call('post', `/simulator/runs/${applied}/undo`);
    expect([undone.status, undone.body.restored]).to.deep.equal([200, 2]);
    expect(simulator.identities.users.view(eve).groups).to.deep.equal([]);
    expect((await call('get', `/simulator/runs/${applied}`)).body.undone.by).to.equal('admin@example.com');
    expect((await call('post', `/simulator/runs/${applied}/undo`)).status).to.equal(409);
  });

  it('responds with 409 to a sync that the guard stops, and applies it once the exact number is confirmed', async () => {
    await call('post', '/simulator/iams/okta/runs', {});
    endpoint.users.set(eve.userid, {});
    const dryRun = await call('post', '/iam/okta/sync', { userId: '*', dryRun: true });
    expect([dryRun.status, dryRun.body.sync.ending, dryRun.body.sync.stopped.length]).to.deep.equal([
      409,
      'dry-run',
      2,
    ]);
    expect(dryRun.body.message).to.match(/^The guard would stop dry run \d and nothing was applied: 1 of 2 enabled/);
    for (const [path, body] of [
      ['/iam/okta/sync', { userId: '*' }],
      ['/bim/syncUsers', { iamid: 'okta' }],
      ['/simulator/iams/okta/runs', {}],
    ] as const) {
      const { status, body: error } = await call('post', path, body);
      expect([status, error.sync.ending, error.sync.toConfirm], path).to.deep.equal([409, 'stopped', { losses: 1 }]);
      expect(error.message).to.include('and nothing was applied: 1 of 2 enabled users (50%) would lose access');
    }
    const [{ id }] = (await call('get', '/simulator/runs?size=1')).body;
    expect((await call('post', `/simulator/runs/${id - 1}/reject`)).status).to.equal(204);
    for (const numbers of [{}, { acceptLosses: 2 }]) {
      expect((await call('post', `/simulator/runs/${id}/resume`, numbers)).status).to.equal(409);
    }
    expect((await call('post', `/simulator/runs/${id}/resume`, { acceptLosses: true })).status).to.equal(400);
    const accepted = { acceptLosses: 1, tolerate: ['not-found'] };
    const applied = await call('post', `/simulator/runs/${id}/resume`, accepted);
    expect([applied.status, applied.body.ending]).to.deep.equal([200, 'done']);
    const { decision } = (await call('get', `/simulator/runs/${id}`)).body;
    expect(decision.kind).to.equal('accepted');
  });

  it('pages through the members of a group with their origins, and searches members, candidates and attributes', async () => {
    const { groups, attributes } = simulator.identities;
    const { id } = groups.create({ iam: 'okta', name: 'staff' }, 'test');
    const mallory = { iam: 'okta', userid: 'mallory@example.com' };
    groups.addMember({ iam: 'okta', name: 'staff' }, mallory, 'test');
    await call('post', '/simulator/iams/okta/runs', {});
    const path = `/simulator/groups/${id}`;
    const summary = ({ body }: Awaited<ReturnType<typeof call>>) => [
      ...body.hits.map((hit: { userid: string; isRemovable?: boolean }) => [hit.userid, hit.isRemovable].join(' ')),
      body.count,
    ];
    expect(summary(await call('get', `${path}/members`))).to.deep.equal([
      'eve@example.com false',
      'mallory@example.com true',
      2,
    ]);
    expect(summary(await call('get', `${path}/members?size=1&offset=1`))).to.deep.equal([
      'mallory@example.com true',
      2,
    ]);
    expect(summary(await call('get', `${path}/members?search=EVE`))).to.deep.equal(['eve@example.com false', 1]);
    expect(summary(await call('get', `${path}/members?size=1&offset=9`))).to.deep.equal([2]);
    // A person can also add a user whom the endpoint added to the group, but not a user of another IAM.
    expect(summary(await call('get', `${path}/candidates?search=e`))).to.deep.equal(['eve@example.com ', 1]);
    expect((await call('get', `/bim/group/${id}/user`)).body).to.have.length(2);
    attributes.add({ group: { iam: 'okta', name: 'staff' } }, 'Cost centre', '42', 'test');
    expect((await call('get', '/simulator/attributes?search=R')).body).to.deep.equal(['Cost centre', 'region']);
    expect((await call('get', '/simulator/attributes?name=region')).body).to.deep.equal(['emea']);
    // Another IAM may have a user and a group with the same names.
    simulator.identities.groups.create({ name: mallory.userid }, 'test');
    const own = `/simulator/audit?kind=user&iam=okta&target=${mallory.userid}`;
    expect((await call('get', own)).body.hits.map(({ action }: { action: string }) => action)).to.deep.equal([
      'UserCreated',
    ]);
  });

  it('streams the events of a sync to clients with a key, and ends the stream when the server stops', async () => {
    expect((await fetch(`${server.url}/simulator/events`)).status).to.equal(401);
    const response = await fetch(`${server.url}/simulator/events`, { headers: { authorization: key } });
    expect(response.headers.get('content-type')).to.equal('text/event-stream');
    const text = response.text();
    await call('post', '/simulator/iams/okta/runs', { userids: [eve.userid] });
    expect((await call('post', '/simulator/interrupt')).status).to.equal(204);
    await server.close();
    const events = (await text)
      .split('\n\n')
      .filter(Boolean)
      .map((event) => JSON.parse(event.slice('data: '.length)));
    expect(events[0]).to.deep.equal({ kind: 'idle' });
    expect(events[1]).to.deep.include({ kind: 'progress', iam: 'okta', phase: 'requesting' });
    expect(events.at(-1)).to.deep.equal({
      ...{ kind: 'ended', iam: 'okta', runId: 1, ending: 'done' },
      ...{ losing: 0, answered: 1, failed: 0, isStopped: false },
    });
    expect(events.filter(({ kind }) => kind === 'progress').at(-1).runId).to.equal(1);
    server = await startTestApi(simulator);
  });

  it('has no operation that these tests do not call successfully', async () => {
    expect((await call('get', '/simulator/conformance')).body).to.equal(null);
    await call('post', '/bim/iam', { id: 'unused', type: 'ldap' });
    expect((await call('delete', '/simulator/iams/unused')).status).to.equal(204);
    const { operations } = readApiDescription();
    const own = operations.filter(({ path, isStream }) => path.startsWith('/simulator/') && !isStream);
    expect(own.map(({ id }) => id).filter((id) => !succeeded.has(id))).to.deep.equal([]);
  });
}).timeout(60_000);
