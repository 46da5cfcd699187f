// Tests of the prefilled report that disputes a finding, from a JSON report and from a run.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { marked, type Token } from 'marked';
import type { RunningEndpoint } from '../../conformance/faults/conformant-endpoint.ts';
import { empty } from '../../conformance/faults/fault.ts';
import { renderDispute } from '../../conformance/report/dispute-report.ts';
import { canaries, startFixture } from '../../conformance/testing/fixture.ts';
import { hostileReport, sampleReport } from '../../conformance/testing/sample-report.ts';
import { builtProgram } from '../../tests/built-program.ts';

describe('user-info dispute', function () {
  this.timeout(60_000);
  let directory = '';
  let endpoint: RunningEndpoint;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-dispute-'));
    endpoint = await startFixture({
      auth: 'none',
      alter: (good) => ({ findUser: async (userid) => (await good.findUser(userid)) ?? empty }),
    });
  });
  after(async () => {
    await endpoint.close();
    rmSync(directory, { recursive: true });
  });

  /** Runs the program in the directory. */
  async function run(...args: string[]) {
    return promisify(execFile)(process.execPath, [builtProgram, ...args], { cwd: directory }).then(
      (output) => ({ exitCode: 0, ...output }),
      (error: { code: number; stdout: string; stderr: string }) => ({ ...error, exitCode: error.code }),
    );
  }
  const conform = (...args: string[]) =>
    run('conform', endpoint.url, '--auth', 'none', '--known-user', 'canary-ada@example.test', ...args);

  it('is written by a run for the finding of a check, and contains all that is needed but no secret', async () => {
    const { stderr, exitCode } = await conform(
      ...['--report', 'json=report.json', '--dispute', 'unknown-user-refused', '--dispute', 'known-user-200'],
    );
    expect(stderr)
      .to.include('Written: dispute-unknown-user-refused.md\n')
      .and.to.include(
        '--dispute: known-user-200 has the status passed in this report: there is no finding to dispute.',
      );
    expect(exitCode).to.equal(1);
    expect(readdirSync(directory).sort()).to.deep.equal(['dispute-unknown-user-refused.md', 'report.json']);
    const text = readFileSync(join(directory, 'dispute-unknown-user-refused.md'), 'utf8');
    expect(text)
      .to.match(/^# Disputed finding: unknown-user-refused\n/)
      .and.to.include('| Contract | version 1.0 |')
      .and.to.match(/- C-8 \(documented; Immuta documentation/)
      .and.to.include('$ curl --include')
      .and.to.include('"https://endpoint.example.com/user-info"')
      .and.to.include('Response: status 200, application/json')
      .and.to.include('## Why the owner of the endpoint disagrees');
    expect(text).not.to.include(new URL(endpoint.url).host);
    expect(canaries.filter((canary) => text.includes(canary))).to.deep.equal([]);
  });

  it('is created from a JSON report, with the opinion of the owner', async () => {
    const { stdout, exitCode } = await run(
      ...['dispute', 'report.json', 'unknown-user-refused', '--because', 'A user without groups is *normal*.'],
    );
    expect(exitCode).to.equal(0);
    expect(stdout).to.include('A user without groups is \\*normal\\*.').and.not.to.include('Keep the lines that apply');
    const written = await run('dispute', 'report.json', 'unknown-user-refused', '--output', 'own.md');
    expect(written).to.include({ exitCode: 0, stdout: '' });
    expect(readFileSync(join(directory, 'own.md'), 'utf8')).to.match(/^# Disputed finding/);
  });

  it('exits with 2 when there is no such finding or the report is invalid, and explains why', async () => {
    const wrongId = await run('dispute', 'report.json', 'unknown-user-refusd');
    expect(wrongId.stderr).to.include('did you mean "unknown-user-refused"?');
    const passed = await run('dispute', 'report.json', 'known-user-200');
    expect(passed.stderr).to.include('known-user-200 has the status passed in this report');
    writeFileSync(join(directory, 'broken.json'), '{');
    const broken = await run('dispute', 'broken.json', 'known-user-200');
    expect(broken.stderr).to.include('specify a report written with --report json=FILE');
    const beforeRun = await conform('--dispute', 'unknown-user-refusd');
    expect(beforeRun.stderr).to.include('did you mean "unknown-user-refused"?');
    for (const { exitCode } of [wrongId, passed, broken, beforeRun]) expect(exitCode).to.equal(2);
  });

  it('withholds the evidence of a run that shows data', () => {
    const { attestation } = sampleReport;
    const configuration = { ...attestation.configuration, showData: true };
    const text = renderDispute({ ...sampleReport, attestation: { ...attestation, configuration } }, 'fail-open');
    expect(text).to.include('Withheld: the run used `--show-data`').and.not.to.include('curl');
  });

  it('replaces the proxy and the address, and shows text from the endpoint literally', () => {
    const text = renderDispute(sampleReport, 'fail-open');
    expect(text).not.to.match(/users\.example\.com|192\.0\.2\.7/);
    const typesOf = (markdown: string) => {
      const types: string[] = [];
      marked.walkTokens(marked.lexer(markdown), (token: Token) => {
        if (['heading', 'code', 'table', 'list', 'html', 'image'].includes(token.type)) types.push(token.type);
      });
      return types;
    };
    expect(typesOf(renderDispute(hostileReport, 'fail-open'))).to.deep.equal(typesOf(text));
  });
});
