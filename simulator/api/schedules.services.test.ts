// Tests that the simulator's server follows the sync schedules of its IAMs. Runs take place one after the other, and schedules are updated when
// settings change.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import { scheduleActor } from '../sync/iam-schedules.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { answer, type ChangingEndpoint, startChangingEndpoint } from '../sync/testing/changing-endpoint.ts';
import { createApiClient } from './testing/api-client.ts';
import { startTestApi, type TestApi } from './testing/start-test-api.ts';

const everySecond = '* * * * * *';
const onceAYear = '0 0 1 1 *';

describe('sync schedules in the server of the simulator', () => {
  let simulator: Simulator;
  let endpoint: ChangingEndpoint;
  let server: TestApi;
  let call: ReturnType<typeof createApiClient>;

  beforeEach(async () => {
    endpoint = await startChangingEndpoint();
    simulator = openSimulator(null);
    simulator.identities.users.create({ userid: 'admin', name: 'Admin', permissions: ['USER_ADMIN'] }, 'test');
  });
  afterEach(async () => {
    await server.close();
    simulator.close();
    await endpoint.close();
  });
  const create = (id: string, cronRule: string | null, guesses: object = {}) => {
    const sync = cronRule === null ? {} : { cronRule };
    const settings = { externalUserInfo: { uri: endpoint.uri }, sync, guesses };
    simulator.identities.iams.create({ id, name: id, type: 'ldap', settings }, 'test');
    simulator.identities.users.create({ iam: id, userid: `ada@${id}`, name: 'Ada' }, 'test');
    endpoint.users.set(`ada@${id}`, { groups: ['staff'] });
    return settings;
  };
  const start = async () => {
    server = await startTestApi(simulator);
    const key = simulator.apiKeys.create({ iam: 'bim', userid: 'admin' }, `key ${Math.random()}`, 'test');
    call = createApiClient(server.url, key);
  };
  const runsOf = (iam: string) => simulator.runs.list(100).filter((run) => run.iam === iam);
  const untilRuns = async (iam: string, count: number) => {
    while (runsOf(iam).filter(({ phase }) => phase === 'done').length < count) await delay(20);
  };

  it('synchronize all users of each IAM at the scheduled times, one IAM after another, in the name of the schedule', async () => {
    let atOnce = 0;
    const iamsAtOnce: number[] = [];
    endpoint.handler = async (_request, response, userid) => {
      iamsAtOnce.push(++atOnce);
      await delay(50);
      atOnce--;
      answer(response, endpoint.users.get(userid) ?? 404);
    };
    create('okta', everySecond);
    create('entra', everySecond);
    await start();
    await Promise.all([untilRuns('okta', 2), untilRuns('entra', 2)]);
    expect(new Set(iamsAtOnce)).to.deep.equal(new Set([1]));
    expect(runsOf('okta')[0]).to.include({ by: scheduleActor, scope: 'all', dryRun: false });
    expect(simulator.identities.users.view({ iam: 'okta', userid: 'ada@okta' }).groups).to.have.length(1);
  });

  it('are shown with the time of their next sync, and used as soon as they are set, changed or removed', async () => {
    const settings = create('okta', null);
    await start();
    const put = (cronRule?: string) =>
      call('put', '/simulator/iams/okta', {
        settings: { ...settings, sync: cronRule === undefined ? {} : { cronRule } },
      });
    expect((await call('get', '/bim/iam')).body[1]).to.deep.include({ id: 'okta', nextSync: null });
    expect((await put('every day')).body.message).to.include(
      'sync.cronRule: The schedule "every day" is not a valid cron',
    );
    expect((await put(onceAYear)).body.nextSync).to.match(/-01-01T00:00:00\.000Z$/);
    expect((await call('get', '/bim/iam')).body[1].nextSync).to.match(/-01-01T00:00:00\.000Z$/);
    expect(runsOf('okta')).to.deep.equal([]);
    await put(everySecond);
    await untilRuns('okta', 1);
    expect((await put()).body.nextSync).to.equal(null);
    const [change] = simulator.identities.audit.list({ action: 'IamChanged' }).hits;
    expect([change?.by, change?.before, change?.after]).to.deep.equal([
      'admin',
      { settings: { ...settings, sync: { cronRule: everySecond } } },
      { settings: { ...settings, sync: {} } },
    ]);
  });

  it('replace runs that were missed while no server ran by one run, when that is configured', async () => {
    create('okta', onceAYear, { missedRuns: 'run-once' });
    create('entra', onceAYear);
    for (const iam of ['okta', 'entra']) {
      simulator.runs.begin({
        ...{ iam, by: scheduleActor, scope: 'all', source: 'store', sourceHash: '', dryRun: false, faults: null },
        ...{
          startedAt: '2020-06-01T00:00:00.000Z',
          settings: loadIamSettings(simulator.identities.iams.get(iam).settings),
        },
      });
    }
    await start();
    await untilRuns('okta', 1);
    expect([runsOf('okta').length, runsOf('entra').length]).to.deep.equal([2, 1]);
  });

  it('wait for a sync that a person started, and continue after a sync that could not begin', async () => {
    const manual = create('okta', null);
    create('by-hand', null);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isHeld = false;
    endpoint.handler = async (_request, response, userid) => {
      if (userid === 'ada@by-hand') {
        isHeld = true;
        await released;
      }
      answer(response, endpoint.users.get(userid) ?? 404);
    };
    await start();
    const byHand = call('post', '/iam/by-hand/sync', { userId: '*' });
    while (!isHeld) await delay(20);
    const settings = { ...manual, sync: { cronRule: everySecond } };
    await call('put', '/simulator/iams/okta', { settings });
    await delay(1500);
    expect(runsOf('okta')).to.deep.equal([]);
    release();
    expect((await byHand).body.ending).to.equal('done');
    await untilRuns('okta', 1);

    const missing = { ...settings, externalUserInfo: { ...settings.externalUserInfo, sslCaFile: '/nowhere.pem' } };
    simulator.identities.iams.setSettings('okta', missing, 'test');
    while (server.scheduleFaults.length === 0) await delay(20);
    expect(server.scheduleFaults[0]).to.include('okta: externalUserInfo.sslCaFile: /nowhere.pem cannot be read');
    const failed = runsOf('okta').length;
    simulator.identities.iams.setSettings('okta', settings, 'test');
    await untilRuns('okta', failed + 1);
  });

  it('report a sync that was applied while the endpoint failed, and a sync that the guard stopped', async () => {
    create('okta', everySecond);
    await start();
    await untilRuns('okta', 1);
    expect(server.scheduleFaults).to.deep.equal([]);
    endpoint.users.set('ada@okta', 503);
    const untilReported = async (text: string) => {
      while (!server.scheduleFaults.some((fault) => fault.includes(text))) await delay(20);
    };
    await untilReported('was applied, but the endpoint returned no user info for the user: 1 server-error.');
    endpoint.users.set('ada@okta', {});
    await untilReported('okta: The guard stopped run');
  });

  it('stop with the server: the current run is interrupted, and no other run begins', async () => {
    let begun = () => {};
    const asked = new Promise<void>((resolve) => {
      begun = resolve;
    });
    endpoint.handler = () => begun();
    create('okta', everySecond);
    create('entra', everySecond);
    await start();
    await asked;
    await server.close();
    expect(simulator.runs.list(10).map(({ phase }) => phase)).to.deep.equal(['requesting']);
    await start();
  });

  it('are disabled when stored settings are no longer valid, and this is reported', async () => {
    create('okta', everySecond, { missedRuns: 'maybe' });
    await start();
    expect(server.scheduleFaults[0]).to.include('okta: guesses.missedRuns: must be one of');
    expect((await call('get', '/bim/iam')).body[1].nextSync).to.equal(null);
  });
}).timeout(60_000);
