// Owns the client certificates that an endpoint must not accept, made for one run.
import { issueBadCertificates } from '../certs/issue-bad-certificates.ts';
import type { IssuedCertificate } from '../certs/issue-certificate.ts';
import { issueCertificateAuthority } from '../certs/issue-certificates.ts';
import type { ClientCertificate } from './question.ts';

/** The fault of each. */
export type BadClientCertificateName =
  | 'expired'
  | 'not-yet-valid'
  | 'other-ca'
  | 'self-signed'
  | 'wrong-extended-key-usage';

export type BadClientCertificates = Readonly<Record<BadClientCertificateName, ClientCertificate>>;

function present(name: BadClientCertificateName, { certificate, key }: IssuedCertificate): ClientCertificate {
  const variable = name.toUpperCase().replaceAll('-', '_');
  return { cert: certificate, key, shown: `--cert "$${variable}_CERT" --key "$${variable}_KEY"` };
}

/**
 * Issues one certificate a fault. With `clientCa`, which the endpoint trusts, `expired`, `not-yet-valid` and
 * `wrong-extended-key-usage` have this one fault; without, they are of a CA that it can't know as well.
 *
 * @throws {CertificateError} for a CA key other than P-256 or RSA.
 */
export async function issueBadClientCertificates(clientCa?: IssuedCertificate): Promise<BadClientCertificates> {
  const { certificates } = await issueBadCertificates(clientCa ?? (await issueCertificateAuthority('ec')));
  return {
    expired: present('expired', certificates['expired-client']),
    'not-yet-valid': present('not-yet-valid', certificates['not-yet-valid-client']),
    'other-ca': present('other-ca', certificates['other-ca-client']),
    'self-signed': present('self-signed', certificates['self-signed-client']),
    'wrong-extended-key-usage': present('wrong-extended-key-usage', certificates['wrong-extended-key-usage-client']),
  };
}
