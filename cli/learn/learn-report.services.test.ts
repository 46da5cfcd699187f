// Tests `user-info learn report` and `learn compare` as processes, and the HTML report in a real Chromium.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { createPlatformProfile, type FoundFacts } from '../../simulator/learn/platform-profile.ts';
import { closeBrowser, findDisplayFaults, withReportPage } from '../../tests/browser.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { runCli } from '../../tests/run-cli.ts';

const others = {
  platform: 'Immuta 2024.3',
  connection: { httpVersions: { determined: 'measured' as const, value: ['1.1'] } },
  disturbances: { voidTries: 1, otherUsers: 0, unexpected: 0, rejectedCredentials: 0 },
};
const timeline = [
  [{ from: 0, to: 9801, isIncomplete: true as const }],
  [
    { from: 0, to: 400, isWithoutCredentials: true as const },
    { from: 450, to: 2000, isRedirected: true as const },
    { from: 2500, to: 9000 },
  ],
];
const evidence = [
  { experiment: 'no-response', tries: 2, agreeing: 2, at: '2026-12-01T09:00:00.000Z', clients: [], timeline },
];
const found: FoundFacts = {
  timeoutMs: { determined: 'measured', value: 9800, interval: { low: 8820, high: 9830 }, evidence },
  onNotFound: { determined: 'read-by-api', value: 'disable' },
};

describe('the report of a platform profile', function () {
  this.timeout(120_000);
  const directory = scratchDirectory();
  const write = (name: string, facts: FoundFacts, day = new Date()) => {
    const file = join(directory, name);
    writeFileSync(file, stringify(createPlatformProfile(facts, others, day)));
    return file;
  };
  after(closeBrowser);

  it('loads nothing, runs no script, has no axe violations in light and dark mode, and fits a phone', async () => {
    const { exitCode, stdout, stderr } = await runCli([
      'learn',
      'report',
      write('profile.yaml', found),
      '--format',
      'html',
    ]);
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    await withReportPage(stdout, {}, async (page, trace) => {
      expect(trace).to.deep.equal({ requests: [page.url()], complaints: [] });
      const bars = page.locator('svg.timeline[viewBox="0 0 800 54"] rect');
      expect(await bars.count()).to.equal(4);
    });
    await withReportPage(stdout, { viewport: { width: 390, height: 844 }, bypassCSP: true }, async (page) => {
      expect(await findDisplayFaults(page)).to.deep.equal([]);
    });
  });

  it('is Markdown by default, and is rejected for a file that is not a profile or for an unknown format', async () => {
    const profile = write('markdown.yaml', found);
    const { exitCode, stdout } = await runCli(['learn', 'report', profile]);
    expect(exitCode).to.equal(0);
    expect(stdout).to.match(/^# Platform profile of Immuta 2024\.3\n/);
    writeFileSync(join(directory, 'wrong.yaml'), 'facts: 1\n');
    const wrong = await runCli(['learn', 'report', join(directory, 'wrong.yaml')]);
    expect([wrong.exitCode, wrong.stdout]).to.deep.equal([2, '']);
    expect(wrong.stderr).to.match(/wrong\.yaml:1:\d+ facts: must be/);
    expect((await runCli(['learn', 'report', profile, '--format', 'pdf'])).exitCode).to.equal(2);
  });

  it('lists the changed facts, and exits with 1 when a value changed', async () => {
    const before = write('before.yaml', found);
    const after = write('after.yaml', { ...found, onNotFound: { determined: 'read-by-api', value: 'keep' } });
    const { exitCode, stdout } = await runCli(['learn', 'compare', before, after]);
    expect(exitCode).to.equal(1);
    expect(stdout).to.match(/^onNotFound +disable +keep +changed$/m);
    expect(stdout).to.include('\n1 changed, 0 newly determined, 0 no longer determined, 1 as before.\n');
    const same = await runCli(['learn', 'compare', before, before]);
    expect([same.exitCode, same.stdout.includes('No fact changed.')]).to.deep.equal([0, true]);
    const json = await runCli(['learn', 'compare', before, after, '--json']);
    expect(JSON.parse(json.stdout)).to.have.nested.property('changed[0].after.value', 'keep');
    const fewer = await runCli(['learn', 'compare', before, write('fewer.yaml', {})]);
    expect([fewer.exitCode, fewer.stdout.includes('2 no longer determined')]).to.deep.equal([0, true]);
  });

  it('names expired facts in the comparison', async () => {
    const old = write('old.yaml', { onNotFound: { determined: 'answered', value: 'keep' } }, new Date('2024-01-01'));
    const { exitCode, stdout } = await runCli(['learn', 'compare', old, old]);
    expect([exitCode, stdout.includes('Expired in the later profile: onNotFound.')]).to.deep.equal([0, true]);
  });
});
