// Tests of `user-info conform` as a process: exit codes, all errors at once, reports, and that no secret is printed.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { faults } from '../../conformance/faults/faults.ts';
import { validateConformanceReport } from '../../conformance/report/read-report.ts';
import { canaries, certificates, completeOptions, login, startFixture } from '../../conformance/testing/fixture.ts';

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

function runConform(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...environment } };
    const child = execFile(
      process.execPath,
      ['--import=tsx', main, 'conform', ...args],
      options,
      (_error, stdout, stderr) => resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe('user-info conform', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'user-info-conform-'));
    const { ca, client } = await certificates();
    const files = { 'ca.pem': ca.certificate, 'client.pem': client.certificate, 'client-key.pem': client.key };
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text, { mode: 0o600 });
    await writeFile(join(directory, 'password.txt'), `${login.password}\n`, { mode: 0o600 });
  });
  after(() => rm(directory, { recursive: true }));

  /** Returns every flag that `--auth both` can use. */
  async function completeFlags(): Promise<string[]> {
    const { knownUsers = [] } = await completeOptions('https://127.0.0.1', 'both');
    const flags = ['--auth', 'both', '--username', login.username, '--password-file', join(directory, 'password.txt')];
    flags.push('--cert', join(directory, 'client.pem'), '--key', join(directory, 'client-key.pem'));
    return [...flags, '--ca', join(directory, 'ca.pem'), ...knownUsers.flatMap((userid) => ['--known-user', userid])];
  }

  it('exits with 0 for an endpoint that conforms, with credentials and certificates from files', async () => {
    const endpoint = await startFixture({ auth: 'both', isCertificateDemanded: true });
    const { exitCode, stdout, stderr } = await runConform([endpoint.url, ...(await completeFlags())]);
    await endpoint.close();
    // On a slow machine, the run may take long enough to print progress lines.
    expect(stderr).to.match(/^(?:\d+ of \d+ after .*\n)*$/);
    expect(stdout)
      .to.match(/^✓ A known user {2,}\d+ passed\n/)
      .and.to.match(/ conforms, as far as .*\(contract 1\.0; \d+ passed, \d+ skipped\)\.\n$/);
    expect(exitCode).to.equal(0);
  });

  it('exits with 1 for an endpoint that does not conform, writes the report, and prints no user data and no secrets', async () => {
    const fault = faults.find(({ name }) => name === 'accepts-any-password');
    const endpoint = await startFixture({ auth: 'basic', alter: (good, options) => fault?.alter(good, options) ?? {} });
    const file = join(directory, 'report.json');
    const { exitCode, stdout, stderr } = await runConform(
      [
        endpoint.url,
        '--auth',
        'basic',
        '--username',
        login.username,
        '--password-env',
        'CONFORM_PASSWORD',
        '--known-user',
        'canary-ada@example.test',
        '--report',
        `json=${file}`,
      ],
      { CONFORM_PASSWORD: login.password },
    );
    await endpoint.close();
    const text = await readFile(file, 'utf8');
    const report = JSON.parse(text);
    expect(validateConformanceReport(report)).to.equal(true);
    expect(report.verdict).to.equal('does-not-conform');
    expect(stdout).to.include('✗ MUST respond with a non-200 status when the password is wrong');
    expect(canaries.filter((canary) => `${stdout}${stderr}${text}`.includes(canary))).to.deep.equal([]);
    expect(exitCode).to.equal(1);
  });

  it('exits with 3 for an unreachable endpoint, and prints the reason, as JSON with --json', async () => {
    const endpoint = await startFixture({ auth: 'none' });
    await endpoint.close();
    const args = [endpoint.url, '--auth', 'none', '--known-user', 'x'];
    const { exitCode, stdout } = await runConform(args);
    expect(stdout).to.include('nothing listens on that port');
    expect(exitCode).to.equal(3);
    const json = await runConform([...args, '--json']);
    expect(JSON.parse(json.stdout).verdict).to.equal('could-not-run');
    expect(json.exitCode).to.equal(3);
  });

  it('exits with 2 for an invalid command line, reports every error at once, and sends no request', async () => {
    const { exitCode, stdout, stderr } = await runConform([
      ...[
        'http://127.0.0.1:1/user-info',
        '--auth',
        'both',
        '--cert',
        join(directory, 'missing.pem'),
        '--password-env',
        'CONFORM_UNSET',
      ],
      ...[
        '--report',
        'htlm=report.html',
        '--report',
        `json=${join(directory, 'missing', 'r.json')}`,
        '--timeout-ms',
        'soon',
        '--profile',
        'loose',
      ],
    ]);
    expect(stdout).to.equal('');
    expect(stderr.split('\n').slice(0, -1)).to.have.length(11);
    for (const part of [
      'CONFORM_UNSET is not set',
      'missing.pem cannot be read (ENOENT)',
      '--cert cannot be used with an http:// URL',
      '--auth both requires a client certificate',
      '--auth both requires --username',
      'A password has no effect without --username',
      '--key FILE',
      '--profile must be one of strict, lenient',
      '--timeout-ms must be',
      'did you mean "html"',
      'does not exist',
    ]) {
      expect(stderr).to.include(part);
    }
    expect(exitCode).to.equal(2);
  });

  it('has no flag that accepts a password, and shows examples', async () => {
    const { exitCode, stdout } = await runConform(['--help']);
    expect(stdout)
      .to.include('Examples:')
      .and.not.to.match(/--password[ =]/);
    expect(exitCode).to.equal(0);
  });
});
