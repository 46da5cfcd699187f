// Tests that a CRL contains the requested certificates, according to OpenSSL.
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { issueCertificateAuthority } from './issue-certificates.ts';
import { issueRevocationList } from './issue-revocation-list.ts';

describe('a CRL', () => {
  // In DER, a serial number whose first bit is set needs a leading zero byte.
  for (const serial of ['0123456789ABCDEF', '7F23456789ABCDEF', '8023456789ABCDEF', 'FF23456789ABCDEF']) {
    it(`revokes the certificate with the serial number ${serial}`, async () => {
      const list = await issueRevocationList(await issueCertificateAuthority('ec'), 1, [serial]);
      const text = execFileSync('openssl', ['crl', '-noout', '-text'], { input: list, encoding: 'utf8' });
      expect(text).to.match(new RegExp(`^ +Serial Number: ${serial}$`, 'm'));
    });
  }
});
