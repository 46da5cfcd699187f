// Forged client certificate: the names of a real one, with a signature by a key that its CA does not have.
import { webcrypto } from 'node:crypto';
import { SubjectKeyIdentifierExtension, X509Certificate, X509CertificateGenerator } from '@peculiar/x509';
import type { IssuedCertificate } from './issue-certificate.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const subjectKeyIdentifier = '2.5.29.14';

/**
 * Issues a certificate with the subject, issuer, serial number, validity period and extensions of `original` (PEM), including the identifier of its
 * CA's key. Its key is new, and another new key signs it: only the signature shows that the CA did not issue it.
 */
export async function issueNamesake(original: string): Promise<IssuedCertificate> {
  const { serialNumber, subjectName, issuerName, notBefore, notAfter, extensions } = new X509Certificate(original);
  const ownKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const falseCaKeys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    ...{ serialNumber, notBefore, notAfter },
    subject: subjectName,
    issuer: issuerName,
    publicKey: ownKeys.publicKey,
    signingKey: falseCaKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      ...extensions.filter(({ type }) => type !== subjectKeyIdentifier),
      await SubjectKeyIdentifierExtension.create(ownKeys.publicKey),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', ownKeys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
  return { certificate: `${certificate.toString('pem')}\n`, key };
}
