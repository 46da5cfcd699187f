// Tests of `user-info simulate sync --faults` as a process: output, repetition, resuming, and rejected options.
import { expect } from 'chai';
import { startTestServer, type TestServer } from '../../tests/test-server.ts';
import { createSimulatorShell, type SimulatorShell } from '../testing/simulator-shell.ts';

const userids = Array.from({ length: 40 }, (_, index) => `user${index}`);

describe('user-info simulate sync --faults', () => {
  let server: TestServer;
  let shell: SimulatorShell;
  before(async () => {
    const users = userids.map((userid) => [userid, { groups: ['staff'], authorizations: {} }]);
    server = await startTestServer({ source: { type: 'static', users: Object.fromEntries(users) } });
  });
  after(() => server.stop());
  beforeEach(() => {
    shell = createSimulatorShell();
    shell.createOkta(server.url);
    shell.write('users.csv', `userid\n${userids.join('\n')}\n`);
  });
  const sync = (...args: string[]) =>
    shell.run(
      'sync',
      'okta',
      ...(args.includes('--resume') ? [] : ['--users', `${shell.directory}/users.csv`]),
      ...args,
    );

  it('lists the injected faults, fails because of them, and injects the same faults again', async () => {
    const faults = ['--faults', 'reset=25%, html-page=25%', '--seed', '7', '--dry-run'];
    const first = await sync(...faults);
    expect(first.exitCode).to.equal(1);
    expect(first.stdout).to.match(
      /Injected faults: (?:\d+ reset, \d+ html-page|\d+ html-page, \d+ reset)\. To repeat the run with the same faults, use --faults reset=25%,html-page=25% --seed 7\./,
    );
    await sync(...faults);
    const answered = (id: number) => `Run ${id}: the endpoint returned user info for \\d+ of 40 users\\.\n`;
    expect(await shell.succeed('diff', '1', '2')).to.match(
      new RegExp(`^All the same\\.\n${answered(1)}${answered(2)}$`),
    );
    const report = JSON.parse((await shell.run('runs', 'show', '1', '--json')).stdout);
    expect(report.faults).to.deep.include({ seed: 7 });
    expect(report.summary.failures).to.deep.equal({
      connection: report.summary.faults.reset,
      'invalid-body': report.summary.faults['html-page'],
    });
  });

  it('removes nothing from users who were affected by a fault', async () => {
    await shell.succeed('sync', 'okta', '--users', `${shell.directory}/users.csv`);
    const text = 'reset=15%,truncate=15%,half-body=15%,html-page=15%,5xx=15%,tls=15%';
    const disturbed = await sync('--faults', text, '--tolerate', 'connection,invalid-body,server-error,tls');
    expect(disturbed.stdout)
      .to.include('0 created, 0 changed, 0 disabled')
      .and.to.match(/\d+ invalid-body/);
    expect(
      shell.inStore(({ identities }) => identities.groups.members({ iam: 'okta', name: 'staff' })),
    ).to.have.lengthOf(40);
  });

  const refused: ReadonlyArray<readonly [args: readonly string[], words: string]> = [
    [['--faults', 'rest=1%'], '--faults: unknown fault "rest"; did you mean "reset"?'],
    [['--faults', 'delay=1%:2147483648ms'], '--faults: delay takes a number from 1 to 3600000 after the colon.'],
    [['--seed', '7'], '--seed has no effect without --faults. Remove it, or add --faults.'],
    [['--faults', 'reset=1%', '--seed', 'x'], '--seed must be a whole number'],
    [
      ['--resume', '1', '--faults', 'reset=1%'],
      '--faults: faults cannot be injected into a resumed run. Remove --faults.',
    ],
  ];
  for (const [args, words] of refused) {
    it(`rejects ${args.join(' ')}`, async () => {
      const { exitCode, stderr } = await sync(...args);
      expect([exitCode, stderr.includes(words)], stderr).to.deep.equal([2, true]);
    });
  }
}).timeout(120_000);
