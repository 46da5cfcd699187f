// The record of one request to the learning endpoint, without credentials or user data.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { TlsOffer } from './client-hello.ts';
import { readUseridEncoding, type UseridEncoding } from './userid-encoding.ts';

/** Facts about the connection and the protocol. */
export interface Transport {
  readonly httpVersion: string;
  /** Null: no TLS. */
  readonly tlsVersion: string | null;
  readonly cipher: string | null;
  /** Whether the client named the server; null: no TLS. */
  readonly sendsServerName: boolean | null;
  /** `untrusted`: presented, but not issued by the CA of the endpoint. */
  readonly clientCertificate: 'none' | 'trusted' | 'untrusted';
}

/** The part of a recorded request from which facts about the connection are derived. */
export interface RequestFacts {
  readonly isOnKeptConnection: boolean;
  /** Digest of the properties that all requests of one client share. */
  readonly client: string;
  readonly transport: Transport;
  /** Null: no TLS, or the ClientHello was not read. */
  readonly offer: TlsOffer | null;
  /** Names of at most 50 headers; a few that describe the HTTP client also include their values. */
  readonly headers: readonly string[];
  /** Names of the headers that proxies add. */
  readonly forwardingHeaders: readonly string[];
  readonly encoding: UseridEncoding;
  /** Number of the peer address. Addresses are numbered in the order of their first requests. */
  readonly peer: number;
  /** Whether the peer address is one of the platform's; null: the platform's addresses are unknown. */
  readonly isFromPlatform: boolean | null;
}

export interface RecordedRequest extends RequestFacts {
  /** When the connection was accepted, or the request arrived on a persistent connection. In ms of `performance.now()`. */
  readonly startedMs: number;
  readonly arrivedMs: number;
  /** When the response was written or the connection closed; null: neither yet. */
  readonly endedMs: number | null;
  /** Whether the whole response was written before the connection closed. */
  readonly isComplete: boolean;
  readonly hasBasic: boolean;
  /** How a space in the user id was encoded; null: it has no space. */
  readonly spaceAs: UseridEncoding['spaceAs'];
  /** Whether the request is for the target of a redirect. */
  readonly isHop: boolean;
}

/** Facts that the request itself does not contain. */
export type ConnectionContext = Pick<RequestFacts, 'isOnKeptConnection' | 'peer' | 'isFromPlatform' | 'offer'>;

/** @param userid null: not known; a plus sign then counts as a space. */
export function readRequestFacts(
  request: IncomingMessage,
  userid: string | null,
  context: ConnectionContext,
): RequestFacts {
  const transport = readTransport(request);
  const headers = describeHeaders(request);
  return {
    ...context,
    client: digestClient(request, transport),
    transport,
    headers,
    forwardingHeaders: headers.map((header) => header.replace(/:.*/, '')).filter((name) => forwarding.test(name)),
    encoding: readUseridEncoding(request.url ?? '', userid),
  };
}

/** Headers of RFC 9110, 7.6.3, RFC 7239 and RFC 8586, and headers that proxies add without a standard. */
const forwarding = /^(via|forwarded|cdn-loop|x-forwarded(-.+)?|x-real-ip|x-client-ip|true-client-ip|x-envoy-.+)$/;

/** Headers whose values describe the HTTP client, with patterns of the values to record; other values could identify somebody. */
const valuedHeaders: Readonly<Record<string, RegExp>> = {
  accept: /^[\w*/+.,;=\- ]{0,100}$/,
  'accept-encoding': /^[\w*.,;= -]{0,100}$/,
  connection: /^[\w, -]{0,100}$/,
  // Excludes comments, which could contain an address.
  'user-agent': /^[\w-]{1,40}(\/\d[\d.]{0,20})?/,
};
const maxHeaders = 50;
const headerName = /^[a-z0-9!#$%&'*+.^_`|~-]{1,60}$/;

function describeHeaders({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): readonly string[] {
  const described = rawHeaders.flatMap((raw, at) => {
    const name = raw.toLowerCase();
    if (at % 2 === 1 || !headerName.test(name)) return [];
    const [value] = valuedHeaders[name]?.exec(rawHeaders[at + 1] ?? '') ?? [];
    return [value === undefined ? name : `${name}: ${value}`];
  });
  return [...new Set(described)].slice(0, maxHeaders).sort();
}

/** Headers that depend on the request, or that identify somebody. */
const unreadHeaders = new Set([
  ...['authorization', 'host', 'cookie', 'referer', 'content-length'],
  ...['traceparent', 'tracestate', 'baggage', 'x-request-id', 'x-correlation-id', 'x-amzn-trace-id'],
]);

/** Returns a digest of header names and values, HTTP version, TLS version and cipher: the same for all requests of a client. */
function digestClient({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, transport: Transport): string {
  const headers = rawHeaders.flatMap((name, at) =>
    at % 2 === 1 || unreadHeaders.has(name.toLowerCase()) ? [] : [`${name}: ${rawHeaders[at + 1]}`],
  );
  const { httpVersion, tlsVersion, cipher } = transport;
  const text = JSON.stringify([httpVersion, tlsVersion, cipher, headers]);
  return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

function readTransport({ httpVersion, socket }: Pick<IncomingMessage, 'httpVersion' | 'socket'>): Transport {
  if (!(socket instanceof TLSSocket)) {
    return { httpVersion, tlsVersion: null, cipher: null, sendsServerName: null, clientCertificate: 'none' };
  }
  const isPresented = socket.getPeerX509Certificate() !== undefined;
  return {
    httpVersion,
    tlsVersion: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    sendsServerName: typeof socket.servername === 'string',
    clientCertificate: isPresented ? (socket.authorized ? 'trusted' : 'untrusted') : 'none',
  };
}
