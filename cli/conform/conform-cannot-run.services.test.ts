// Tests of how `user-info conform` exits when it cannot run: each cause with exit code 3 and its own message.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { certificates, login, startFixture } from '../../conformance/testing/fixture.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

function conform(args: readonly string[], password = login.password) {
  return new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((resolve) => {
    const env = { ...process.env, KIT_PASSWORD: password };
    const child = execFile(
      process.execPath,
      ['--import=tsx', main, 'conform', ...args],
      { env },
      (
        _error,
        stdout,
        stderr, // The console wraps its lines.
      ) => resolve({ exitCode: child.exitCode, stdout: stdout.replace(/\s+/g, ' '), stderr }),
    );
  });
}

describe('user-info conform, when it cannot run', () => {
  const directory = mkdtempSync(join(tmpdir(), 'user-info-cannot-run-'));
  after(() => rmSync(directory, { recursive: true }));

  const basic = ['--auth', 'basic', '--username', login.username, '--password-env', 'KIT_PASSWORD'];
  const known = ['--known-user', 'canary-ada@example.test'];

  it('reports that nothing listens at a closed port', async () => {
    const endpoint = await startFixture({ auth: 'basic' });
    await endpoint.close();
    const { exitCode, stdout } = await conform([endpoint.url, ...basic, ...known]);
    expect(stdout).to.include('nothing listens on that port');
    expect(exitCode).to.equal(3);
  });

  it('explains how to trust a server certificate from an untrusted CA', async () => {
    const endpoint = await startFixture({ auth: 'basic' }, true);
    const { exitCode, stdout } = await conform([endpoint.url, ...basic, ...known]);
    await endpoint.close();
    expect(stdout).to.include('cannot be trusted').and.to.include('--ca FILE');
    expect(exitCode).to.equal(3);
  });

  it('reports that the endpoint may not accept the client certificate', async () => {
    const { ca, server } = await certificates();
    writeFileSync(join(directory, 'ca.pem'), ca.certificate);
    writeFileSync(join(directory, 'cert.pem'), server.certificate);
    writeFileSync(join(directory, 'key.pem'), server.key);
    const endpoint = await startFixture({ auth: 'mtls', isCertificateDemanded: true });
    const pem = ['ca', 'cert', 'key'].flatMap((name) => [`--${name}`, join(directory, `${name}.pem`)]);
    const { exitCode, stdout } = await conform([endpoint.url, '--auth', 'mtls', ...pem, ...known]);
    await endpoint.close();
    expect(stdout).to.include('may not accept the client certificate');
    expect(exitCode).to.equal(3);
  });

  it('reports that a wrong password was rejected, without showing it', async () => {
    const endpoint = await startFixture({ auth: 'basic' });
    const { exitCode, stdout, stderr } = await conform([endpoint.url, ...basic, ...known], 'canary-typing-error');
    await endpoint.close();
    expect(stdout)
      .to.include('responded with 401 to requests with the declared authentication')
      .and.to.include('--password-env');
    expect(`${stdout}${stderr}`).not.to.include('canary-typing-error');
    expect(exitCode).to.equal(3);
  });

  it('suggests another scheme when an http URL names a TLS port', async () => {
    const endpoint = await startFixture({ auth: 'basic' }, true);
    const { exitCode, stdout } = await conform([endpoint.url.replace('https:', 'http:'), ...basic, ...known]);
    await endpoint.close();
    expect(stdout).to.include('https://');
    expect(exitCode).to.equal(3);
  });

  it('verifies the kit with --self-check while the endpoint is down', async () => {
    const endpoint = await startFixture({ auth: 'none' });
    await endpoint.close();
    const { exitCode, stdout, stderr } = await conform([endpoint.url, '--auth', 'none', ...known, '--self-check']);
    expect(stderr).to.match(/^The self-check passed: \d\d+ checks/);
    expect(stdout).to.include('nothing listens on that port');
    expect(exitCode).to.equal(3);
  });

  it('reports that no request was sent after a failed self-check', async () => {
    const flags = ['--auth', 'none', ...known, '--self-check', '--timeout-ms', '1', '--only', 'known-user-200'];
    const { exitCode, stdout, stderr } = await conform(['https://127.0.0.1:1/user-info', ...flags]);
    expect(stderr).to.include('The self-check failed').and.to.include('no request was sent to the endpoint');
    expect(stdout).to.equal('');
    expect(exitCode).to.equal(3);
  });

  it('exits with 2 for a selection without checks, with a suggestion', async () => {
    const flags = ['--auth', 'none', '--only', 'unknown-user-refuse,tsl'];
    const { exitCode, stdout, stderr } = await conform(['http://127.0.0.1:1/user-info', ...flags]);
    expect(stderr).to.include('did you mean "unknown-user-refused"?').and.to.include('did you mean "tls"?');
    expect(stdout).to.equal('');
    expect(exitCode).to.equal(2);
  });
});
