// Tests of the formats of a client certificate: an encrypted key, and PKCS #12, each with its passphrase.
import { execFile, execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { listRequests } from '../list-requests.ts';
import type { ConformanceOptions } from '../run-conformance.ts';
import { ConformanceOptionsError, runConformance } from '../run-conformance.ts';
import { certificates, completeOptions, runAgainst, startFixture } from '../testing/fixture.ts';
import { issueBadClientCertificates } from './bad-client-certificates.ts';

const passphrase = 'canary-passphrase';

describe('a client certificate', () => {
  const directory = mkdtempSync(join(tmpdir(), 'user-info-pfx-'));
  let encryptedKey = '';
  let pfx = Buffer.alloc(0);
  before(async () => {
    const { client } = await certificates();
    encryptedKey = createPrivateKey(client.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
      .toString();
    const inDirectory = (name: string) => join(directory, name);
    writeFileSync(inDirectory('cert.pem'), client.certificate);
    writeFileSync(inDirectory('key.pem'), client.key, { mode: 0o600 });
    const files = ['-in', inDirectory('cert.pem'), '-inkey', inDirectory('key.pem'), '-out', inDirectory('client.pfx')];
    execFileSync('openssl', ['pkcs12', '-export', ...files, '-passout', `pass:${passphrase}`]);
    pfx = readFileSync(inDirectory('client.pfx'));
  });
  after(() => rmSync(directory, { recursive: true }));

  const forms: Readonly<Record<string, () => Partial<ConformanceOptions>>> = {
    'with an encrypted key': () => ({ key: encryptedKey, passphrase }),
    'in PKCS #12': () => ({ cert: undefined, key: undefined, pfx, passphrase }),
  };
  for (const [name, form] of Object.entries(forms)) {
    it(`is presented ${name}, and omitted when a check requires its absence`, async () => {
      const endpoint = { auth: 'mtls', isCertificateDemanded: true } as const;
      const report = await runAgainst(endpoint, { ...form(), only: ['a-known-user', 'client-certificates'] });
      expect(report.checks.filter(({ status }) => status !== 'passed' && status !== 'skipped')).to.deep.equal([]);
      expect(report.checks.find(({ id }) => id === 'client-certificate-missing-refused')?.status).to.equal('passed');
      expect(report.verdict).to.equal('conforms');
      expect(JSON.stringify(report)).not.to.include(passphrase);
    });
  }

  for (const [name, form] of Object.entries(forms)) {
    it(`is read by curl ${name}, with the line of a report`, async () => {
      const endpoint = await startFixture({ auth: 'mtls', isCertificateDemanded: true });
      const given = { ...(await completeOptions(endpoint.url, 'mtls')), ...form() };
      const { requests } = await listRequests({ ...given, only: ['known-user-200'] });
      const [{ request: line = '' } = {}] = requests;
      const inDirectory = (file: string) => join(directory, file);
      writeFileSync(inDirectory('ca.pem'), given.ca ?? '');
      writeFileSync(inDirectory('encrypted-key.pem'), encryptedKey);
      const files = {
        CLIENT_CERT: 'cert.pem',
        CLIENT_KEY: 'encrypted-key.pem',
        CLIENT_PFX: 'client.pfx',
        CA: 'ca.pem',
      };
      const variables = Object.fromEntries(
        Object.entries(files).map(([variable, file]) => [variable, inDirectory(file)]),
      );
      const [KNOWN_USER] = given.knownUsers ?? [];
      const env = { PATH: process.env.PATH, KNOWN_USER, PASSPHRASE: passphrase, ...variables };
      const { stdout } = await promisify(execFile)('sh', ['-c', line], { env });
      await endpoint.close();
      expect(stdout).to.match(/^HTTP\/1\.1 200 /);
      expect(line).not.to.include(passphrase);
    });
  }

  it('is copied by name into a forged certificate, whatever its form', async () => {
    const { client } = await certificates();
    const expected = new X509Certificate(client.certificate);
    for (const form of Object.values(forms)) {
      const given = { cert: client.certificate, ...form() };
      const { 'same-names': forged } = await issueBadClientCertificates(given);
      const { subject, issuer, subjectAltName, serialNumber, publicKey } = new X509Certificate(forged.cert);
      expect({ subject, issuer, subjectAltName, serialNumber }).to.deep.equal({
        subject: expected.subject,
        issuer: expected.issuer,
        subjectAltName: expected.subjectAltName,
        serialNumber: expected.serialNumber,
      });
      expect(publicKey.equals(expected.publicKey)).to.equal(false);
    }
  });

  async function faultsOf(change: Partial<ConformanceOptions>): Promise<string> {
    const options = await completeOptions('https://127.0.0.1:1/user-info', 'mtls');
    const failure = await runConformance({ ...options, ...change }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(ConformanceOptionsError);
    return (failure as ConformanceOptionsError).message;
  }

  it('that is encrypted is rejected without its passphrase and with a wrong one, in messages that show neither passphrase', async () => {
    const noPair = { cert: undefined, key: undefined };
    expect(await faultsOf({ key: encryptedKey })).to.include('--key needs a passphrase: add --passphrase-env');
    expect(await faultsOf({ key: encryptedKey, passphrase: 'canary-other' })).to.match(/its passphrase is wrong\.$/);
    expect(await faultsOf({ ...noPair, pfx })).to.include('needs a passphrase: add --passphrase-env');
    expect(await faultsOf({ ...noPair, pfx, passphrase: 'canary-other' }))
      .to.include('its passphrase is wrong')
      .and.not.to.include('canary-other');
  });

  it('must be given in only one form, and must not be missing when a passphrase is given', async () => {
    expect(await faultsOf({ pfx, passphrase })).to.include('Remove --cert and --key, or --pfx');
    expect(await faultsOf({ cert: undefined, key: undefined, passphrase })).to.include(
      'A passphrase has no effect without',
    );
  });
});
