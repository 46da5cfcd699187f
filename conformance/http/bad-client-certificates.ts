// Client certificates that an endpoint must not accept, issued for one run.
import { issueBadCertificates } from '../../certs/issue-bad-certificates.ts';
import type { IssuedCertificate } from '../../certs/issue-certificate.ts';
import { issueCertificateAuthority } from '../../certs/issue-certificates.ts';
import { issueNamesake } from '../../certs/issue-namesake.ts';
import type { CheckedOptions } from '../conformance-options.ts';
import { readOwnCertificate } from './own-certificate.ts';
import type { ClientCertificate } from './question.ts';

/** The defect of each. `same-names`: issued by another CA with all the names of the given certificate. */
export type BadClientCertificateName =
  | 'expired'
  | 'not-yet-valid'
  | 'other-ca'
  | 'same-names'
  | 'self-signed'
  | 'wrong-extended-key-usage';

export type BadClientCertificates = Readonly<Record<BadClientCertificateName, ClientCertificate>>;

function present(name: BadClientCertificateName, { certificate, key }: IssuedCertificate): ClientCertificate {
  const variable = name.toUpperCase().replaceAll('-', '_');
  return { cert: certificate, key, shown: `--cert "$${variable}_CERT" --key "$${variable}_KEY"` };
}

/**
 * Issues one certificate per defect. With `clientCa`, which the endpoint trusts, `expired`, `not-yet-valid` and
 * `wrong-extended-key-usage` have only this defect; without it, an unknown CA has issued them too.
 *
 * @throws {CertificateError} for a CA key other than P-256 or RSA.
 */
export async function issueBadClientCertificates(
  options: Pick<CheckedOptions, 'clientCa' | 'cert' | 'pfx' | 'passphrase'>,
): Promise<BadClientCertificates> {
  const { certificates } = await issueBadCertificates(options.clientCa ?? (await issueCertificateAuthority('ec')));
  const original = (await readOwnCertificate(options)) ?? certificates['other-ca-client'].certificate;
  return {
    expired: present('expired', certificates['expired-client']),
    'not-yet-valid': present('not-yet-valid', certificates['not-yet-valid-client']),
    'other-ca': present('other-ca', certificates['other-ca-client']),
    'same-names': present('same-names', await issueNamesake(original)),
    'self-signed': present('self-signed', certificates['self-signed-client']),
    'wrong-extended-key-usage': present('wrong-extended-key-usage', certificates['wrong-extended-key-usage-client']),
  };
}
