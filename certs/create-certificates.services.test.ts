// Tests of the certificates with openssl: chains, names, purposes, revocation, validity.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createCertificates } from './create-certificates.ts';

describe('createCertificates', () => {
  let scratch: string;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'certs-'));
  });

  after(async () => {
    await rm(scratch, { recursive: true });
  });

  /** A new directory below the scratch directory, not created yet. */
  let directories = 0;
  const newDirectory = () => {
    directories += 1;
    return join(scratch, String(directories), 'certs');
  };

  for (const keyType of ['ec', 'rsa'] as const) {
    describe(`with ${keyType} keys, verified by openssl verify -x509_strict`, () => {
      let directory: string;

      before(async () => {
        directory = newDirectory();
        await createCertificates(directory, { keyType, bad: true, names: ['user-info.example.com', '192.0.2.7'] });
      });

      const verify = (file: string, ...options: string[]) => {
        const chosen = options.length > 0 ? options : ['-purpose', file.includes('server') ? 'sslserver' : 'sslclient'];
        return openssl(
          'verify',
          '-x509_strict',
          '-CAfile',
          join(directory, 'ca.pem'),
          ...chosen,
          join(directory, file),
        );
      };

      for (const file of ['ca.pem', 'server.pem', 'client.pem', 'bad/revoked-client.pem']) {
        it(`accepts ${file}`, () => {
          const { status, output } = file === 'ca.pem' ? verify(file, '-purpose', 'any') : verify(file);
          expect(output).to.match(/: OK\n$/);
          expect(status).to.equal(0);
        });
      }

      for (const name of ['localhost', 'user-info.example.com']) {
        it(`accepts server.pem for the host ${name}`, () => {
          expect(verify('server.pem', '-verify_hostname', name).status).to.equal(0);
        });
      }

      for (const address of ['127.0.0.1', '::1', '192.0.2.7']) {
        it(`accepts server.pem for the address ${address}`, () => {
          expect(verify('server.pem', '-verify_ip', address).status).to.equal(0);
        });
      }

      it('accepts client.pem for its e-mail address', () => {
        expect(verify('client.pem', '-verify_email', 'platform@example.test').status).to.equal(0);
      });

      const refusals: [file: string, error: string, options?: string[]][] = [
        ['expired-client.pem', 'error 10 at 0 depth lookup: certificate has expired'],
        ['not-yet-valid-client.pem', 'error 9 at 0 depth lookup: certificate is not yet valid'],
        ['other-ca-client.pem', 'error 20 at 0 depth lookup: unable to get local issuer certificate'],
        ['self-signed-client.pem', 'error 18 at 0 depth lookup: self-signed certificate'],
        ['wrong-extended-key-usage-client.pem', 'error 26 at 0 depth lookup: unsuitable certificate purpose'],
        ['expired-server.pem', 'error 10 at 0 depth lookup: certificate has expired'],
        [
          'wrong-host-name-server.pem',
          'error 62 at 0 depth lookup: hostname mismatch',
          ['-verify_hostname', 'localhost'],
        ],
      ];
      for (const [file, error, options = []] of refusals) {
        it(`rejects bad/${file}: ${error}`, () => {
          const { status, output } = verify(join('bad', file), ...options);
          expect(output).to.contain(error);
          expect(status).to.equal(2);
        });
      }

      it('accepts bad/other-ca-client.pem under bad/other-ca.pem', () => {
        const file = (name: string) => join(directory, 'bad', name);
        const strictly = ['verify', '-x509_strict', '-purpose', 'sslclient'];
        expect(openssl(...strictly, '-CAfile', file('other-ca.pem'), file('other-ca-client.pem')).status).to.equal(0);
      });

      const withCrl = (crl: string) => ['-crl_check', '-CRLfile', join(directory, 'bad', crl)];

      it('rejects bad/revoked-client.pem with crl.pem, and accepts it with empty-crl.pem', () => {
        const { status, output } = verify('bad/revoked-client.pem', ...withCrl('crl.pem'));
        expect(output).to.contain('error 23 at 0 depth lookup: certificate revoked');
        expect(status).to.equal(2);
        expect(verify('bad/revoked-client.pem', ...withCrl('empty-crl.pem')).status).to.equal(0);
      });

      it('accepts client.pem with crl.pem', () => {
        expect(verify('client.pem', ...withCrl('crl.pem')).status).to.equal(0);
      });

      it('writes the matching key of each certificate to a file whose name ends with -key.pem', async () => {
        const pairs = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('-key.pem'));
        expect(pairs).to.have.length(3 + 8);
        for (const keyName of pairs) {
          const certificate = join(directory, keyName.replace('-key.pem', '.pem'));
          const ofCertificate = openssl('x509', '-noout', '-pubkey', '-in', certificate).output;
          expect(openssl('pkey', '-pubout', '-in', join(directory, keyName)).output, keyName).to.equal(ofCertificate);
        }
      });
    });
  }

  it('writes the given names into the client certificate', async () => {
    const directory = newDirectory();
    const commonName = 'Jörg "J", O=Evil+CN=admin\\';
    await createCertificates(directory, {
      clientCommonName: commonName,
      clientEmail: 'immuta@example.com',
      clientDnsName: 'Immuta.Example.com',
    });
    const client = join(directory, 'client.pem');
    expect(openssl('x509', '-noout', '-subject', '-nameopt', 'sep_multiline,utf8', '-in', client).output).to.equal(
      `subject=\n    O=user-info-kit development\n    CN=${commonName}\n`,
    );
    expect(openssl('x509', '-noout', '-ext', 'subjectAltName', '-in', client).output).to.contain(
      'email:immuta@example.com, DNS:immuta.example.com\n',
    );
  });

  it('limits server and client certificates to the requested days', async () => {
    const directory = newDirectory();
    await createCertificates(directory, { validityDays: 30 });
    for (const name of ['server.pem', 'client.pem']) {
      const { output } = openssl('x509', '-noout', '-dates', '-in', join(directory, name));
      const [from, to] = [...output.matchAll(/=(.+)/g)].map(([, date = '']) => Date.parse(date));
      expect(to).to.equal((from ?? 0) + 30 * 24 * 3600_000);
    }
  });
});

function openssl(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (error) throw error;
  return { status, output: stdout + stderr };
}
