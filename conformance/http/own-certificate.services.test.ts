// Tests of the reader of the client certificate of a run.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { certificates } from '../testing/fixture.ts';
import { readOwnCertificate } from './own-certificate.ts';

describe('readOwnCertificate', () => {
  const directory = mkdtempSync(join(tmpdir(), 'user-info-own-certificate-'));
  let certificate = '';
  const pfx: { [passphrase: string]: Buffer } = {};
  before(async () => {
    const { client } = await certificates();
    certificate = client.certificate;
    const file = (name: string) => join(directory, name);
    writeFileSync(file('cert.pem'), client.certificate);
    writeFileSync(file('key.pem'), client.key, { mode: 0o600 });
    const files = ['-in', file('cert.pem'), '-inkey', file('key.pem'), '-out', file('client.pfx')];
    for (const passphrase of ['', 'kit']) {
      execFileSync('openssl', ['pkcs12', '-export', ...files, '-passout', `pass:${passphrase}`]);
      pfx[passphrase] = readFileSync(file('client.pfx'));
    }
  });
  after(() => rmSync(directory, { recursive: true }));

  it('returns PEM unchanged, and null when none was given', async () => {
    expect(await readOwnCertificate({ cert: 'kit' })).to.equal('kit');
    expect(await readOwnCertificate({})).to.equal(null);
  });

  it('reads PKCS #12 with and without a passphrase', async () => {
    const fingerprintOf = (pem: string | null) => new X509Certificate(pem ?? '').fingerprint256;
    for (const [passphrase, content] of Object.entries(pfx)) {
      const read = await readOwnCertificate({ pfx: content, ...(passphrase === '' ? {} : { passphrase }) });
      expect(fingerprintOf(read)).to.equal(fingerprintOf(certificate));
    }
  });

  it('throws for a wrong passphrase', async () => {
    const failure = await readOwnCertificate({ pfx: pfx.kit, passphrase: 'other' }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
  });
});
