// Tests of `user-info simulate sync --schedule` as a process: a run at each scheduled time, with the list as it is at that time, until a signal
// arrives.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startCli } from '../../tests/run-cli.ts';
import { startTestServer, type TestServer } from '../../tests/test-server.ts';
import { createSimulatorShell, type SimulatorShell } from '../testing/simulator-shell.ts';

describe('user-info simulate sync --schedule', function () {
  this.timeout(120_000);
  let server: TestServer;
  let shell: SimulatorShell;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.stop());
  beforeEach(() => {
    shell = createSimulatorShell();
    shell.createOkta(server.url);
  });

  it('reads the list again for each run, continues after a run that could not begin, and ends on a signal', async () => {
    const list = shell.write('users.csv', 'userid\nada\n');
    const schedule = ['--schedule', '* * * * * *', '--store', shell.store];
    const running = startCli(['simulate', 'sync', 'okta', '--users', list, ...schedule]);
    await running.printed('stdout', /Run 1 of okta: applied\.\n {2}1 user requested/);
    rmSync(list);
    await running.printed('stderr', /users\.csv cannot be read/);
    shell.write('users.csv', 'userid\nada\nnobody\n');
    await running.printed('stdout', /Run \d+ of okta: applied\.\n {2}2 users requested, 1 answered, 1 not-found/);
    running.child.kill('SIGTERM');
    const { stdout } = await running.ended();
    expect(stdout).to.match(/^Next sync: \d{4}-\d{2}-\d{2}T[\d:]+\.000Z\n/);
  });

  it('uses the rule of the IAM, which commands set and remove', async () => {
    expect(await shell.succeed('iam', 'schedule', 'okta', '* * * * * *', '--time-zone', 'Europe/Zurich')).to.match(
      /^Set the sync schedule of okta. Next sync: \d{4}-[\dT:-]+\.000Z, while `simulate serve` runs\.\n$/,
    );
    expect(await shell.succeed('iam', 'list')).to.match(/^okta .+ \* \* \* \* \* \*$/m);
    const list = shell.write('users.csv', 'userid\nada\n');
    const running = startCli(['simulate', 'sync', 'okta', '--users', list, '--schedule', '--store', shell.store]);
    await running.printed('stdout', /Run 2 of okta: applied\./);
    running.child.kill('SIGTERM');
    await running.ended();
    expect(await shell.succeed('iam', 'schedule', 'okta', 'off')).to.equal(
      'Removed the sync schedule of okta. The IAM is now synchronized only manually.\n',
    );
    expect(await shell.succeed('iam', 'schedule', 'okta', '0 0 30 2 *')).to.equal(
      'Set the sync schedule of okta. It has no future time, so no sync will start.\n',
    );
    await shell.succeed('iam', 'schedule', 'okta', 'off');
    const { settings } = shell.inStore(({ identities }) => identities.iams.get('okta'));
    expect(settings).to.deep.include({ sync: {}, guesses: { scheduleTimeZone: 'Europe/Zurich' } });
    const none = await shell.run('sync', 'okta', '--schedule');
    expect([none.exitCode, none.stderr.includes('the IAM has no sync.cronRule')]).to.deep.equal([2, true]);
  });

  const refused: ReadonlyArray<readonly [args: readonly string[], words: string]> = [
    [['--schedule', '61 * * * *'], 'is not a valid cron pattern'],
    [['--schedule', '0 2 * * *', '--time-zone', 'Mars/Base'], 'The time zone "Mars/Base" does not exist.'],
    [['--time-zone', 'UTC'], '--time-zone has no effect without --schedule. Remove it, or add --schedule.'],
    [['--schedule', '0 2 * * *', '--resume', '1'], '--resume resumes a run immediately. Remove --schedule.'],
  ];
  for (const [args, words] of refused) {
    it(`rejects ${args.join(' ')}`, async () => {
      const { exitCode, stderr } = await shell.run('sync', 'okta', '--users', join(shell.directory, 'x.csv'), ...args);
      expect([exitCode, stderr.includes(words)], stderr).to.deep.equal([2, true]);
    });
  }
});
