// The record of one request to the learning endpoint, without credentials and user data.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

/** Facts about the connection and the protocol. */
export interface Transport {
  readonly httpVersion: string;
  /** Null: no TLS. */
  readonly tlsVersion: string | null;
  readonly cipher: string | null;
  /** `untrusted`: presented, but not issued by the CA of the endpoint. */
  readonly clientCertificate: 'none' | 'trusted' | 'untrusted';
}

export interface RecordedRequest {
  /** When the connection was accepted, or the request arrived on a kept connection. In ms of `performance.now()`. */
  readonly startedMs: number;
  readonly arrivedMs: number;
  /** When the response was written or the connection closed; null: neither yet. */
  readonly endedMs: number | null;
  /** Whether the whole response was written before the connection closed. */
  readonly isComplete: boolean;
  readonly hasBasic: boolean;
  readonly isOnKeptConnection: boolean;
  /** How a space in the user id was encoded; null: no space. */
  readonly spaceAs: '%20' | '+' | null;
  /** Whether it is for the target of a redirect. */
  readonly isHop: boolean;
  /** Digest of what is alike in all requests of one client. */
  readonly client: string;
  readonly transport: Transport;
}

/** Headers that depend on the request, or that identify somebody. */
const unreadHeaders = new Set(['authorization', 'host', 'cookie', 'referer', 'content-length', 'traceparent']);

/** Returns a digest of header names and values, HTTP and TLS version: the same for all requests of a client. */
export function digestClient({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, transport: Transport): string {
  const headers = rawHeaders.flatMap((name, at) =>
    at % 2 === 1 || unreadHeaders.has(name.toLowerCase()) ? [] : [`${name}: ${rawHeaders[at + 1]}`],
  );
  const { httpVersion, tlsVersion, cipher } = transport;
  const text = JSON.stringify([httpVersion, tlsVersion, cipher, headers]);
  return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

export function readTransport({ httpVersion, socket }: Pick<IncomingMessage, 'httpVersion' | 'socket'>): Transport {
  if (!(socket instanceof TLSSocket)) {
    return { httpVersion, tlsVersion: null, cipher: null, clientCertificate: 'none' };
  }
  const isPresented = socket.getPeerX509Certificate() !== undefined;
  return {
    httpVersion,
    tlsVersion: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    clientCertificate: isPresented ? (socket.authorized ? 'trusted' : 'untrusted') : 'none',
  };
}

/** Returns how the space of a user id is encoded in a request's target; null: it has none. */
export function readSpaceEncoding(target: string): RecordedRequest['spaceAs'] {
  const [, value = ''] = /[?&]userid=([^&]*)/.exec(target) ?? [];
  if (value.includes('+')) return '+';
  return value.includes('%20') ? '%20' : null;
}
