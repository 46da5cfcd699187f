// Reasons why no HTTP response arrived, with their meaning and remedy.
import { findHandshakeReason, untrustedReasons } from './tls-failure-reasons.ts';

/**
 * - `proxy`: the proxy could not be used, or did not connect to the endpoint.
 * - `unreachable`: no connection, e.g. because of DNS, a closed port or a missing route.
 * - `timeout`: nothing, or not everything, arrived in time.
 * - `untrusted`: the kit does not trust the server's certificate.
 * - `refused-here`: the kit's own TLS library rejected the choice of the other side or could not offer what was requested. This is not a refusal by
 * the endpoint.
 * - `closed`: the other side closed or reset the connection, or refused the TLS handshake.
 * - `not-http`: the received bytes are not HTTP, or not TLS.
 * - `too-large`: more data than the kit reads.
 */
export type NoAnswerKind =
  | 'proxy'
  | 'unreachable'
  | 'timeout'
  | 'untrusted'
  | 'refused-here'
  | 'closed'
  | 'not-http'
  | 'too-large';

/**
 * No HTTP response arrived. `code` is Node's or OpenSSL's; the message contains no part of the request or of what the endpoint sent. It has no
 * `cause`, for the same reason. Test runners print causes, and Node's errors contain names from a certificate and bytes that could not be parsed.
 */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly kind: NoAnswerKind;
  readonly code: string;

  constructor(kind: NoAnswerKind, code: string) {
    super(describeNoAnswer(kind, code));
    this.kind = kind;
    this.code = code;
  }

  /** Whether something responded at the endpoint's address; otherwise nothing is known about the endpoint. */
  get metEndpoint(): boolean {
    return this.kind !== 'unreachable' && this.kind !== 'proxy';
  }
}

const unreachableCodes: Readonly<Record<string, string>> = {
  ENOTFOUND: 'DNS does not know the host name: check the URL for a typo',
  EAI_AGAIN: 'DNS does not respond: check the network and the host name',
  ECONNREFUSED: 'nothing listens on that port: check the port, and that the endpoint runs',
  EHOSTUNREACH: 'there is no route to the host: check the network, VPN and firewall',
  ENETUNREACH: 'there is no route to the network: check the network, VPN and firewall',
  EADDRNOTAVAIL: 'the address cannot be used from this machine: check the URL',
};

/**
 * Codes that mean that the peer closed the connection; TLS alerts have the same meaning. With TLS 1.3, the refusal of our certificate appears as one
 * of these codes.
 */
const closedCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);

/** OpenSSL's errors for bytes that are not a TLS record. */
const notTls = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/;

/**
 * OpenSSL's reasons for a refusal on our side, without the prefix ERR_SSL_. The server's choice is too old or too weak, or we have nothing to offer.
 * A refusal by the other side contains ALERT.
 */
const refusedHere =
  /^ERR_SSL_(?:UNSUPPORTED_PROTOCOL|WRONG_SSL_VERSION|NO_(?:PROTOCOLS_AVAILABLE|CIPHERS_AVAILABLE|CIPHER_MATCH)|(?:DH_KEY|EE_KEY|CA_KEY|MODULUS)_TOO_SMALL|CA_MD_TOO_WEAK|WRONG_(?:CIPHER_RETURNED|CURVE|SIGNATURE_TYPE)|UNKNOWN_CIPHER_RETURNED|UNSUPPORTED_(?:COMPRESSION_ALGORITHM|ELLIPTIC_CURVE)|UNSAFE_LEGACY_RENEGOTIATION_DISABLED|LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED)$/;

/** Returns the code of an error; for EPROTO, returns OpenSSL's reason, which only the message contains, in Node's usual format. */
function findCode(error: Error): string {
  // supertest rewords connect errors to "ECONNREFUSED: Connection refused", and drops their code.
  const code = 'code' in error ? String(error.code) : (/^([A-Z]+): /.exec(error.message)?.[1] ?? '');
  const reason = code === 'EPROTO' ? /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(error.message)?.[1] : undefined;
  return reason === undefined ? code : `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`;
}

function findKind(code: string): NoAnswerKind | null {
  if (code in unreachableCodes) return 'unreachable';
  if (code in untrustedReasons) return 'untrusted';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (code.startsWith('HPE_') || notTls.test(code)) return 'not-http';
  if (refusedHere.test(code)) return 'refused-here';
  if (closedCodes.has(code) || code.startsWith('ERR_SSL_') || code === 'EPROTO') return 'closed';
  return null;
}

/** Returns the NoAnswer for a network error, or null for any other error. */
export function findNoAnswer(error: unknown): NoAnswer | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof NoAnswer) return error;
  if ('timeout' in error) return new NoAnswer('timeout', 'ETIMEDOUT');
  const code = findCode(error);
  const kind = findKind(code);
  return kind && new NoAnswer(kind, code);
}

const goPast = 'or bypass the proxy with --proxy none, or with NO_PROXY if --proxy is not given';

/** Returns the meaning of `code`, which open-socket.ts creates: the proxy's status, or the code of Node or OpenSSL, prefixed with PROXY_. */
function describeProxyFailure(code: string): string {
  const status = Number(code);
  // Proxies should not send 401, but some do for wrong credentials.
  if (status === 407 || status === 401) {
    return `The proxy requires credentials (${code}), but received no credentials or wrong credentials. Add them, percent-encoded, to the URL of the proxy, http://USER:PASSWORD@HOST:PORT, in the variable USER_INFO_CONFORM_PROXY or HTTPS_PROXY. The kit supports Basic only.`;
  }
  if (status >= 500) {
    return `The proxy could not connect to the endpoint (${code}). Check that the proxy can resolve the host and that the endpoint is running, ${goPast}.`;
  }
  if (status >= 100) {
    return `The proxy does not connect to the endpoint (${code}). In the configuration of the proxy, allow CONNECT to this host and port (many proxies allow only port 443), ${goPast}.`;
  }
  if (code === 'ETIMEDOUT') {
    return `The proxy did not connect to the endpoint in time: check whether it can reach the endpoint; ${goPast}.`;
  }
  if (code in unreachableCodes) {
    return `The proxy cannot be reached (${code}): check its URL in --proxy, HTTPS_PROXY or HTTP_PROXY, and that it is running; ${goPast}.`;
  }
  if (code in untrustedReasons) {
    return `The proxy's certificate cannot be trusted (${code}): set the variable NODE_EXTRA_CA_CERTS to a file with its CA; ${goPast}.`;
  }
  return `The server at the proxy's address does not respond like an HTTP proxy (${code}). Check its URL, and whether it must begin with http:// or https://, ${goPast}.`;
}

function describeNoAnswer(kind: NoAnswerKind, code: string): string {
  const words = findHandshakeReason(code);
  switch (kind) {
    case 'proxy':
      return describeProxyFailure(code.replace('PROXY_', ''));
    case 'unreachable':
      return `The endpoint cannot be reached (${code}): ${unreachableCodes[code]}.`;
    case 'timeout':
      return 'No complete response arrived in time. Check the network and the endpoint, or increase --timeout-ms.';
    case 'untrusted':
      return `The server's certificate cannot be trusted (${code}): ${untrustedReasons[code]}.`;
    case 'refused-here':
      return `TLS on this machine rejects the version, cipher or key of the endpoint (${code}). Configure the endpoint for TLS 1.2 and 1.3 with current ciphers and keys. Check whether NODE_OPTIONS or openssl.cnf restrict TLS here.`;
    case 'not-http':
      return `The response is not HTTP over the expected transport (${code}). Check the port, and whether the URL must begin with http:// or https://.`;
    case 'too-large':
      return 'The response is larger than the kit reads. User info is usually only a few kilobytes long. Check that the URL is that of the endpoint.';
    case 'closed':
      return `The endpoint closed the connection without a response (${code})${words === null ? '' : `: ${words}`}.`;
  }
}
