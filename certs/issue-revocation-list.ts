// Issues a certificate revocation list (RFC 5280 section 5).
import {
  AuthorityKeyIdentifierExtension,
  Extension,
  PemConverter,
  X509Certificate,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509';
import { type IssuedCertificate, importSigningKey } from './issue-certificate.ts';

const crlNumberOid = '2.5.29.20';

/**
 * Issues a CRL of `ca` in PEM, valid as long as the CA itself: a server rejects all clients once its CRL has expired.
 *
 * @param crlNumber 0 to 127; the higher number is the newer CRL.
 * @param revokedSerials hexadecimal serial numbers.
 * @throws {CertificateError} for a CA key other than P-256 or RSA.
 */
export async function issueRevocationList(
  ca: IssuedCertificate,
  crlNumber: number,
  revokedSerials: readonly string[],
): Promise<string> {
  const issuer = new X509Certificate(ca.certificate);
  const signer = await importSigningKey(ca.key);
  const list = await X509CrlGenerator.create({
    issuer: issuer.subjectName,
    thisUpdate: issuer.notBefore,
    nextUpdate: issuer.notAfter,
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    entries: revokedSerials.map((serialNumber) => ({
      serialNumber: positive(serialNumber),
      revocationDate: issuer.notBefore,
      reason: X509CrlReason.keyCompromise,
    })),
    extensions: [
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      // A DER INTEGER of one byte; section 5.2.3 requires the number in every CRL.
      new Extension(crlNumberOid, false, Uint8Array.of(0x02, 0x01, crlNumber)),
    ],
  });
  // The library's own label is "CRL", which OpenSSL does not recognize; RFC 7468 section 6 defines "X509 CRL".
  return `${PemConverter.encode(list.rawData, 'X509 CRL')}\n`;
}

/** Prefixes a zero byte if the first bit is set: the number would otherwise be negative, and its certificate not revoked. */
function positive(serial: string): string {
  return /^[89a-f]/i.test(serial) ? `00${serial}` : serial;
}
