// Tests of the reports of a run, HTML in a real Chromium: no external resources, no scripts, accessible, on a phone and in dark mode.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { openSimulator, type Simulator } from '../../simulator/open-simulator.ts';
import { diffRuns } from '../../simulator/sync/diff-runs.ts';
import { runSync, type SyncEnding } from '../../simulator/sync/run-sync.ts';
import { type ChangingEndpoint, startChangingEndpoint } from '../../simulator/sync/testing/changing-endpoint.ts';
import { closeBrowser, findDisplayFaults, type PageTrace, withReportPage } from '../../tests/browser.ts';
import { createSimulatorShell } from '../testing/simulator-shell.ts';
import { renderDiffHtml } from './run-diff-html.ts';
import { renderRunCsv } from './run-report-csv.ts';
import { renderRunHtml } from './run-report-html.ts';

const hostile = '<script>alert(1)</script>"\u202e,\n';
const userids = [
  'ada',
  'bob',
  'eve',
  hostile,
  'a-user-name-that-is-as-long-as-those-of-some-directories@subsidiary.example.com',
];
const phone = { viewport: { width: 390, height: 844 } };

describe('the reports of a run', function () {
  this.timeout(120_000);
  let endpoint: ChangingEndpoint;
  let simulator: Simulator;
  const pages: Record<string, string> = {};
  const endings: SyncEnding[] = [];

  before(async () => {
    endpoint = await startChangingEndpoint();
    simulator = openSimulator(null);
    const settings = { externalUserInfo: { uri: endpoint.uri } };
    simulator.identities.iams.create({ id: 'okta', name: 'Okta', type: 'okta', settings }, 'test');
    const users = userids.map((userid) => ({ userid, name: null, email: null, access: null }));
    const request = { iam: 'okta', scope: 'all', userids: null, by: 'test' } as const;
    const sync = async (count: number, more: object = {}) => {
      const list = { name: 'users.csv', hash: String(count), users: users.slice(0, count) };
      endings.push((await runSync(simulator, { ...request, list, dryRun: false, ...more })).ending);
    };
    for (const userid of userids) {
      endpoint.users.set(userid, { groups: ['staff', hostile], attributes: { 'group x: y': ['a: b'] } });
    }
    await sync(5);
    endpoint.users.set('ada', { groups: ['board'], attributes: {} });
    endpoint.users.set('bob', 503);
    endpoint.users.set(hostile, { groups: ['staff'], attributes: {} });
    await sync(4);
    const faults = { rules: [{ kind: 'reset', percent: 100, size: 0 }], seed: 7 };
    await sync(5, { dryRun: true, faults });
    const { runs } = simulator;
    for (const [index, ending] of endings.entries())
      pages[`run ${index + 1}, ${ending}`] = renderRunHtml(runs, index + 1, ending);
    const difference = (first: number, second: number) =>
      renderDiffHtml([runs.get(first), runs.get(second)], [...diffRuns(runs, first, second)]);
    pages['a diff'] = difference(1, 2);
    pages['a diff without a difference'] = difference(1, 1);
  });
  after(async () => {
    await closeBrowser();
    simulator.close();
    await endpoint.close();
  });

  const open = <T>(
    name: string,
    options: BrowserContextOptions,
    use: (page: Page, trace: PageTrace) => Promise<T>,
  ): Promise<T> =>
    withReportPage(pages[name] ?? expect.fail(`there is no ${name} in ${Object.keys(pages)}`), options, use);

  const names = ['run 1, done', 'run 2, stopped', 'run 3, dry-run', 'a diff', 'a diff without a difference'];
  for (const name of names) {
    it(`load no resource and violate no rule of their own content security policy: ${name}`, async () => {
      const [url, trace] = await open(name, {}, async (page, seen) => [page.url(), seen] as const);
      expect(trace).to.deep.equal({ requests: [url], complaints: [] });
    });

    it(`have no violation that axe finds, light and dark, and fit a phone: ${name}`, async () => {
      await open(name, { ...phone, bypassCSP: true }, async (page) => {
        expect(await findDisplayFaults(page)).to.deep.equal([]);
      });
    });
  }

  it('show, without JavaScript, why the guard stopped the run, the changes by group and by user, and the assumptions', async () => {
    const text = await open('run 2, stopped', { javaScriptEnabled: false }, (page) =>
      page.locator('body').textContent(),
    );
    expect(text)
      .to.include('Stopped by the guard, nothing was applied')
      .and.to.include('3 of 5 enabled users (60%) would lose access')
      .and.to.include('server-error1')
      .and.to.include('board+1-0')
      .and.to.match(/ada-group <script>.*\n?.*-group staff/)
      .and.to.include('+group board')
      .and.to.include('onNotFoundkeep')
      .and.to.include('p99.9');
  });

  it('draw a bar for each bucket of the histogram, whose table counts every request', async () => {
    await open('run 1, done', {}, async (page) => {
      const counts = await page.locator('h2:text("Response times") ~ table .number').allInnerTexts();
      const bars = await page.locator('.histogram rect:not(.base)').count();
      expect(bars).to.equal(counts.length - 1);
      expect(counts.slice(1).reduce((sum, count) => sum + Number(count), 0)).to.equal(5);
    });
  });

  it('list the injected faults, and how to reproduce them', async () => {
    const text = await open('run 3, dry-run', {}, (page) => page.locator('body').textContent());
    expect(text).to.include('5 reset').and.to.include('--faults reset=100% --seed 7');
  });

  it('are written by `runs show --report` and `diff --html`, and a wrong target is rejected first', async () => {
    const shell = createSimulatorShell();
    shell.createOkta(endpoint.uri);
    const file = (name: string) => join(shell.directory, name);
    await shell.run('login', 'okta', 'eve', '--dry-run');
    await shell.succeed('login', 'okta', 'eve');
    const formats = ['html', 'csv', 'json'].map((format) => `--report=${format}=${file(`run.${format}`)}`);
    expect(await shell.succeed('runs', 'show', '2', ...formats)).to.equal('');
    expect(readFileSync(file('run.html'), 'utf8')).to.match(/^<!doctype html>[\s\S]*Run 2 of okta: applied/);
    expect(readFileSync(file('run.csv'), 'utf8')).to.include('eve,answered,200,gained,user,,');
    expect(JSON.parse(readFileSync(file('run.json'), 'utf8'))).to.include({ id: 2, ending: 'done' });
    await shell.succeed('diff', '1', '2', '--html', file('diff.html'));
    expect(readFileSync(file('diff.html'), 'utf8')).to.include('No differences');
    const refused = await shell.run('sync', 'okta', '--report', 'htm=x.html');
    expect([refused.exitCode, refused.stderr.includes('did you mean "html"?')], refused.stderr).to.deep.equal([
      2,
      true,
    ]);
    expect(shell.inStore(({ runs }) => runs.list(9))).to.have.lengthOf(2);
  });

  it('show text from the endpoint literally', async () => {
    await open('run 2, stopped', {}, async (page) => {
      expect(await page.locator('script, img, iframe, link, form, a').count()).to.equal(0);
      expect(await page.locator('th', { hasText: '<script>alert(1)</script>"\\u{202e},' }).count()).to.equal(2);
    });
  });

  it('write CSV with a row for each change, with commas, quotes and colons in names unchanged', () => {
    const rows = parse(renderRunCsv(simulator.runs, 2), { columns: true }) as Array<Record<string, string>>;
    const of = (userid: string) =>
      rows
        .filter((row) => row.userid === userid)
        .map(({ outcome, status, change, kind, name, value }) => [outcome, status, change, kind, name, value]);
    expect(of('ada')).to.deep.equal([
      ['answered', '200', 'lost', 'group', makeVisibleLine(hostile), ''],
      ['answered', '200', 'lost', 'group', 'staff', ''],
      ['answered', '200', 'lost', 'attribute', 'group x: y', 'a: b'],
      ['answered', '200', 'gained', 'group', 'board', ''],
    ]);
    expect(of('bob')).to.deep.equal([['server-error', '503', '', '', '', '']]);
    expect(of(makeVisibleLine(hostile))).to.have.lengthOf(2);
    expect(of(userids[4] ?? '')).to.deep.equal([['gone', '', 'gained', 'disabled', '', '']]);
    expect(of('eve')).to.deep.equal([]);
    const first = parse(renderRunCsv(simulator.runs, 1), { columns: true }) as unknown[];
    expect(first[0]).to.include({ change: 'gained', kind: 'user' });
  });

  it('write CSV in which a spreadsheet finds no formulas, and from which each name can be restored', async () => {
    const formulas = [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      '\n=1',
      '\uff1d1',
      "'=1",
      "'quoted",
      'a=b',
      'x-1',
    ];
    const file = openSimulator(null);
    try {
      const settings = { externalUserInfo: { uri: endpoint.uri }, blastRadius: { maxLosingPercent: 100 } };
      file.identities.iams.create({ id: 'okta', name: 'Okta', type: 'okta', settings }, 'test');
      for (const text of formulas) endpoint.users.set(text, { groups: [text], attributes: { [text]: [text] } });
      const users = formulas.map((userid) => ({ userid, name: null, email: null, access: null }));
      const list = { name: 'users.csv', hash: '1', users };
      await runSync(file, { iam: 'okta', scope: 'all', userids: null, by: 'test', dryRun: true, list });
      const rows = parse(renderRunCsv(file.runs, 1)) as string[][];
      expect(rows.flat().filter((cell) => /^[=+\-@\s\uff1d]/.test(cell))).to.deep.equal([]);
      const read = (cell = '') => cell.replace(/^'/, '');
      const found = rows
        .filter(([, , , , kind]) => kind === 'attribute')
        .map(([userid, , , , , name, value]) => [userid, name, value].map(read));
      expect(found).to.have.deep.members(formulas.map((text) => Array(3).fill(makeVisibleLine(text))));
    } finally {
      file.close();
    }
  });
});
