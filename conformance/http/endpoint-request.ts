// Types of exact requests and responses: a request may violate any rule of HTTP, and a response contains all facts.
import { DEFAULT_CIPHERS } from 'node:tls';
import type { CheckedOptions } from '../conformance-options.ts';
import type { ExceededLimit } from './answer-limits.ts';
import type { Credentials } from './credentials.ts';

/** A client certificate and its key, PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
  /** Shell text of a curl line, e.g. `--cert "$CLIENT_CERT" --key "$CLIENT_KEY"`. */
  readonly shown: string;
  /** Comment at the end of a curl line, e.g. about the source of the files. */
  readonly note?: string;
}

/** Changes of the TLS connection for a request. Names and values are those of Node's `tls.connect`. */
export interface TlsChoice {
  /** A certificate other than that of --cert, presented regardless of the credentials. */
  readonly clientCertificate?: ClientCertificate;
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL's cipher list. Old protocols and weak ciphers need `@SECLEVEL=0`; otherwise OpenSSL on our side refuses them. */
  readonly ciphers?: string;
  /** A session of an earlier response, to be resumed. */
  readonly session?: Buffer;
  readonly servername?: string;
  /** Trust anchors instead of --ca, PEM. */
  readonly ca?: string;
  /** Whether an untrusted server certificate is accepted; `tls` of the response contains the error. Default: false. */
  readonly acceptsAnyServer?: boolean;
}

/** One request; without the optional parts, it is identical to the platform's request. */
export interface EndpointRequest {
  /** The method: any token, sent unchanged. */
  readonly method: string;
  /** One `userid` parameter per entry, percent-encoded as UTF-8: no entry means that the parameter is missing, and two mean that it is repeated. */
  readonly userids: readonly string[];
  readonly credentials: Credentials;
  /** The raw query instead of `userids`, sent byte for byte as Latin-1, without `?`. Empty: no query. */
  readonly query?: string;
  /** The raw path instead of the endpoint's, sent byte for byte as Latin-1. */
  readonly path?: string;
  /** Additional header lines in this order; a name may occur twice, and may be one that the kit sends too, e.g. a second Host. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Sent with its Content-Length, unless `headers` says otherwise. */
  readonly body?: string;
  /** Default: 1.1. */
  readonly httpVersion?: '1.0' | '1.1';
  readonly tls?: TlsChoice;
  /** Sends the request over a plain socket, where every byte is visible: `surplusBytes` is known, and a wrong body of HEAD is detected. */
  readonly isRaw?: boolean;
  /**
   * Text that evidence can show instead of the only user id, or of the raw query, as double-quoted shell text: `${KNOWN_USER%@*}`, or
   * `userid=${KNOWN_USER_ENCODED}%00`. Absent: given user ids are shown as variables, and ids derived from them as shell text that uses these
   * variables.
   */
  readonly shown?: string;
}

/** Negotiated TLS parameters. */
export interface TlsFacts {
  /** E.g. "TLSv1.3". */
  readonly protocol: string;
  /** OpenSSL's name. */
  readonly cipher: string;
  /** DER, the server's own certificate first, as sent by the server. */
  readonly chain: readonly Buffer[];
  /** Node's code for the error of the certificate, e.g. "CERT_HAS_EXPIRED"; null: trusted. */
  readonly untrusted: string | null;
  readonly isSessionReused: boolean;
  /** The latest session from the server, for resumption; null: none. */
  readonly session: Buffer | null;
}

/** One response. Redirects are never followed. */
export interface Answer {
  readonly status: number;
  /** Returns the value of a header, with repeated values joined by ", "; null if the header is missing. */
  header(name: string): string | null;
  /** As sent, in order, with repetitions and letter case. */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  /** After content decoding (gzip, deflate, br); the raw bytes if the coding is unsupported or the data is invalid. */
  readonly body: Buffer;
  /** Before content decoding, after the chunks were joined. */
  readonly wireBody: Buffer;
  readonly isChunked: boolean;
  /** Fewer bytes arrived than Content-Length or the chunks announced, or the kit stopped reading: see `exceeded`. */
  readonly isTruncated: boolean;
  /** The limit of answer-limits.ts at which reading stopped. Absent: none. */
  readonly exceeded?: ExceededLimit;
  /**
   * Bytes after the end of the response on the same connection; null if Node's client read the response. After HEAD, the bytes of a body count as
   * surplus.
   */
  readonly surplusBytes: number | null;
  /** Times from the start of the request to the first byte of the response and to its end. They include the time to connect on a new connection. */
  readonly firstByteMs: number;
  readonly totalMs: number;
  /** E.g. "1.1". */
  readonly httpVersion: string;
  /**
   * llhttp's error code if Node's client rejected the response, whose bytes were therefore read without that client; null: none, or Node's client was
   * not used.
   */
  readonly parserFault: string | null;
  /** Null over plain HTTP. */
  readonly tls: TlsFacts | null;
}

/** Where the endpoint is and how it is reached, according to the options of a run. */
export interface Endpoint
  extends Pick<CheckedOptions, 'url' | 'resolve' | 'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'timeoutMs'>,
    Partial<Pick<CheckedOptions, 'proxy'>> {}

/** Returns the path and query of a request, with each user id percent-encoded as UTF-8. */
export function requestTarget(
  url: URL,
  { path, query, userids }: Pick<EndpointRequest, 'path' | 'query' | 'userids'>,
): string {
  const search = query ?? userids.map((userid) => `userid=${encodeURIComponent(userid)}`).join('&');
  return (path ?? url.pathname) + (search === '' ? '' : `?${search}`);
}

/**
 * Node's cipher list with OpenSSL's security level 1 on every Node version. Node 24 uses level 2 by default, which rejects RSA keys below 2,048 bits.
 * At that level, an endpoint with such a key could not be tested.
 */
const ciphers = `${DEFAULT_CIPHERS}:@SECLEVEL=1`;

/** Returns the TLS options of a connection that presents `credentials`. */
export function tlsOptions(endpoint: Endpoint, credentials: Credentials, choice: TlsChoice = {}) {
  const { ca, cert, key, pfx, passphrase } = endpoint;
  const { clientCertificate, acceptsAnyServer = false, ...others } = choice;
  const own = pfx === undefined ? { cert, key } : { pfx, passphrase };
  const presented = clientCertificate
    ? { cert: clientCertificate.cert, key: clientCertificate.key }
    : credentials.certificate
      ? own
      : {};
  return {
    rejectUnauthorized: !acceptsAnyServer,
    ciphers,
    ...(ca === undefined ? {} : { ca }),
    ...presented,
    ...others,
  };
}

/** Returns the value of a header, with repeated values joined by ", "; null if the header is missing. */
export function findHeader(rawHeaders: Answer['rawHeaders'], name: string): string | null {
  const values = rawHeaders.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  return values.length === 0 ? null : values.join(', ');
}
