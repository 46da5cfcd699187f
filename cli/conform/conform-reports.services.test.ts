// Tests of the reports and the baseline of `user-info conform` as a process, with an endpoint that responds with 200 for an unknown user.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RunningEndpoint } from '../../conformance/faults/conformant-endpoint.ts';
import { empty } from '../../conformance/faults/fault.ts';
import { canaries, startFixture } from '../../conformance/testing/fixture.ts';
import { runCli } from '../../tests/run-cli.ts';

describe('user-info conform, its reports and its baseline', function () {
  this.timeout(60_000);
  let scratch = '';
  let endpoint: RunningEndpoint;
  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'user-info-conform-'));
    endpoint = await startFixture({
      auth: 'none',
      alter: (good) => ({ findUser: async (userid) => (await good.findUser(userid)) ?? empty }),
    });
  });
  after(async () => {
    await endpoint.close();
    rmSync(scratch, { recursive: true });
  });

  const inDirectory = (name: string) => join(scratch, name);
  const conform = (...args: string[]) =>
    runCli(['conform', endpoint.url, '--auth', 'none', '--known-user', 'canary-ada@example.test', ...args]);

  it('writes several reports in one run, one of them to stdout, and no user data in any of them', async () => {
    const files = { html: 'r.html', junit: 'r.xml', sarif: 'r.sarif', json: 'r.json' };
    const flags = Object.entries(files).flatMap(([format, name]) => ['--report', `${format}=${inDirectory(name)}`]);
    const { exitCode, stdout } = await conform(...flags, '--report', 'markdown=-');
    expect(stdout).to.match(/^## ❌ `http:/);
    const texts = Object.values(files).map((name) => readFileSync(inDirectory(name), 'utf8'));
    for (const text of texts) expect(text).to.include('unknown-user-refused');
    expect(canaries.filter((canary) => [stdout, ...texts].some((text) => text.includes(canary)))).to.deep.equal([]);
    expect(exitCode).to.equal(1);
  });

  it('creates a baseline of the failures, accepts them from then on, and shows them separately', async () => {
    const written = await conform('--write-baseline', inDirectory('known.yaml'));
    expect(written.exitCode, written.stderr).to.equal(0);
    const { exitCode, stdout } = await conform('--baseline', inDirectory('known.yaml'));
    expect(stdout)
      .to.include('Known violations\n')
      .and.to.match(/ {2}- unknown-user-refused: Found on \d{4}-/);
    expect(stdout).not.to.include('Failures, most severe first');
    expect(exitCode).to.equal(0);
  });

  it('exits with 4 when a known failure passes or its date has passed, and names the failure', async () => {
    const known = readFileSync(inDirectory('known.yaml'), 'utf8');
    writeFileSync(
      inDirectory('stale.yaml'),
      `${known}  - check: known-user-200\n    reason: It was broken.\n`.replace(
        /(check: unknown-user-refused\n)/,
        '$1    until: 2020-01-01\n',
      ),
    );
    const { exitCode, stdout } = await conform('--baseline', inDirectory('stale.yaml'));
    expect(stdout)
      .to.include('known-user-200 passes now. Remove it from the baseline.')
      .and.to.include('unknown-user-refused was accepted until 2020-01-01, and still fails');
    expect(exitCode).to.equal(4);
  });

  it('exits with 2 for a baseline with an unknown check, before any request', async () => {
    writeFileSync(inDirectory('wrong.yaml'), 'knownFailures:\n  - { check: known-user-20, reason: r }\n');
    const flags = ['--baseline', inDirectory('wrong.yaml'), '--write-baseline', inDirectory('no/such.yaml')];
    const { exitCode, stdout, stderr } = await conform(...flags);
    expect(stderr)
      .to.include('did you mean "known-user-200"?')
      .and.to.match(/--write-baseline: the directory .*no does not exist/);
    expect(stdout).to.equal('');
    expect(exitCode).to.equal(2);
  });
});
