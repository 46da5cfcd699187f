// Tests of `user-info conform --keep-certificates`.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { certificates, startFixture } from '../../conformance/testing/fixture.ts';
import { runCli } from '../../tests/run-cli.ts';

describe('user-info conform --keep-certificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'user-info-keep-'));
  const inFolder = (...names: string[]) => join(folder, ...names);
  let pem: string[] = [];
  before(async () => {
    const { ca, client } = await certificates();
    writeFileSync(inFolder('ca.pem'), ca.certificate);
    writeFileSync(inFolder('ca-key.pem'), ca.key, { mode: 0o600 });
    writeFileSync(inFolder('client.pem'), client.certificate);
    writeFileSync(inFolder('client-key.pem'), client.key, { mode: 0o600 });
    pem = [
      ...['--auth', 'mtls', '--cert', inFolder('client.pem'), '--key', inFolder('client-key.pem')],
      ...['--ca', inFolder('ca.pem'), '--client-ca', inFolder('ca.pem'), '--client-ca-key', inFolder('ca-key.pem')],
      ...['--known-user', 'canary-ada@example.test'],
    ];
  });
  after(() => rmSync(folder, { recursive: true }));

  it('writes the certificates that the curl lines name, replaces those of an earlier run, and accepts the option from a file', async () => {
    const only = ['--only', 'client-certificate-expired-refused', '--report', `json=${inFolder('report.json')}`];
    const endpoint = await startFixture({
      auth: 'mtls',
      alter: () => ({ holdsCertificate: (r) => r.presented !== null }),
    });
    mkdirSync(inFolder('conf'));
    writeFileSync(inFolder('conf/conform.yaml'), 'keepCertificates: bad\n');
    const config = ['--config', inFolder('conf/conform.yaml')];
    const runs = [
      await runCli(['conform', endpoint.url, ...pem, ...only, ...config]),
      await runCli(['conform', endpoint.url, ...pem, ...only, '--keep-certificates', inFolder('conf/bad')]),
    ];
    await endpoint.close();
    expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr])).to.deep.equal([
      [1, ''],
      [1, ''],
    ]);
    const [check] = JSON.parse(readFileSync(inFolder('report.json'), 'utf8')).checks;
    expect(check.evidence[0].request).to.include(
      `--cert "${inFolder('conf/bad/expired.pem')}" --key "${inFolder('conf/bad/expired-key.pem')}"`,
    );
    expect(readdirSync(inFolder('conf/bad'))).to.have.length(12);
    for (const file of readdirSync(inFolder('conf/bad'))) {
      expect(statSync(inFolder('conf/bad', file)).mode & 0o777, file).to.equal(0o600);
    }
  });

  it('is rejected without a client certificate, and for a directory that is not writable', async () => {
    const url = 'https://127.0.0.1:1/user-info';
    const without = await runCli(['conform', url, '--auth', 'none', '--keep-certificates', inFolder('none')]);
    expect(without.exitCode).to.equal(2);
    expect(without.stderr).to.include('--keep-certificates has no effect without a client certificate.');
    const below = inFolder('ca.pem', 'bad');
    const unwritable = await runCli(['conform', url, ...pem, '--keep-certificates', below]);
    expect(unwritable.exitCode).to.equal(2);
    expect(unwritable.stderr).to.include(`--keep-certificates: files cannot be written to ${below} (ENOTDIR).`);
  });

  it('writes nothing in a dry run', async () => {
    const directory = inFolder('dry');
    const { exitCode, stdout } = await runCli([
      ...['conform', 'https://127.0.0.1:1/user-info', ...pem, '--dry-run', '--keep-certificates', directory],
      ...['--only', 'client-certificate-expired-refused'],
    ]);
    expect(exitCode).to.equal(0);
    expect(stdout).to.include('--cert "$EXPIRED_CERT" --key "$EXPIRED_KEY"');
    expect(readdirSync(folder)).not.to.include('dry');
  });
});
