// Response of an endpoint, or the reason why there was none.
import { errors } from 'undici';

/** The relevant parts of a response; an empty text means that the header was not sent. */
export interface EndpointAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly location: string;
  readonly body: Buffer;
}

/** Why there was no response. */
export const noAnswerKinds = ['timeout', 'connection', 'tls', 'no-http'] as const;

/** Kinds of failures without a response, and the kind of a response that cannot be used. */
type NoAnswerKind = (typeof noAnswerKinds)[number] | 'too-large';

/** The message is the reason; it contains nothing that the endpoint sent. */
export class NoAnswer extends Error {
  readonly kind: NoAnswerKind;

  constructor(kind: NoAnswerKind, detail: string) {
    super(detail);
    this.kind = kind;
  }
}

/** Error codes of OpenSSL and Node for a failed TLS handshake, e.g. because of an untrusted certificate. */
const tlsCodes =
  /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_|ERR_OSSL_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO$)/;

/** Returns the meaning of an error from undici or from an underlying socket. */
export function describeFailedRequest(error: Error): NoAnswer {
  if (error instanceof NoAnswer) return error;
  const { code = 'no code' } = error as NodeJS.ErrnoException;
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return new NoAnswer('timeout', 'the connection took too long to open');
  if (error instanceof errors.HTTPParserError || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new NoAnswer('no-http', 'the response is not HTTP/1.1, or its headers are too large');
  }
  if (tlsCodes.test(code)) return new NoAnswer('tls', `the TLS handshake failed (${code})`);
  if (code === 'UND_ERR_SOCKET' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    return new NoAnswer('connection', 'the connection was closed before the response was complete');
  }
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return new NoAnswer('connection', 'the client was closed');
  }
  return new NoAnswer('connection', `the connection failed (${code})`);
}
