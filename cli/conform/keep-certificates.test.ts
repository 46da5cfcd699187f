// Tests of `user-info conform --keep-certificates`.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { certificates, startFixture } from '../../conformance/testing/fixture.ts';
import { runCli } from '../../tests/run-cli.ts';

describe('user-info conform --keep-certificates', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'user-info-keep-'));
  const inDirectory = (...names: string[]) => join(scratch, ...names);
  let pem: string[] = [];
  before(async () => {
    const { ca, client } = await certificates();
    writeFileSync(inDirectory('ca.pem'), ca.certificate);
    writeFileSync(inDirectory('ca-key.pem'), ca.key, { mode: 0o600 });
    writeFileSync(inDirectory('client.pem'), client.certificate);
    writeFileSync(inDirectory('client-key.pem'), client.key, { mode: 0o600 });
    pem = [
      ...['--auth', 'mtls', '--cert', inDirectory('client.pem'), '--key', inDirectory('client-key.pem')],
      ...[
        '--ca',
        inDirectory('ca.pem'),
        '--client-ca',
        inDirectory('ca.pem'),
        '--client-ca-key',
        inDirectory('ca-key.pem'),
      ],
      ...['--known-user', 'canary-ada@example.test'],
    ];
  });
  after(() => rmSync(scratch, { recursive: true }));

  it('writes the certificates that the curl lines name, replaces those of an earlier run, and accepts the option from a file', async () => {
    const only = ['--only', 'client-certificate-expired-refused', '--report', `json=${inDirectory('report.json')}`];
    const endpoint = await startFixture({
      auth: 'mtls',
      alter: () => ({ holdsCertificate: (r) => r.presented !== null }),
    });
    mkdirSync(inDirectory('conf'));
    writeFileSync(inDirectory('conf/conform.yaml'), 'keepCertificates: bad\n');
    const config = ['--config', inDirectory('conf/conform.yaml')];
    const runs = [
      await runCli(['conform', endpoint.url, ...pem, ...only, ...config]),
      await runCli(['conform', endpoint.url, ...pem, ...only, '--keep-certificates', inDirectory('conf/bad')]),
    ];
    await endpoint.close();
    expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr])).to.deep.equal([
      [1, ''],
      [1, ''],
    ]);
    const [check] = JSON.parse(readFileSync(inDirectory('report.json'), 'utf8')).checks;
    expect(check.evidence[0].request).to.include(
      `--cert "${inDirectory('conf/bad/expired.pem')}" --key "${inDirectory('conf/bad/expired-key.pem')}"`,
    );
    expect(readdirSync(inDirectory('conf/bad'))).to.have.length(12);
    for (const file of readdirSync(inDirectory('conf/bad'))) {
      expect(statSync(inDirectory('conf/bad', file)).mode & 0o777, file).to.equal(0o600);
    }
  });

  it('is rejected without a client certificate, and for a directory that cannot be created', async () => {
    const url = 'https://127.0.0.1:1/user-info';
    const without = await runCli(['conform', url, '--auth', 'none', '--keep-certificates', inDirectory('none')]);
    expect(without.exitCode).to.equal(2);
    expect(without.stderr).to.include('--keep-certificates has no effect without a client certificate.');
    const below = inDirectory('ca.pem', 'bad');
    const unwritable = await runCli(['conform', url, ...pem, '--keep-certificates', below]);
    expect(unwritable.exitCode).to.equal(2);
    expect(unwritable.stderr).to.include(`--keep-certificates: files cannot be written to ${below} (ENOTDIR).`);
  });

  it('writes nothing in a dry run', async () => {
    const directory = inDirectory('dry');
    const { exitCode, stdout } = await runCli([
      ...['conform', 'https://127.0.0.1:1/user-info', ...pem, '--dry-run', '--keep-certificates', directory],
      ...['--only', 'client-certificate-expired-refused'],
    ]);
    expect(exitCode).to.equal(0);
    expect(stdout).to.include('--cert "$EXPIRED_CERT" --key "$EXPIRED_KEY"');
    expect(readdirSync(scratch)).not.to.include('dry');
  });
});
