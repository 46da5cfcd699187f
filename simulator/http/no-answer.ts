// Owns why there was no answer, or none to take.

/** There was no answer of the endpoint at all. */
export const noAnswerKinds = ['timeout', 'connection', 'tls', 'no-http'] as const;

/** Beside them: there was one, of which nothing is taken. */
type NoAnswerKind = (typeof noAnswerKinds)[number] | 'too-large';

/** `kind` says why, the message in words without anything of the endpoint's. */
export class NoAnswer extends Error {
  readonly kind: NoAnswerKind;

  constructor(kind: NoAnswerKind, detail: string) {
    super(detail);
    this.kind = kind;
  }
}

/** OpenSSL's and Node's codes of a peer that is not who it should be, or does not take us for who we should be. */
const tlsCodes = /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO$)/;

/** @param error of a socket; null: the connection was closed without one. */
export function describeBrokenConnection(error: NodeJS.ErrnoException | null): NoAnswer {
  if (error === null) return new NoAnswer('connection', 'the connection was closed before the answer was whole');
  const { code = 'no code' } = error;
  if (tlsCodes.test(code)) return new NoAnswer('tls', `the TLS handshake failed (${code})`);
  return new NoAnswer('connection', `no connection, or it broke (${code})`);
}
