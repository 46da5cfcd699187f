// Owns the one error of this folder that is meant for people.

/** What was asked for can't be done; nothing was written. The message names the cause and the cure. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}
