// Tests of situations in which a simulator command tested nothing or did not do what it states, and therefore must not exit with 0.
import { rmSync } from 'node:fs';
import { expect } from 'chai';
import { type ChangingEndpoint, startChangingEndpoint } from '../../simulator/sync/testing/changing-endpoint.ts';
import { startCli } from '../../tests/run-cli.ts';
import { createSimulatorShell, type SimulatorShell } from '../testing/simulator-shell.ts';

describe('user-info simulate does not exit with 0', function () {
  this.timeout(120_000);
  let endpoint: ChangingEndpoint;
  let shell: SimulatorShell;
  let users: string;
  beforeEach(async () => {
    endpoint = await startChangingEndpoint();
    shell = createSimulatorShell();
    shell.createOkta(endpoint.uri);
    users = shell.write('users.csv', 'userid\nada\nbob\n');
    for (const userid of ['ada', 'bob']) endpoint.users.set(userid, { groups: ['staff'] });
  });
  afterEach(() => endpoint.close());

  const outcome = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await shell.run(...args);
    return [exitCode, `${stdout}${stderr}`] as const;
  };
  const applied = () => shell.inStore(({ runs }) => runs.list(99).filter(({ phase }) => phase === 'done').length);
  const setLimits = (blastRadius: object) =>
    shell.inStore(({ identities: { iams } }) =>
      iams.setSettings('okta', { ...iams.get('okta').settings, blastRadius }, 'test'),
    );

  it('when a run is resumed with --dry-run, with user names, or as a run of another IAM, and applies nothing', async () => {
    await shell.succeed('sync', 'okta', '--users', users);
    setLimits({ maxLosingPercent: 0 });
    endpoint.users.set('ada', {});
    expect((await outcome('sync', 'okta', '--users', users))[0]).to.equal(1);
    shell.inStore(({ identities }) => identities.iams.create({ id: 'entra', name: 'Entra', type: 'saml' }, 'test'));
    const resume = ['--resume', '2', '--accept-losses', '1'] as const;
    for (const [args, message] of [
      [['okta', ...resume, '--dry-run'], 'Run 2 is not a dry run, and resuming applies it.'],
      [['okta', 'bob', ...resume], '--resume continues the whole run.'],
      [['entra', ...resume], 'Run 2 belongs to the IAM okta, not to entra.'],
    ] as const) {
      const [exitCode, text] = await outcome('sync', ...args);
      expect([exitCode, text.includes(message)], text).to.deep.equal([2, true]);
    }
    expect(applied()).to.equal(1);
    await shell.succeed('sync', 'okta', ...resume);
    expect(applied()).to.equal(2);
  });

  it('when --sensitivity is given with a schedule, and applies nothing', async () => {
    for (const args of [
      ['--schedule', '* * * * * *'],
      ['--time-zone', 'UTC'],
    ]) {
      const [exitCode, text] = await outcome('sync', 'okta', '--users', users, '--sensitivity', ...args);
      expect([exitCode, text]).to.deep.equal([
        2,
        'user-info: --sensitivity evaluates one dry run. Remove options that apply or report a run.\n',
      ]);
    }
    expect(applied()).to.equal(0);
  });

  it('when two runs are compared in which the endpoint did not return user info for any user', async () => {
    await shell.succeed('sync', 'okta', '--users', users);
    for (const userid of ['ada', 'bob']) endpoint.users.set(userid, 503);
    for (const _run of [2, 3]) expect((await outcome('sync', 'okta', '--users', users, '--dry-run'))[0]).to.equal(1);
    expect(await outcome('diff', '2', '3')).to.deep.equal([
      1,
      'No differences, but this proves nothing: in at least one run, the endpoint did not return user info for any user.\n' +
        'Run 2: the endpoint returned user info for 0 of 2 users.\nRun 3: the endpoint returned user info for 0 of 2 users.\n',
    ]);
    expect((await outcome('diff', '2', '3', '--json'))[0]).to.equal(1);
  });

  it('when every request fails while assumptions are evaluated or a load is measured', async () => {
    for (const userid of ['ada', 'bob']) endpoint.users.set(userid, 401);
    const [sensitivity, text] = await outcome('sync', 'okta', '--users', users, '--sensitivity');
    expect([
      sensitivity,
      text.includes('The endpoint did not return user info for any user, so this result says little'),
    ]).to.deep.equal([3, true]);
    const [load, levels] = await outcome('load', 'okta', '--users', users, '--levels', '1', '--seconds', '1');
    expect([
      load,
      levels.includes('the endpoint did not return user info for any user (credentials-refused)'),
    ]).to.deep.equal([1, true]);
  });

  it('when a schedule ends after a run that could not begin', async () => {
    const list = shell.write('gone.csv', 'userid\nada\n');
    rmSync(list);
    const schedule = ['--schedule', '* * * * * *', '--store', shell.store];
    const running = startCli(['simulate', 'sync', 'okta', '--users', list, ...schedule]);
    await running.printed('stderr', /gone\.csv cannot be read/);
    running.child.kill('SIGTERM');
    expect((await running.ended()).exitCode).to.equal(2);
  });

  it('when an expectation names users of another IAM, or no users', async () => {
    shell.inStore(({ identities: { iams, users: all } }) => {
      iams.create({ id: 'entra', name: 'Entra', type: 'saml' }, 'test');
      all.create({ iam: 'entra', userid: 'zoe', name: 'Zoe' }, 'test');
    });
    const expected = shell.write('expected.yaml', 'zoe: { groups: [], authorizations: {} }\n');
    const [exitCode, text] = await outcome('sync', 'okta', '--users', users, '--expect', expected);
    expect([exitCode, text.includes('Not as expected: 1 user\n  zoe: missing')], text).to.deep.equal([1, true]);
    const empty = shell.write('empty.csv', 'userid,group,attribute,value\n');
    expect((await outcome('sync', 'okta', '--users', users, '--expect', empty))[0]).to.equal(2);
  });
});
