// Tests of `user-info simulate sync --sensitivity`: each user is requested once, each value of each assumption is evaluated, nothing is stored.
import { expect } from 'chai';
import type { Sensitivity } from '../../simulator/sync/sensitivity.ts';
import { type ChangingEndpoint, startChangingEndpoint } from '../../simulator/sync/testing/changing-endpoint.ts';
import { createSimulatorShell, type SimulatorShell } from '../testing/simulator-shell.ts';

describe('user-info simulate sync --sensitivity', function () {
  this.timeout(60_000);
  let endpoint: ChangingEndpoint;
  let shell: SimulatorShell;
  let users: string;

  beforeEach(async () => {
    endpoint = await startChangingEndpoint();
    shell = createSimulatorShell();
    shell.createOkta(endpoint.uri);
    users = shell.write('users.csv', 'userid\nada\nbob\neve\n');
    for (const userid of ['ada', 'bob', 'eve']) endpoint.users.set(userid, { groups: ['Staff'] });
  });
  afterEach(() => endpoint.close());

  it('shows which assumptions matter, and how many users differ, after one request for each user', async () => {
    await shell.succeed('sync', 'okta', '--users', users);
    endpoint.users.set('bob', 404);
    endpoint.requests.length = 0;
    const found = JSON.parse(
      await shell.succeed('sync', 'okta', '--users', users, '--sensitivity', '--json'),
    ) as Sensitivity;
    expect(endpoint.requests).to.have.lengthOf(3);
    const differing = (assumption: string) =>
      Object.fromEntries(
        found.rows.filter((row) => row.assumption === assumption).map(({ value, differing: n }) => [value, n]),
      );
    expect(differing('onNotFound')).to.include({ disable: 1, clear: 1 });
    expect(Object.values(differing('onFailure')).every((n) => n === 0)).to.equal(true);
    expect(differing('groupCase')).to.deep.equal({ lower: 2, upper: 2 });
    const text = await shell.succeed('sync', 'okta', '--users', users, '--sensitivity');
    expect(text)
      .to.match(/^onNotFound +disable \(now keep\) +1 +0 +1 +1 +stops$/m)
      .and.to.match(/^These assumptions matter for these users and responses: .*groupCase.*onNotFound/m)
      .and.to.include('Not evaluated, because they would require different requests: timeoutMs, retries');
    expect(shell.inStore(({ runs }) => runs.list(9).map(({ id }) => id))).to.deep.equal([1]);
  });

  it('exits with 3 when the endpoint cannot be reached, and accepts no option that applies something', async () => {
    endpoint.handler = ({ socket }) => socket.destroy();
    shell.inStore(({ identities }) =>
      identities.iams.setSettings(
        'okta',
        { externalUserInfo: { uri: endpoint.uri }, sync: { maxFailuresInARow: 2 } },
        'test',
      ),
    );
    expect((await shell.run('sync', 'okta', '--users', users, '--sensitivity')).exitCode).to.equal(3);
    expect((await shell.run('sync', 'okta', '--sensitivity', '--resume', '1')).exitCode).to.equal(2);
  });
});
