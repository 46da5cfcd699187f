// Tests of checking the files that a configuration names, with real certificates and keys.
import { createPrivateKey } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { createCertificates } from '../../certs/create-certificates.ts';
import { certificateFiles } from '../../tests/certificate-files.ts';
import { checkConfigFiles } from './check-config-files.ts';
import { readConfigText } from './read-config.ts';

const nowMs = Date.now();
const yearMs = 365 * 86_400_000;

describe('check-config-files', () => {
  let directory: string;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-files-'));
    await createCertificates(directory, { bad: true });
    const key = join(directory, 'server-key.pem');
    const encryption = { cipher: 'aes-256-cbc', passphrase: 'canary' };
    const encrypted = createPrivateKey(readFileSync(key)).export({ type: 'pkcs8', format: 'pem', ...encryption });
    writeFileSync(join(directory, 'encrypted.pem'), encrypted);
    copyFileSync(key, join(directory, 'open-key.pem'));
    chmodSync(join(directory, 'open-key.pem'), 0o644);
    chmodSync(join(directory, 'encrypted.pem'), 0o600);
    writeFileSync(join(directory, 'damaged.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    writeFileSync(
      join(directory, 'damaged-key.pem'),
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
      {
        mode: 0o600,
      },
    );
    writeFileSync(join(directory, 'text'), 'canary\n');
    writeFileSync(
      join(directory, 'users.htpasswd'),
      'immuta:$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\n',
    );
    writeFileSync(join(directory, 'weak.htpasswd'), '# weak\ncanary:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n\ncanary\n');
  });
  after(() => rmSync(directory, { recursive: true }));

  function check(config: object, atMs = nowMs) {
    const reading = readConfigText(stringify(config), {
      fileName: 'c.yaml',
      baseDirectory: directory,
      environment: { PASSPHRASE: 'canary', WRONG: 'wrong' },
    });
    const { faults, warnings } = checkConfigFiles(reading, { nowMs: atMs });
    const asText = ({ path, message }: { path: string; message: string }) =>
      `${path}: ${message.replaceAll(directory, '.')}`;
    return { faults: faults.map(asText), warnings: warnings.map(asText) };
  }
  const withTls = (tls: object) => ({
    listener: { tls: { certificate: 'server.pem', key: 'server-key.pem', ...tls } },
    authentication: { mode: 'none' },
    source: { type: 'static', users: {} },
  });

  it('accepts the output of user-info certs create', () => {
    expect(check(withTls({ clientCa: ['ca.pem'], crl: ['bad/crl.pem'] }))).to.deep.equal({ faults: [], warnings: [] });
  });

  it('accepts an encrypted key with its passphrase', () => {
    const { faults } = check(withTls({ key: 'encrypted.pem', keyPassphrase: `\${env:PASSPHRASE}` }));
    expect(faults).to.deep.equal([]);
  });

  it('also validates the CAs and CRLs for forwarded certificates', () => {
    const { listener, source } = withTls({});
    const forwarded = { format: 'nginx', clientCa: ['ca.pem', 'text'], crl: ['text'] };
    const authentication = { mode: 'mtls', clientCertificate: { allow: [{ dns: 'a.test' }], forwarded } };
    const trustProxy = { addresses: ['10.0.0.1'] };
    expect(check({ listener: { ...listener, trustProxy }, authentication, source }).faults).to.deep.equal([
      'authentication.clientCertificate.forwarded.clientCa[1]: ./text contains no certificate in PEM (BEGIN CERTIFICATE). Name a file that contains one',
      "authentication.clientCertificate.forwarded.crl[0]: ./text contains no certificate revocation list in PEM (BEGIN X509 CRL). Name the CRL's file",
    ]);
  });

  it('reports the position of an error', () => {
    const reading = readConfigText(stringify(withTls({ key: 'nowhere.pem' })), {
      fileName: 'c.yaml',
      baseDirectory: directory,
      environment: {},
    });
    expect(checkConfigFiles(reading).faults[0]).to.include({ file: 'c.yaml', line: 4, column: 10 });
  });

  const refused: Record<string, [tls: object, faults: string[]]> = {
    'files that are missing': [
      { certificate: 'nowhere.pem', clientCa: ['ca.pem', 'nowhere.pem'] },
      [
        'listener.tls.certificate: cannot read ./nowhere.pem: there is no such file. Correct the path, or create the file',
        'listener.tls.clientCa[1]: cannot read ./nowhere.pem: there is no such file. Correct the path, or create the file',
      ],
    ],
    'a directory': [{ key: '.' }, ['listener.tls.key: cannot read .: it is a directory. Name a file in it']],
    'a key of another certificate': [
      { key: 'client-key.pem' },
      [
        'listener.tls.key: the key ./client-key.pem does not match the certificate ./server.pem. Use the two that were issued together',
      ],
    ],
    'certificate and key that are exchanged': [
      { certificate: 'server-key.pem', key: 'server.pem' },
      [
        'listener.tls.certificate: ./server-key.pem contains no certificate in PEM (BEGIN CERTIFICATE). Name a file that contains one',
        "listener.tls.key: ./server.pem contains no private key in PEM (BEGIN PRIVATE KEY). Name the key's file",
      ],
    ],
    'damaged files': [
      { certificate: 'damaged.pem', key: 'damaged-key.pem', clientCa: ['damaged.pem'] },
      [
        'listener.tls.certificate: certificate 1 of ./damaged.pem is damaged. Export it again in PEM',
        'listener.tls.key: the key ./damaged-key.pem is damaged. Export it again in PEM',
        'listener.tls.clientCa[0]: certificate 1 of ./damaged.pem is damaged. Export it again in PEM',
      ],
    ],
    'an encrypted key without a passphrase': [
      { key: 'encrypted.pem' },
      ['listener.tls.key: the key ./encrypted.pem is encrypted. Set keyPassphrase too'],
    ],
    'an encrypted key with a wrong passphrase': [
      { key: 'encrypted.pem', keyPassphrase: `\${env:WRONG}` },
      ['listener.tls.key: keyPassphrase does not decrypt the key ./encrypted.pem. Correct the passphrase'],
    ],
    'texts for PEM': [
      { clientCa: ['text'], crl: ['text'] },
      [
        'listener.tls.clientCa[0]: ./text contains no certificate in PEM (BEGIN CERTIFICATE). Name a file that contains one',
        "listener.tls.crl[0]: ./text contains no certificate revocation list in PEM (BEGIN X509 CRL). Name the CRL's file",
      ],
    ],
  };
  for (const [name, [tls, faults]] of Object.entries(refused)) {
    it(`rejects ${name}`, () => {
      expect(check(withTls(tls)).faults).to.have.members(faults);
    });
  }

  it('rejects a certificate that has expired, and one that is not yet valid', () => {
    const at = (ms: number) => check(withTls({}), ms).faults.join('\n');
    expect(at(nowMs + 50 * yearMs)).to.match(
      /^listener\.tls\.certificate: a certificate of .*server\.pem expired on .*\. Renew it$/,
    );
    expect(at(nowMs - 50 * yearMs)).to.match(
      /^listener\.tls\.certificate: a certificate of .*server\.pem is not valid before .*\. Check the clock/,
    );
  });

  it('warns about a key that others may read, and a client CA that is not a CA', () => {
    expect(check(withTls({ key: 'open-key.pem', clientCa: ['client.pem'] }))).to.deep.equal({
      faults: [],
      warnings: [
        'listener.tls.key: other users of this machine may read the key ./open-key.pem. Run chmod 600 on it',
        'listener.tls.clientCa[0]: ./client.pem contains a certificate that is not a CA certificate (basicConstraints). Remove it',
      ],
    });
  });

  it('rejects an htpasswd file line by line, without showing its text', () => {
    const withFile = (htpasswdFile: string) => ({
      authentication: { mode: 'basic', basic: { htpasswdFile } },
      source: { type: 'static', users: {} },
    });
    expect(check(withFile('users.htpasswd')).faults).to.deep.equal([]);
    expect(check(withFile('weak.htpasswd')).faults).to.deep.equal([
      'authentication.basic.htpasswdFile: ./weak.htpasswd:2: the format is SHA-1; only bcrypt and scrypt are accepted. Create the entry again with `htpasswd -B`.',
      'authentication.basic.htpasswdFile: ./weak.htpasswd:4: the line has no colon; an entry has the form name:hash.',
    ]);
  });

  it('warns about an expired CA beside a valid one, and rejects an expired CA alone', async () => {
    const { bad } = await certificateFiles();
    writeFileSync(join(directory, 'expired.pem'), bad.certificates['expired-server'].certificate);
    const alone = check(withTls({ clientCa: ['expired.pem'] }));
    expect(alone.faults.join()).to.match(
      /^listener\.tls\.clientCa\[0\]: a certificate of \.\/expired\.pem expired on /,
    );
    const beside = check(withTls({ clientCa: ['expired.pem', 'ca.pem'] }));
    expect(beside.faults).to.deep.equal([]);
    expect(beside.warnings.join()).to.include('expired on');
  });

  it('rejects files of a source that are not certificates or do not match', () => {
    const source = {
      type: 'ldap',
      urls: ['ldaps://ldap.example.test'],
      tls: { ca: ['ca.pem', 'text'], certificate: 'client.pem', key: 'server-key.pem' },
      bind: { dn: 'cn=reader', password: `\${env:PASSPHRASE}` },
      preset: 'openldap',
      user: { base: 'dc=example' },
      groups: { base: 'dc=example' },
    };
    expect(check({ authentication: { mode: 'none' }, source }).faults).to.deep.equal([
      'source.tls.ca[1]: ./text contains no certificate in PEM (BEGIN CERTIFICATE). Name a file that contains one',
      'source.tls.key: the key ./server-key.pem does not match the certificate ./client.pem. Use the two that were issued together',
    ]);
  });

  it('rejects a log and an audit trail that cannot be written', () => {
    const { faults } = check({
      authentication: { mode: 'none' },
      source: { type: 'static', users: {} },
      logging: { destination: 'missing/server.log' },
      audit: { file: '.' },
    });
    expect(faults).to.have.members([
      'logging.destination: cannot write to ./missing/server.log: there is no directory ./missing. Create it, or correct the path',
      'audit.file: cannot write to .: it is a directory. Name a file in it',
    ]);
  });

  it('rejects a missing CSV file', () => {
    const source = { type: 'csv', path: 'users.csv', columns: { userid: 'u', groups: [{ column: 'g' }] } };
    expect(check({ authentication: { mode: 'none' }, source }).faults).to.deep.equal([
      'source.path: cannot read ./users.csv: there is no such file. Correct the path, or create the file',
    ]);
  });
});
