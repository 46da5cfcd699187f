// Tests of the description of certificates, keys and CRLs, valid and invalid, and of other files.
import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import { CertificateError } from './certificate-error.ts';
import { type CertificateInspection, type InspectedCertificate, inspectCertificates } from './inspect-certificates.ts';
import { type BadCertificateName, type BadCertificates, issueBadCertificates } from './issue-bad-certificates.ts';
import { type CertificateRequest, type IssuedCertificate, issueCertificate } from './issue-certificate.ts';
import { type DevelopmentCertificates, daysFromNow, issueCertificates } from './issue-certificates.ts';
import { issueRevocationList } from './issue-revocation-list.ts';

describe('inspectCertificates', () => {
  let good: DevelopmentCertificates;
  let bad: BadCertificates;

  before(async () => {
    good = await issueCertificates({ names: ['10.1.2.3', 'user-info.example.com'] });
    bad = await issueBadCertificates(good.ca);
  });

  it('shows all details of a server certificate', async () => {
    const [server, ca] = (await inspect(good.server.certificate, good.ca.certificate)).certificates;
    const parsed = new X509Certificate(good.server.certificate);
    expect(server).to.deep.equal({
      file: '1.pem',
      position: 1,
      subject: 'O=user-info-kit development, CN=localhost',
      alternativeNames: [
        { type: 'dns', value: 'localhost' },
        { type: 'dns', value: 'user-info.example.com' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
        { type: 'ip', value: '10.1.2.3' },
      ],
      issuer: ca?.subject,
      notBefore: new Date(parsed.validFrom).toISOString(),
      notAfter: new Date(parsed.validTo).toISOString(),
      validity: 'valid',
      daysLeft: 824,
      keyType: 'EC P-256 (256 bits)',
      extendedKeyUsage: ['serverAuth'],
      fingerprint256: parsed.fingerprint256,
      isCa: false,
      chain: { holds: true, path: ['O=user-info-kit development, CN=localhost', ca?.subject] },
    });
    expect(ca).to.include({ file: '2.pem', isCa: true, validity: 'valid', issuer: ca?.subject });
    expect(ca?.fingerprint256).to.match(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  it('finds no error in a valid set of files, in any order', async () => {
    const { ca, server, client } = good;
    const files = [client.key, server.certificate, ca.certificate, server.key, client.certificate];
    const inspection = await inspect(...files);
    expect(inspection.holds).to.equal(true);
    expect(inspection.keys).to.deep.equal([
      { file: '1.pem', position: 1, keyType: 'EC P-256 (256 bits)', certificates: [{ file: '5.pem', position: 1 }] },
      { file: '4.pem', position: 1, keyType: 'EC P-256 (256 bits)', certificates: [{ file: '2.pem', position: 1 }] },
    ]);
  });

  it('reads several certificates and a key from one file, with text around them and CRLF', async () => {
    const { client, ca } = good;
    const bundle = `Bag Attributes: none\n${client.certificate}${client.key}\n# the CA\n${ca.certificate}`;
    const inspection = await inspect(bundle.replaceAll('\n', '\r\n'));
    expect(inspection.certificates.map(({ position, isCa }) => [position, isCa])).to.deep.equal([
      [1, false],
      [3, true],
    ]);
    expect(inspection.keys[0]?.certificates).to.deep.equal([{ file: '1.pem', position: 1 }]);
    expect(inspection.holds).to.equal(true);
  });

  const badClients: [name: BadCertificateName, expected: Partial<InspectedCertificate>, reason: string | null][] = [
    ['expired-client', { validity: 'expired', daysLeft: -2 }, 'it expired on '],
    ['not-yet-valid-client', { validity: 'not-yet-valid' }, 'it is not valid before '],
    ['other-ca-client', { validity: 'valid' }, 'the certificate of its issuer, O=user-info-kit development, CN='],
    ['self-signed-client', { validity: 'valid' }, 'it is self-signed and not a CA'],
    ['expired-server', { validity: 'expired' }, 'it expired on '],
    // The purpose of a certificate is shown, not evaluated.
    ['wrong-extended-key-usage-client', { validity: 'valid' }, null],
    ['wrong-host-name-server', { validity: 'valid' }, null],
  ];
  for (const [name, expected, reason] of badClients) {
    it(`reports ${name}: ${reason ?? 'the chain is valid'}`, async () => {
      const inspection = await inspect(bad.certificates[name].certificate, good.ca.certificate);
      const [first] = inspection.certificates;
      expect(first).to.include(expected);
      if (reason) expect(reasonOf(inspection)).to.contain(reason);
      expect(inspection.holds).to.equal(reason === null);
    });
  }

  it('shows that the extended key usage of a client certificate is for servers', async () => {
    const { certificate } = bad.certificates['wrong-extended-key-usage-client'];
    expect((await inspect(certificate)).certificates[0]?.extendedKeyUsage).to.deep.equal(['serverAuth']);
  });

  it('reports a missing issuer, and accepts the chain once the issuer is given', async () => {
    const { certificate } = bad.certificates['other-ca-client'];
    expect(reasonOf(await inspect(certificate))).to.match(/^the certificate of its issuer, .* is not among the files$/);
    expect((await inspect(certificate, bad.otherCa)).holds).to.equal(true);
  });

  it('detects a revoked certificate with the CRL, and accepts it with the empty CRL', async () => {
    const files = [bad.certificates['revoked-client'].certificate, good.ca.certificate];
    const revoked = await inspect(...files, bad.revocationList);
    expect(reasonOf(revoked)).to.match(/^O=.* revoked it on \d{4}-\d\d-\d\d$/);
    const [list] = revoked.revocationLists;
    expect(list).to.include({ file: '3.pem', position: 1, revokedCount: 1, overdue: false });
    expect(list?.nextUpdate).to.equal(revoked.certificates[1]?.notAfter);
    expect(list?.issuer).to.equal(revoked.certificates[1]?.subject);

    const notRevoked = await inspect(...files, bad.emptyRevocationList);
    expect(notRevoked.holds).to.equal(true);
    expect(notRevoked.revocationLists[0]?.revokedCount).to.equal(0);
  });

  it('ignores a CRL that names the CA as its issuer but was signed with another key', async () => {
    const name = 'Twin CA';
    const [twin, otherTwin] = [
      await issue({ use: 'ca', commonName: name }),
      await issue({ use: 'ca', commonName: name }),
    ];
    const leaf = await issue({}, twin);
    const { serialNumber } = new X509Certificate(leaf.certificate);
    const listBy = (ca: IssuedCertificate) => issueRevocationList(ca, 1, [serialNumber]);
    expect((await inspect(leaf.certificate, twin.certificate, await listBy(otherTwin))).holds).to.equal(true);
    expect((await inspect(leaf.certificate, twin.certificate, await listBy(twin))).holds).to.equal(false);
  });

  it('distinguishes two CAs with the same name', async () => {
    const name = 'Twin CA';
    const [twin, otherTwin] = [
      await issue({ use: 'ca', commonName: name }),
      await issue({ use: 'ca', commonName: name }),
    ];
    const leaf = await issue({}, twin);
    expect(reasonOf(await inspect(leaf.certificate, otherTwin.certificate))).to.contain('does not contain the key');
    const both = await inspect(leaf.certificate, otherTwin.certificate, twin.certificate);
    expect(both.holds).to.equal(true);
  });

  it('rejects an issuer that is not a CA', async () => {
    const leaf = await issue({ commonName: 'leaf' }, good.client);
    const inspection = await inspect(leaf.certificate, good.client.certificate, good.ca.certificate);
    expect(reasonOf(inspection)).to.equal('its issuer, O=user-info-kit development, CN=platform, is not a CA');
  });

  it('rejects a CA below a CA whose path length allows none', async () => {
    const intermediate = await issue({ use: 'ca', commonName: 'Intermediate CA' }, good.ca);
    const leaf = await issue({}, intermediate);
    const inspection = await inspect(leaf.certificate, intermediate.certificate, good.ca.certificate);
    expect(reasonOf(inspection)).to.match(
      / limits the number of CAs below it to 0 \(path length\), but the chain has 1$/,
    );
    expect(inspection.certificates[1]?.chain.holds).to.equal(true);
  });

  it('rejects a chain whose CA has expired', async () => {
    const oldCa = await issue({ use: 'ca', commonName: 'Old CA', ...daysFromNow(-400, -3) });
    const leaf = await issue({}, oldCa);
    const inspection = await inspect(leaf.certificate, oldCa.certificate);
    expect(reasonOf(inspection)).to.match(/^its CA, O=user-info-kit development, CN=Old CA, expired on /);
    expect(inspection.certificates[0]?.validity).to.equal('valid');
  });

  it('evaluates the validity period at the given time, including both limits', async () => {
    const { validFrom, validTo } = new X509Certificate(good.client.certificate);
    const at = async (date: string, offsetMs: number) => {
      const files = [file('c', good.client.certificate), file('ca', good.ca.certificate)];
      return (await inspectCertificates(files, new Date(Date.parse(date) + offsetMs))).certificates[0]?.validity;
    };
    expect(await at(validFrom, -1)).to.equal('not-yet-valid');
    expect(await at(validFrom, 0)).to.equal('valid');
    expect(await at(validTo, 0)).to.equal('valid');
    expect(await at(validTo, 1000)).to.equal('expired');
  });

  it('says that a CRL is overdue, and that therefore not everything is valid', async () => {
    const other = await issue({ use: 'ca', commonName: 'other', ...daysFromNow(-1, 8000) });
    const files = [file('other', other.certificate), file('crl', bad.emptyRevocationList)];
    const at = (days: number) => inspectCertificates(files, daysFromNow(0, days).notAfter);
    const [before, after] = [await at(1), await at(4000)];
    expect([before.revocationLists[0]?.overdue, before.holds]).to.deep.equal([false, true]);
    const validity = after.certificates[0]?.validity;
    expect([after.revocationLists[0]?.overdue, validity, after.holds]).to.deep.equal([true, 'valid', false]);
  });

  it('reports a key that matches none of the certificates', async () => {
    const inspection = await inspect(good.client.certificate, good.ca.certificate, good.server.key);
    expect(inspection.keys[0]?.certificates).to.deep.equal([]);
    expect(inspection.certificates.every(({ chain }) => chain.holds)).to.equal(true);
    expect(inspection.holds).to.equal(false);
  });

  it('reports that a key is encrypted, in both forms', async () => {
    const passphrase = randomBytes(12).toString('hex');
    const key = createPrivateKey(good.client.key);
    const pkcs8 = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
    const sec1 = key.export({ type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase });
    const inspection = await inspect(good.client.certificate, good.ca.certificate, String(pkcs8), String(sec1));
    expect(inspection.keys.map(({ keyType }) => keyType)).to.deep.equal([null, null]);
    expect(inspection.holds).to.equal(true);
  });

  it('matches a SEC1 key', async () => {
    const sec1 = createPrivateKey(good.client.key).export({ type: 'sec1', format: 'pem' });
    const { keys } = await inspect(good.client.certificate, good.ca.certificate, String(sec1));
    expect(keys[0]?.certificates).to.deep.equal([{ file: '1.pem', position: 1 }]);
  });

  const keyTypes: [name: string, pem: () => unknown][] = [
    ['RSA (2048 bits)', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pkcs8Pem)],
    ['EC P-384 (384 bits)', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export(pkcs8Pem)],
    ['EC secp256k1', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey.export(pkcs8Pem)],
    ['ed25519', () => generateKeyPairSync('ed25519').privateKey.export(pkcs8Pem)],
  ];
  for (const [name, pem] of keyTypes) {
    it(`names the key type ${name}`, async () => {
      expect((await inspect(good.ca.certificate, String(pem()))).keys[0]?.keyType).to.equal(name);
    });
  }

  it('never shows a name inside another name as a separate name', async () => {
    const alternativeNames = {
      dns: ['a, DNS:admin.example.com', 'b"c'],
      ip: [],
      email: ['x@y.test, email:root@y.test'],
    };
    const leaf = await issue({ alternativeNames }, good.ca);
    expect((await inspect(leaf.certificate)).certificates[0]?.alternativeNames).to.deep.equal([
      { type: 'email', value: 'x@y.test, email:root@y.test' },
      { type: 'dns', value: 'a, DNS:admin.example.com' },
      { type: 'dns', value: 'b"c' },
    ]);
  });

  describe('refuses', () => {
    const der = () => new X509Certificate(good.client.certificate).raw;
    const lines = () => good.client.certificate.split('\n');
    const damaged = () => good.client.certificate.replace(/\nM.{20}/, '\nMAAAAAAAAAAAAAAAAAAAA');
    const refused: [name: string, content: () => string | Uint8Array, message: string][] = [
      ['an empty file', () => '', 'x.pem is not PEM: it has no BEGIN line'],
      ['a text', () => '{"groups": []}', 'x.pem is not PEM: it has no BEGIN line'],
      ['DER, with the command that converts it', der, 'openssl x509 -inform der -in x.pem'],
      ['a truncated file', () => lines().slice(0, -2).join('\n'), 'x.pem is truncated'],
      ['a truncated certificate before another', () => `${lines()[0]}\n${good.ca.certificate}`, 'x.pem is truncated'],
      ['a damaged certificate', damaged, 'x.pem: block 1, CERTIFICATE, cannot be read'],
      [
        'a damaged key',
        () => good.client.key.replace(/\nM.{20}/, '\nMAAAAAAAAAAAAAAAAAAAA'),
        'PRIVATE KEY, cannot be read',
      ],
      [
        'a damaged CRL',
        () => bad.revocationList.replace(/\nM.{20}/, '\nMAAAAAAAAAAAAAAAAAAAA'),
        'X509 CRL, cannot be read',
      ],
      ['files without a certificate', () => good.client.key, 'None of the files contains a certificate'],
    ];
    for (const [name, content, message] of refused) {
      it(name, async () => {
        const bytes = Buffer.from(content());
        const error = await inspectCertificates([{ name: 'x.pem', bytes }], new Date()).catch(
          (thrown: unknown) => thrown,
        );
        expect(error).to.be.instanceOf(CertificateError);
        expect((error as CertificateError).message).to.contain(message);
      });
    }
  });

  function issue(request: Partial<CertificateRequest>, issuer: Parameters<typeof issueCertificate>[1] = 'self') {
    const defaults = { commonName: 'leaf', use: 'client', keyType: 'ec', ...daysFromNow(0, 30) } as const;
    return issueCertificate({ ...defaults, ...request }, issuer);
  }
});

const pkcs8Pem = { type: 'pkcs8', format: 'pem' } as const;

function file(name: string, text: string) {
  return { name, bytes: Buffer.from(text) };
}

/** Inspects the texts as the files 1.pem, 2.pem …, with the current time. */
function inspect(...texts: string[]): Promise<CertificateInspection> {
  return inspectCertificates(
    texts.map((text, index) => file(`${index + 1}.pem`, text)),
    new Date(),
  );
}

/** Returns why the chain of the first certificate is invalid. */
function reasonOf({ certificates: [first] }: CertificateInspection): string {
  if (!first || first.chain.holds) throw new Error('the chain holds');
  return first.chain.reason;
}
