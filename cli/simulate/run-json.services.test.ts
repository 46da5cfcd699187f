// Tests of the JSON of a run: the output, which is written user by user, equals the serialized object, even if a reader stops early.
import { join } from 'node:path';
import { expect } from 'chai';
import { openSimulator } from '../../simulator/open-simulator.ts';
import { eachRunUser } from '../../simulator/sync/run-store.ts';
import { runSync } from '../../simulator/sync/run-sync.ts';
import { type ChangingEndpoint, startChangingEndpoint } from '../../simulator/sync/testing/changing-endpoint.ts';
import { readState } from '../../simulator/sync/user-state.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { startCli } from '../../tests/run-cli.ts';
import { writeRunJson } from './run-json.ts';

describe('the JSON of a run', () => {
  let endpoint: ChangingEndpoint;
  before(async () => {
    endpoint = await startChangingEndpoint();
  });
  after(() => endpoint.close());

  for (const users of [0, 1, 500]) {
    it(`is the text of one object, with ${users} users`, async () => {
      const simulator = openSimulator(null);
      try {
        const settings = { externalUserInfo: { uri: endpoint.uri } };
        simulator.identities.iams.create({ id: 'okta', name: 'Okta', type: 'okta', settings }, 'test');
        const userids = Array.from({ length: Math.max(users, 1) }, (_, n) => `user "${n}"\n`);
        for (const userid of userids)
          endpoint.users.set(userid, { groups: ['a\nb', 'staff'], attributes: { x: ['1'] } });
        const listed = userids.map((userid) => ({ userid, name: null, email: null, access: null }));
        const list = { name: 'users.csv', hash: '', users: listed };
        const request = { iam: 'okta', scope: 'all', userids: null, by: 'test', list, dryRun: false } as const;
        // An existing user without changes is not printed.
        if (users === 0) await runSync(simulator, request);
        const { run } = await runSync(simulator, request);
        const { settings: loaded, ...known } = simulator.runs.get(run.id);
        const whole = {
          ...known,
          settings: loaded,
          guesses: loaded.guesses,
          measured: {},
          users: [...eachRunUser(simulator.runs, run.id)]
            .filter(({ after }) => after !== null)
            .map(({ before, after, ...user }) => ({
              ...user,
              before: before === null ? null : readState(before),
              after: after === null ? null : readState(after),
            })),
          ending: 'done',
          differences: [{ userid: 'ada' }],
        };
        expect(whole.users).to.have.lengthOf(users);
        const more = { ending: whole.ending, differences: whole.differences };
        const parts = [...writeRunJson(simulator.runs, run.id, more)];
        expect(parts.join('')).to.equal(`${JSON.stringify(whole, null, 2)}\n`);
        if (users === 500) expect(parts).to.have.lengthOf.above(1);
      } finally {
        simulator.close();
      }
    });
  }

  it('exits normally when its reader closes the pipe early', async () => {
    const store = join(scratchDirectory(), 'simulator.db');
    const simulator = openSimulator(store);
    const settings = { externalUserInfo: { uri: endpoint.uri } };
    simulator.identities.iams.create({ id: 'okta', name: 'Okta', type: 'okta', settings }, 'test');
    // More than fits into a pipe.
    const userids = Array.from({ length: 2000 }, (_, n) => `nobody-${n}`);
    const listed = userids.map((userid) => ({ userid, name: null, email: null, access: null }));
    const list = { name: 'users.csv', hash: '', users: listed };
    const request = { iam: 'okta', scope: 'all', userids: null, by: 'test', list, dryRun: true } as const;
    const { run } = await runSync(simulator, request);
    simulator.close();
    const command = startCli(['simulate', 'runs', 'show', String(run.id), '--json', '--store', store]);
    await command.printed('stdout', /"id"/);
    command.child.stdout?.destroy();
    const { exitCode, stderr } = await command.ended();
    expect([exitCode, stderr]).to.deep.equal([0, '']);
  });
});
