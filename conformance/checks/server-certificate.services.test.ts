// Tests of the check of the key size, with certificates created by openssl.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { TlsFacts } from '../http/endpoint-request.ts';
import { answer, checkOf, createFakeContext, endingOf, findingOf } from '../testing/fake-context.ts';
import { serverCertificateChecks } from './server-certificate.ts';

const directory = mkdtempSync(join(tmpdir(), 'user-info-server-certificate-'));
after(() => rmSync(directory, { recursive: true }));

/** Returns a self-signed certificate, PEM, with a key of this kind. */
function makeWithKey(...key: readonly string[]): string {
  const [out, keyOut] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  const parts = ['-nodes', '-days', '30', '-subj', '/CN=kit', '-keyout', keyOut, '-out', out];
  execFileSync('openssl', ['req', '-x509', '-newkey', ...key, ...parts], { stdio: 'ignore' });
  return readFileSync(out, 'utf8');
}

const factsOf = (pem: string | null): TlsFacts => ({
  ...{ protocol: 'TLSv1.3', cipher: '', untrusted: null, isSessionReused: false, session: null },
  chain: pem === null ? [] : [new X509Certificate(pem).raw],
});

/** Runs a check against a server with this certificate. */
function run(id: string, pem: string | null, url = 'https://kit.test/user-info') {
  const respond = () => answer(200, '', { tls: pem === '' ? null : factsOf(pem) });
  const created = createFakeContext({ respond, options: { url: new URL(url), knownUsers: ['ada'] } });
  return { ...created, ended: checkOf(serverCertificateChecks, id).run(created.context) };
}

const end = (id: string, pem: string | null, url?: string) => endingOf(run(id, pem, url).ended);

describe('server-certificate-key-size', () => {
  const id = 'server-certificate-key-size';
  const weak: Readonly<Record<string, readonly string[]>> = {
    'RSA with 1024 bits': ['rsa:1024'],
    'RSA with 2047 bits': ['rsa:2047'],
    'RSA-PSS with 1024 bits': ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:1024'],
    'the curve prime192v1': ['ec', '-pkeyopt', 'ec_paramgen_curve:prime192v1'],
  };
  for (const [seen, key] of Object.entries(weak)) {
    it(`finds ${seen}`, async () => {
      const finding = await findingOf(run(id, makeWithKey(...key)).ended);
      expect(finding.seen).to.equal(seen);
      expect(finding.answers).to.have.length(1);
    });
  }
  const strong: Readonly<Record<string, readonly string[]>> = {
    'RSA with 2,048 bits': ['rsa:2048'],
    'the curve secp224r1': ['ec', '-pkeyopt', 'ec_paramgen_curve:secp224r1'],
    'the curve P-256': ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
    Ed25519: ['ed25519'],
  };
  for (const [name, key] of Object.entries(strong))
    it(`accepts ${name}`, async () => expect(await end(id, makeWithKey(...key))).to.equal('passed'));
});
