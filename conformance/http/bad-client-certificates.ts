// Client certificates that an endpoint must not accept, issued for one run.
import { join } from 'node:path';
import { issueBadCertificates } from '../../certs/issue-bad-certificates.ts';
import type { IssuedCertificate } from '../../certs/issue-certificate.ts';
import { issueCertificateAuthority } from '../../certs/issue-certificates.ts';
import { issueNamesake } from '../../certs/issue-namesake.ts';
import { writePemFiles } from '../../certs/write-pem-files.ts';
import type { CheckedOptions } from '../conformance-options.ts';
import { showCertificateFiles } from './curl-line.ts';
import type { ClientCertificate } from './endpoint-request.ts';
import { readOwnCertificate } from './own-certificate.ts';

/** The defect of each certificate. `same-names`: issued by another CA with all the names of the given certificate. */
export type BadClientCertificateName =
  | 'expired'
  | 'not-yet-valid'
  | 'other-ca'
  | 'same-names'
  | 'self-signed'
  | 'wrong-extended-key-usage';

export type BadClientCertificates = Readonly<Record<BadClientCertificateName, ClientCertificate>>;

/** Comment added to a curl line that explains the origin of the files in its variables. */
const howToKeep = 'conform --keep-certificates DIRECTORY writes this certificate and its key';
/**
 * OpenSSL leaves the error of an invalid signature in its queue. If the request arrives together with the certificate, Node.js mistakes that error
 * for an error of the connection. curl sends them together, unlike the kit, so only about one in seven connections gets a response.
 */
const retryFlags = '--retry 100 --retry-delay 1 --retry-all-errors';

/** Writes the certificate to `directory`, if one is given; a curl line then names the files. */
async function present(
  name: BadClientCertificateName,
  { certificate, key }: IssuedCertificate,
  directory: string | undefined,
): Promise<ClientCertificate> {
  const retry = name === 'same-names' ? ` ${retryFlags}` : '';
  if (directory === undefined) {
    const variable = name.toUpperCase().replaceAll('-', '_');
    const shown = `--cert "$${variable}_CERT" --key "$${variable}_KEY"${retry}`;
    return { cert: certificate, key, shown, note: howToKeep };
  }
  const [certFile, keyFile] = [join(directory, `${name}.pem`), join(directory, `${name}-key.pem`)];
  const files = [
    { path: certFile, text: certificate },
    { path: keyFile, text: key },
  ];
  await writePemFiles(files, true);
  return { cert: certificate, key, shown: showCertificateFiles(certFile, keyFile) + retry };
}

/**
 * Issues one certificate per defect. With `clientCa`, which the endpoint trusts, `expired`, `not-yet-valid` and `wrong-extended-key-usage` have only
 * this defect. Without `clientCa`, they have the additional defect that an unknown CA issued them. With `keepCertificates`, writes each to NAME.pem
 * and NAME-key.pem in that directory, mode 0600, and replaces those of an earlier run.
 *
 * @throws {CertificateError} for a CA key other than P-256 or RSA, or if a file cannot be written.
 */
export async function issueBadClientCertificates(
  options: Pick<CheckedOptions, 'clientCa' | 'cert' | 'pfx' | 'passphrase' | 'keepCertificates'>,
): Promise<BadClientCertificates> {
  const { certificates } = await issueBadCertificates(options.clientCa ?? (await issueCertificateAuthority('ec')));
  const original = (await readOwnCertificate(options)) ?? certificates['other-ca-client'].certificate;
  const presentOne = (name: BadClientCertificateName, issued: IssuedCertificate) =>
    present(name, issued, options.keepCertificates);
  return {
    expired: await presentOne('expired', certificates['expired-client']),
    'not-yet-valid': await presentOne('not-yet-valid', certificates['not-yet-valid-client']),
    'other-ca': await presentOne('other-ca', certificates['other-ca-client']),
    'same-names': await presentOne('same-names', await issueNamesake(original)),
    'self-signed': await presentOne('self-signed', certificates['self-signed-client']),
    'wrong-extended-key-usage': await presentOne(
      'wrong-extended-key-usage',
      certificates['wrong-extended-key-usage-client'],
    ),
  };
}
