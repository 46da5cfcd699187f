// CertificateError: the only error of certs/ that is shown to users.

/** What was asked for can't be done; nothing was written. The message names the cause and the cure. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}
