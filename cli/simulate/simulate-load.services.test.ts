// Tests of `user-info simulate load` as a process with our server: output, files, and rejected options.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { closeBrowser, findAccessibilityFaults, withPage } from '../../tests/browser.ts';
import { startTestServer, type TestServer } from '../../tests/test-server.ts';
import { createSimulatorShell, type SimulatorShell } from '../testing/simulator-shell.ts';

describe('user-info simulate load', function () {
  this.timeout(120_000);
  let server: TestServer;
  let shell: SimulatorShell;
  before(async () => {
    server = await startTestServer();
  });
  after(async () => {
    await closeBrowser();
    await server.stop();
  });
  beforeEach(() => {
    shell = createSimulatorShell();
    shell.createOkta(server.url);
    shell.write('users.csv', 'userid\nada\nnobody\n');
  });
  const users = () => ['--users', join(shell.directory, 'users.csv')];

  it('shows each level and the knee, writes both reports, and changes nothing', async () => {
    const [json, page] = [join(shell.directory, 'load.json'), join(shell.directory, 'load.html')];
    const args = [
      '--open',
      '--levels',
      '20,40',
      '--seconds',
      '1',
      '--report',
      `json=${json}`,
      '--report',
      `html=${page}`,
    ];
    const shown = await shell.succeed('load', 'okta', ...users(), ...args);
    expect(shown)
      .to.match(/^20 +20 +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +0$/m)
      .and.to.match(/^(Knee: 20 per second; at 40|All levels were sustained; the knee is above 40 per second)/m);
    expect(shown).to.match(/\nAssumed, because undocumented:\n {2}timeoutMs 10000, retries 0, /);
    const report = JSON.parse(readFileSync(json, 'utf8'));
    expect(report.guesses).to.include({ onNotFound: 'keep', retries: 0 });
    expect(readFileSync(page, 'utf8')).to.include('<dt>onNotFound</dt><dd>keep</dd>');
    expect(report.stages.map(({ requests }: { requests: number }) => requests)).to.deep.equal([20, 40]);
    expect(
      shell.inStore(({ runs, identities }) => [runs.list(9).length, identities.users.list({}).count]),
    ).to.deep.equal([0, 0]);
    await withPage({ viewport: { width: 390, height: 844 }, bypassCSP: true }, async (tab) => {
      await tab.goto(pathToFileURL(page).href);
      for (const colorScheme of ['light', 'dark'] as const) {
        await tab.emulateMedia({ colorScheme });
        expect(await findAccessibilityFaults(tab), colorScheme).to.deep.equal([]);
      }
      const widths = '[document.documentElement.scrollWidth, document.documentElement.clientWidth]';
      const [content, window] = await tab.evaluate<[number, number]>(widths);
      expect(content).to.equal(window);
    });
  });

  it('requests the users of the store, and exits with 1 when the endpoint cannot keep up with any level', async () => {
    const closed = createSimulatorShell();
    closed.createOkta('http://127.0.0.1:1/user-info');
    closed.inStore(({ identities }) => identities.users.create({ iam: 'okta', userid: 'ada', name: 'Ada' }, 'test'));
    const { exitCode, stdout } = await closed.run('load', 'okta', '--levels', '1', '--seconds', '1');
    expect([exitCode, stdout.includes('Not even the first level was sustained: with 1 user,')], stdout).to.deep.equal([
      1,
      true,
    ]);
  });

  it('requests the users of the list in the settings, by the names that a sync sends', async () => {
    const listed = createSimulatorShell();
    const file = listed.write('directory.csv', 'userid\nAda\nBob\n');
    listed.createOkta(server.url, { userList: { file }, normalizeUserId: true });
    const script = join(listed.directory, 'load.js');
    await listed.succeed('load', 'okta', '--export-k6', script);
    expect(readFileSync(script, 'utf8')).to.include('["ada","bob"]');
    listed.write('directory.csv', 'userid\n');
    const { exitCode, stderr } = await listed.run('load', 'okta', '--seconds', '1');
    expect([exitCode, stderr.includes('userList: ') && stderr.includes('contains no user')], stderr).to.deep.equal([
      2,
      true,
    ]);
  });

  it('writes a k6 script instead of running a load test', async () => {
    const file = join(shell.directory, 'load.js');
    writeFileSync(file, 'old');
    expect(await shell.succeed('load', 'okta', ...users(), '--export-k6', file)).to.equal(`Run it: k6 run ${file}\n`);
    expect(readFileSync(file, 'utf8')).to.include(`\`${server.url}?userid=`).and.to.include('["ada","nobody"]');
  });

  const refused: ReadonlyArray<readonly [args: readonly string[], words: string]> = [
    [['--levels', '10,5'], 'ascending order'],
    [['--seconds', '0'], 'a number of at least 1'],
    [['--seconds', '86401'], 'Specify a number of seconds from 1 to 86400 (one day).'],
    [['--max-p99', '2147483648'], 'Specify a whole number.'],
    [['--report', 'pdf=x'], 'unknown format "pdf"'],
    [[], 'There are no users to request'],
  ];
  for (const [args, words] of refused) {
    it(`rejects ${args.join(' ') || 'a load without users'}`, async () => {
      const { exitCode, stderr } = await shell.run('load', 'okta', ...args);
      expect([exitCode, stderr.includes(words)], stderr).to.deep.equal([2, true]);
    });
  }
});
