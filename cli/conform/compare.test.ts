// Tests of `user-info compare` as a process: text, JSON and exit codes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { hostileReport, sampleReport } from '../../conformance/testing/sample-report.ts';
import { runCli } from '../../tests/run-cli.ts';

describe('user-info compare', () => {
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-compare-'));
    const fixed = sampleReport.checks.map((check) =>
      check.id === 'fail-open' ? { ...check, status: 'passed' as const } : check,
    );
    write('before.json', sampleReport);
    write('after.json', { ...sampleReport, checks: fixed });
    write('hostile.json', { ...hostileReport, target: { ...hostileReport.target, auth: 'none' } });
  });
  after(() => rmSync(directory, { recursive: true }));

  const write = (name: string, value: unknown) => writeFileSync(join(directory, name), JSON.stringify(value));
  const compare = (...args: string[]) =>
    runCli(['compare', ...args.map((arg) => (arg.endsWith('.json') ? join(directory, arg) : arg))]);

  it('exits with 0 when something improved and nothing regressed', async () => {
    const { exitCode, stdout, stderr } = await compare('before.json', 'after.json');
    expect(stderr).to.equal('');
    expect(stdout).to.equal(`Better (1)
  fail-open: passed, failed before (silently wrong access)
    MUST refuse

Before: does not conform. Now: does not conform. 0 worse, 1 better, 0 new, 7 unchanged.
`);
    expect(exitCode).to.equal(0);
  });

  it('exits with 1 when something regressed, and lists it as JSON', async () => {
    const { exitCode, stdout } = await compare('after.json', 'before.json', '--json');
    const { worse, better } = JSON.parse(stdout);
    expect(worse.map(({ check }: { check: string }) => check)).to.deep.equal(['fail-open']);
    expect(better).to.deep.equal([]);
    expect(exitCode).to.equal(1);
  });

  it('reports that the runs had different conditions, and prints no control characters from a report', async () => {
    const { stdout } = await compare('before.json', 'hostile.json');
    expect(stdout).to.include('The runs differ in authentication: basic, now none.');
    expect(stdout.match(/[^\n\P{C}]/gu)).to.equal(null);
  });

  it('exits with 2 when a report cannot be read, with both errors at once', async () => {
    write('other.json', { some: 'thing' });
    const { exitCode, stdout, stderr } = await compare('missing.json', 'other.json');
    expect(stdout).to.equal('');
    expect(stderr)
      .to.match(/missing\.json cannot be read \(ENOENT\)/)
      .and.to.match(/other\.json is not a report of this version of the kit/);
    expect(exitCode).to.equal(2);
  });
});
