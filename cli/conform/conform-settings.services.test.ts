// Tests of the configuration file of `user-info conform`, and of the precedence of command line, environment and file.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RunningEndpoint } from '../../conformance/faults/conformant-endpoint.ts';
import { login, startFixture } from '../../conformance/testing/fixture.ts';
import { runCli } from '../../tests/run-cli.ts';

describe('the settings of user-info conform', () => {
  const directory = mkdtempSync(join(tmpdir(), 'user-info-settings-'));
  let endpoint: RunningEndpoint;
  before(async () => {
    endpoint = await startFixture({ auth: 'basic' });
    mkdirSync(join(directory, 'conf'));
    writeFileSync(join(directory, 'conf/password.txt'), `${login.password}\n`);
  });
  after(async () => {
    await endpoint.close();
    rmSync(directory, { recursive: true });
  });

  function conform(config: string, args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) {
    const file = join(directory, 'conf/conform.yaml');
    writeFileSync(file, config);
    return runCli(['conform', '--config', file, ...args], environment);
  }

  const complete = () => `
url: ${endpoint.url}
auth: basic
username: ${login.username}
passwordFile: password.txt
knownUsers: [canary-ada@example.test, canary-bob@example.test]
maxFailedLogins: 3
only: [an-unknown-user, known-user-200]
reports: { json: report.json }
`;
  const report = () => JSON.parse(readFileSync(join(directory, 'conf/report.json'), 'utf8'));

  it('can all be in a file, with paths relative to its directory', async () => {
    const { exitCode, stderr } = await conform(complete());
    expect(stderr).to.equal('');
    expect(exitCode).to.equal(0);
    expect(report().attestation.configuration).to.include({ auth: 'basic', maxFailedLogins: 3 });
    expect(report().checks[0].id).to.equal('known-user-200');
  });

  it('are read from the command line first, then from the environment, then from the file', async () => {
    const environment = { USER_INFO_CONFORM_MAX_FAILED_LOGINS: '2', USER_INFO_CONFORM_MAX_REQUESTS: '99' };
    await conform(complete(), ['--max-requests', '77'], environment);
    expect(report().attestation.configuration).to.include({ maxFailedLogins: 2, maxRequests: 77 });
  });

  it('use the password of the command line instead of the one in the file', async () => {
    const { exitCode, stdout } = await conform(complete(), ['--password-env', 'KIT_PASSWORD'], {
      KIT_PASSWORD: 'wrong',
    });
    expect(stdout.replace(/\s+/g, ' ')).to.include('responded with 401 to requests with the declared authentication');
    expect(exitCode).to.equal(3);
  });

  it('are rejected with all errors at once, each with its line, and with a suggestion for each misspelling', async () => {
    const { exitCode, stdout, stderr } = await conform(
      'auth: basik\nknownUser: [a]\ntimeoutMs: soon\nreports: { htlm: x }\n',
    );
    for (const part of [
      /conf\/conform\.yaml:1:7 auth: must be one of .*; did you mean "basic"\?/,
      /conf\/conform\.yaml:2:1 knownUser: unknown option; did you mean "knownUsers"\?/,
      /conf\/conform\.yaml:3:12 timeoutMs: must be a whole number/,
      /reports\.htlm: unknown option; did you mean "html"\?/,
    ]) {
      expect(stderr).to.match(part);
    }
    expect(stdout).to.equal('');
    expect(exitCode).to.equal(2);
  });

  it('limit every duration to one day, in the file and on the command line', async () => {
    const inFile = await conform('timeoutMs: 2147483648\nmaxP95Ms: 86400001\nhookTimeoutMs: 1e12\n');
    expect(inFile.stderr)
      .to.match(/conform\.yaml:1:12 timeoutMs: .*86400000/)
      .and.to.match(/conform\.yaml:2:11 maxP95Ms: .*86400000/)
      .and.to.match(/conform\.yaml:3:16 hookTimeoutMs: .*86400000/);
    const flags = ['--timeout-ms', '2147483648', '--max-p95-ms', '86400001', '--hook-timeout-ms', '1e12'];
    const onCommandLine = await conform(complete(), [...flags, '--break', 'true', '--restore', 'true']);
    for (const [flag, value] of [
      ['--timeout-ms', '2147483648'],
      ['--max-p95-ms', '86400001'],
      ['--hook-timeout-ms', '1000000000000'],
    ]) {
      const message = `${flag} must be a whole number of milliseconds from 1 to 86400000 (one day). It is ${value}.`;
      expect(onCommandLine.stderr).to.include(message);
    }
    expect([inFile.exitCode, onCommandLine.exitCode]).to.deep.equal([2, 2]);
  });

  it('accept the deprecated names mend and --mend, with a warning, and not together with the new ones', async () => {
    const port = 'http://127.0.0.1:1/user-info';
    const { stderr } = await conform(`${complete()}break: 'true'\nmend: 'true'\n`, ['--dry-run']);
    expect(stderr).to.equal('--mend is deprecated: use --restore.\n');
    const both = await runCli(['conform', port, '--break', 'true', '--mend', 'true', '--restore', 'true']);
    expect(both.exitCode).to.equal(2);
    expect(both.stderr).to.include('--restore and --mend are mutually exclusive');
  });

  it('never contain a password', async () => {
    const { exitCode, stderr } = await conform('password: canary-secret\n');
    expect(stderr).to.include('password: unknown option').and.not.to.include('canary-secret');
    expect(exitCode).to.equal(2);
  });

  it('require a URL', async () => {
    const { exitCode, stderr } = await conform('auth: none\n');
    expect(stderr).to.include('The URL of the endpoint is missing');
    expect(exitCode).to.equal(2);
  });
});
