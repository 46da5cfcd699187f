// Certificates that must be rejected, each with exactly one defect. Writes no file.
import { X509Certificate } from '@peculiar/x509';
import { type IssuedCertificate, issueCertificate, keyTypeOf } from './issue-certificate.ts';
import { clientNames, daysFromNow, type IssueOptions, issueCertificateAuthority } from './issue-certificates.ts';
import { issueRevocationList } from './issue-revocation-list.ts';

/** The defect, prefixed to the certificate. */
export type BadCertificateName =
  | 'expired-client'
  | 'not-yet-valid-client'
  | 'other-ca-client'
  | 'self-signed-client'
  | 'wrong-extended-key-usage-client'
  | 'revoked-client'
  | 'expired-server'
  | 'wrong-host-name-server';

/** Certificates with one defect each, and related files. All PEM. */
export interface BadCertificates {
  readonly certificates: Readonly<Record<BadCertificateName, IssuedCertificate>>;
  /** The certificate of the CA that issued `other-ca-client`; the key of that CA is discarded. */
  readonly otherCa: string;
  /** The CRL of the given CA that revokes only `revoked-client`. */
  readonly revocationList: string;
  /** A CRL of the given CA that revokes nothing: with it, `revoked-client` is accepted. */
  readonly emptyRevocationList: string;
}

/** Human-readable defect of each certificate. */
export const badCertificateFaults: Readonly<Record<BadCertificateName, string>> = {
  'expired-client': 'expired yesterday',
  'not-yet-valid-client': 'becomes valid in five years',
  'other-ca-client': 'issued by other-ca.pem, which the server does not trust',
  'self-signed-client': 'self-signed, without a CA',
  'wrong-extended-key-usage-client': 'for servers only (extended key usage serverAuth)',
  'revoked-client': 'revoked by crl.pem; valid without it',
  'expired-server': 'expired yesterday',
  'wrong-host-name-server': 'for wrong-host.example.test, not for localhost',
};

/**
 * Issues the bad certificates from `ca`, as created by `issueCertificates`. The client certificates have the same names as the good one. An
 * allow-list that matches the good one therefore also matches the bad ones, and only the defect matters.
 *
 * @throws {CertificateError} for a CA key other than P-256 or RSA, or an option that a certificate cannot contain.
 */
export async function issueBadCertificates(
  ca: IssuedCertificate,
  options: IssueOptions = {},
): Promise<BadCertificates> {
  const keyType = keyTypeOf(ca.key);
  const goodDates = daysFromNow(0, 365);
  const expired = daysFromNow(-31, -1);
  const notYetValid = daysFromNow(5 * 365, 6 * 365);
  const client = {
    ...goodDates,
    keyType,
    use: 'client',
    commonName: options.clientCommonName ?? 'platform',
    alternativeNames: clientNames(options),
  } as const;
  const server = {
    ...goodDates,
    keyType,
    use: 'server',
    commonName: 'localhost',
    alternativeNames: { dns: ['localhost'], ip: ['127.0.0.1', '::1'], email: [] },
  } as const;
  const wrongHost = 'wrong-host.example.test';
  const otherCa = await issueCertificateAuthority(keyType);
  const certificates = {
    'expired-client': await issueCertificate({ ...client, ...expired }, ca),
    'not-yet-valid-client': await issueCertificate({ ...client, ...notYetValid }, ca),
    'other-ca-client': await issueCertificate(client, otherCa),
    'self-signed-client': await issueCertificate(client, 'self'),
    'wrong-extended-key-usage-client': await issueCertificate({ ...client, use: 'server' }, ca),
    'revoked-client': await issueCertificate(client, ca),
    'expired-server': await issueCertificate({ ...server, ...expired }, ca),
    'wrong-host-name-server': await issueCertificate(
      { ...server, commonName: wrongHost, alternativeNames: { dns: [wrongHost], ip: [], email: [] } },
      ca,
    ),
  };
  const revokedSerial = new X509Certificate(certificates['revoked-client'].certificate).serialNumber;
  return {
    certificates,
    otherCa: otherCa.certificate,
    revocationList: await issueRevocationList(ca, 2, [revokedSerial]),
    emptyRevocationList: await issueRevocationList(ca, 1, []),
  };
}
