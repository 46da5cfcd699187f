// Types of exact requests and responses: a request may break any rule of HTTP, a response has all of its facts.

import type { CheckedOptions } from '../conformance-options.ts';
import type { ExceededLimit } from './answer-limits.ts';
import type { Credentials } from './credentials.ts';

/** A client certificate and its key, PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
  /** Shell text of a curl line, e.g. `--cert "$CLIENT_CERT" --key "$CLIENT_KEY"`. */
  readonly shown: string;
  /** Comment at the end of a curl line, e.g. where the files come from. */
  readonly note?: string;
}

/** What a question changes of the TLS connection. Names and values are those of Node's `tls.connect`. */
export interface TlsChoice {
  /** Another certificate than the one given with --cert, presented whatever the credentials say. */
  readonly clientCertificate?: ClientCertificate;
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL's cipher list. Old protocols and weak ciphers need `@SECLEVEL=0`, else our own side refuses. */
  readonly ciphers?: string;
  /** A session of an earlier answer, to be resumed. */
  readonly session?: Buffer;
  readonly servername?: string;
  /** Trust anchors in place of --ca, PEM. */
  readonly ca?: string;
  /** Whether an untrusted certificate of the server is no obstacle; the answer's `tls` says what was wrong. Default: false. */
  readonly acceptsAnyServer?: boolean;
}

/** One request. Without the optional parts it is what the platform sends. */
export interface Question {
  /** Any token; sent as it is. */
  readonly method: string;
  /** One `userid` parameter each, percent-encoded as UTF-8: none is a missing one, two are a repeated one. */
  readonly userids: readonly string[];
  readonly credentials: Credentials;
  /** The raw query in place of `userids`, sent byte for byte as Latin-1, without `?`. Empty: no query. */
  readonly query?: string;
  /** The raw path in place of the endpoint's, sent byte for byte as Latin-1. */
  readonly path?: string;
  /** Further header lines in this order; a name may be there twice, and may be one that the kit sends too, e.g. a second Host. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Sent with its Content-Length, unless `headers` says otherwise. */
  readonly body?: string;
  /** Default: 1.1. */
  readonly httpVersion?: '1.0' | '1.1';
  readonly tls?: TlsChoice;
  /** Asks over a plain socket, where every byte is seen: `surplusBytes` is known, and HEAD shows a wrong body. */
  readonly isRaw?: boolean;
  /**
   * What evidence may show in place of the one user id, or of the raw query, in double-quoted shell text: `${KNOWN_USER%@*}`, or
   * `userid=${KNOWN_USER_ENCODED}%00`. Absent: known users are shown as variables and everything else as keyed hashes.
   */
  readonly shown?: string;
}

/** What TLS agreed on. */
export interface TlsFacts {
  /** E.g. "TLSv1.3". */
  readonly protocol: string;
  /** OpenSSL's name. */
  readonly cipher: string;
  /** DER, the server's own certificate first, as the server sent them. */
  readonly chain: readonly Buffer[];
  /** Node's code of what is wrong with the certificate, e.g. "CERT_HAS_EXPIRED"; null: trusted. */
  readonly untrusted: string | null;
  readonly isSessionReused: boolean;
  /** The latest session that the server has given, to be resumed; null: none. */
  readonly session: Buffer | null;
}

/** One answer. Redirects are never followed. */
export interface Answer {
  readonly status: number;
  /** The value of a header, repeated ones joined by ", "; null when it is not there. */
  header(name: string): string | null;
  /** As sent, in order, with repeats and letter case. */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  /** After content decoding (gzip, deflate, br); the wire's bytes when the coding is another or broken. */
  readonly body: Buffer;
  /** Before content decoding, after the chunks were joined. */
  readonly wireBody: Buffer;
  readonly isChunked: boolean;
  /** Fewer bytes came than Content-Length or the chunks promised, or the kit stopped reading: see `exceeded`. */
  readonly isTruncated: boolean;
  /** The limit of answer-limits.ts beyond which nothing was read. Absent: none. */
  readonly exceeded?: ExceededLimit;
  /** Bytes after the end of the answer on the same connection; null unless `isRaw`. After HEAD, a body is surplus. */
  readonly surplusBytes: number | null;
  /** From the first byte that was sent, connecting included, to the first byte of the answer and to its end. */
  readonly firstByteMs: number;
  readonly totalMs: number;
  /** E.g. "1.1". */
  readonly httpVersion: string;
  /** llhttp's code of what made Node's client refuse the answer, so that its bytes were read without it; null: nothing, or it was not asked. */
  readonly parserFault: string | null;
  /** Null over plain HTTP. */
  readonly tls: TlsFacts | null;
}

/** Where the endpoint is and how it is reached: what a run's options say of that. */
export interface Endpoint
  extends Pick<CheckedOptions, 'url' | 'resolve' | 'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'timeoutMs'>,
    Partial<Pick<CheckedOptions, 'proxy'>> {}

/** Path and query of a question, each user id percent-encoded as UTF-8. */
export function requestTarget(
  url: URL,
  { path, query, userids }: Pick<Question, 'path' | 'query' | 'userids'>,
): string {
  const search = query ?? userids.map((userid) => `userid=${encodeURIComponent(userid)}`).join('&');
  return (path ?? url.pathname) + (search === '' ? '' : `?${search}`);
}

/** TLS options of a connection that presents `credentials`. */
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
    ...(ca === undefined ? {} : { ca }),
    ...presented,
    ...others,
  };
}

/** The value of a header, repeated ones joined by ", "; null when it is not there. */
export function findHeader(rawHeaders: Answer['rawHeaders'], name: string): string | null {
  const values = rawHeaders.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  return values.length === 0 ? null : values.join(', ');
}
