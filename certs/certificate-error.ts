// CertificateError: the only error of certs/ that is shown to users.

/** The operation is impossible. The message contains the cause and the remedy. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}
