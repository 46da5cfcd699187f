// Tests of `user-info simulate compare`: it requests the same users from two endpoints, prints only the differences, and stores nothing.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type ChangingEndpoint, startChangingEndpoint } from '../../simulator/sync/testing/changing-endpoint.ts';
import { createSimulatorShell, type SimulatorShell } from '../testing/simulator-shell.ts';

describe('user-info simulate compare', function () {
  this.timeout(60_000);
  let before: ChangingEndpoint;
  let after: ChangingEndpoint;
  let shell: SimulatorShell;

  beforeEach(async () => {
    [before, after] = await Promise.all([startChangingEndpoint(), startChangingEndpoint()]);
    shell = createSimulatorShell();
    shell.createOkta(before.uri);
    for (const endpoint of [before, after]) {
      for (const userid of ['ada', 'bob', 'eve', 'kim']) endpoint.users.set(userid, { groups: ['staff'] });
      endpoint.users.set('zoe', 404);
    }
  });
  afterEach(() => Promise.all([before.close(), after.close()]));

  const compare = (...args: string[]) =>
    shell.run(
      'compare',
      'okta',
      '--with',
      after.uri,
      '--users',
      shell.write('users.csv', 'userid\nada\nbob\neve\nkim\nzoe\n'),
      ...args,
    );

  it('exits with 0 when both endpoints respond identically, including failures', async () => {
    const { exitCode, stdout } = await compare();
    expect([exitCode, stdout.split('\n')[0]]).to.deep.equal([0, 'All the same.']);
    expect(stdout).to.include(`New: ${after.uri} returned user info for 4 of 5 users; p50 `);
  });

  it('shows what each user would gain and lose, and who gets a response from only one endpoint, and stores nothing', async () => {
    after.users.set('ada', { groups: ['staff', 'admins'], attributes: { region: ['emea'] } });
    after.users.set('bob', { groups: [] });
    after.users.set('eve', 503);
    after.users.set('zoe', { groups: ['staff'] });
    const stored = readFileSync(shell.store);
    const { exitCode, stdout } = await compare();
    expect(exitCode).to.equal(1);
    expect(stdout.slice(0, stdout.indexOf('Old:'))).to.equal(
      'Not the same: 4 users\n  ada\n    + group admins\n    + region: emea\n  bob\n    - group staff\n' +
        '  eve\n    answered → server-error (status 503)\n  zoe\n    not-found → answered\n',
    );
    expect(readFileSync(shell.store).equals(stored), 'the file is unchanged').to.equal(true);
    const json = JSON.parse((await compare('--json')).stdout);
    expect([json.users, json.differences.length, json.old.answered, json.new.answered]).to.deep.equal([5, 4, 4, 4]);
    expect(shell.inStore(({ runs }) => runs.list(9))).to.deep.equal([]);
  });

  it('exits with 3 when an endpoint responds for no user, and with 2 when there are no users to compare', async () => {
    after.handler = ({ socket }) => socket.destroy();
    expect((await compare()).exitCode).to.equal(3);
    const { exitCode, stderr } = await shell.run('compare', 'okta', '--with', after.uri);
    expect([exitCode, stderr]).to.deep.equal([
      2,
      'user-info: There are no users of okta to compare. Specify a user list.\n',
    ]);
  });
});
