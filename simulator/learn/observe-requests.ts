// Observation of an ordinary stream of requests: what it tells of the platform without experiments. Keeps no names, addresses or headers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ConnectionFacts, Fact } from '../../schemas/generated/platform-profile.ts';
import { type FoundFacts, notDetermined } from './platform-profile.ts';
import { digestClient, readSpaceEncoding, readTransport, type Transport } from './recorded-request.ts';

export interface RequestObserver {
  /** Records a request. Call it when the request arrives. */
  observe(request: IncomingMessage, response: ServerResponse): void;
  /** Returns what the requests showed so far. */
  summarize(): Observations;
}

export interface Observations {
  /** Requests that the endpoint responded to with 200 or 404: only an authenticated client gets those. */
  readonly requests: number;
  readonly facts: FoundFacts;
  readonly connection: ConnectionFacts;
}

/** Observations that must agree before they are a fact, as tries of an experiment. */
const unanimous = 3;

interface Connection {
  requests: number;
  /** Whether a request was rejected because it had no credentials. */
  wasChallenged: boolean;
  /** Whether a request with credentials was counted. */
  hasCounted: boolean;
}

/** @param path of the endpoint. Other requests are ignored. */
export function createRequestObserver(path: string): RequestObserver {
  const connections = new Map<Socket, Connection>();
  const atOnce = new Map<boolean, number>();
  const spaces = new Map<string, number>();
  const clients = new Set<string>();
  const httpVersions = new Set<string>();
  const tlsVersions = new Set<string>();
  const ciphers = new Set<string>();
  const clientCertificates = new Set<Transport['clientCertificate']>();
  const serverNames = new Set<boolean>();
  const atSigns = new Set<'@' | '%40'>();
  const escapeCases = new Set<'upper' | 'lower'>();
  let requests = 0;
  let reusesConnections = false;
  let inFlight = 0;
  let maxConcurrent = 0;

  /** A connection is forgotten when it closes. */
  function connectionOf(socket: Socket): Connection {
    const known = connections.get(socket);
    if (known !== undefined) return known;
    const made: Connection = { requests: 0, wasChallenged: false, hasCounted: false };
    connections.set(socket, made);
    socket.once('close', () => connections.delete(socket));
    return made;
  }

  function record(request: IncomingMessage, transport: Transport): void {
    requests++;
    clients.add(digestClient(request, transport));
    httpVersions.add(transport.httpVersion);
    clientCertificates.add(transport.clientCertificate);
    if (transport.tlsVersion !== null) tlsVersions.add(transport.tlsVersion);
    if (transport.cipher !== null) ciphers.add(transport.cipher);
    const target = request.url ?? '';
    // A plus sign of a name is escaped, so that one in the query is a space.
    const space = readSpaceEncoding(target);
    if (space !== null) count(spaces, space);
    const [, value = ''] = /[?&]userid=([^&]*)/.exec(target) ?? [];
    if (value.includes('@')) atSigns.add('@');
    if (value.includes('%40')) atSigns.add('%40');
    for (const [encoded] of value.matchAll(/%[\da-f]{2}/gi)) {
      if (/[A-F]/.test(encoded)) escapeCases.add('upper');
      if (/[a-f]/.test(encoded)) escapeCases.add('lower');
    }
  }

  return {
    observe(request, response) {
      if (request.method !== 'GET' || request.url?.split('?')[0] !== path) return;
      const { socket } = request;
      const connection = connectionOf(socket);
      const isKept = connection.requests++ > 0;
      const hasCredentials = request.headers.authorization !== undefined;
      // A socket that has closed does not know them any longer.
      const transport = readTransport(request);
      const hasServerName = socket instanceof TLSSocket && typeof socket.servername === 'string';
      const concurrent = ++inFlight;
      response.once('close', () => inFlight--);
      response.once('finish', () => {
        const { statusCode } = response;
        if (statusCode === 401 && !hasCredentials) connection.wasChallenged = true;
        if (statusCode !== 200 && statusCode !== 404) return;
        record(request, transport);
        if (transport.tlsVersion !== null) serverNames.add(hasServerName);
        reusesConnections ||= isKept;
        maxConcurrent = Math.max(maxConcurrent, concurrent);
        if (hasCredentials && !connection.hasCounted) count(atOnce, !connection.wasChallenged);
        connection.hasCounted ||= hasCredentials;
      });
    },
    summarize() {
      const at = new Date().toISOString();
      const decide = (counts: ReadonlyMap<string | boolean, number>, nothing: string): Fact => {
        const [most, ...others] = [...counts].sort(([, one], [, other]) => other - one);
        if (most === undefined) return notDetermined(nothing);
        const [value, agreeing] = most;
        const tries = others.reduce((sum, [, number]) => sum + number, agreeing);
        const evidence = [{ experiment: 'observed', tries, agreeing, at, clients: [...clients] }];
        if (clients.size > 1) return notDetermined('More than one client sent requests.', evidence);
        if (others.length > 0) return notDetermined('The requests disagree.', evidence);
        if (agreeing < unanimous) return notDetermined(`Fewer than ${unanimous} observations show it.`, evidence);
        return { determined: 'measured', value, evidence };
      };
      return {
        requests,
        facts: {
          basicWithoutChallenge: decide(atOnce, 'No request had Basic credentials.'),
          spaceAs: decide(spaces, 'No requested user name had a space.'),
        },
        connection: {
          httpVersions: [...httpVersions].sort(),
          tlsVersions: [...tlsVersions].sort(),
          clientCertificates: [...clientCertificates].sort(),
          reusesConnections,
          ciphers: [...ciphers].sort(),
          ...(serverNames.size > 0 && { sendsServerName: !serverNames.has(false) }),
          atSignAs: [...atSigns].sort(),
          escapeCase: [...escapeCases].sort(),
          maxConcurrent,
        },
      };
    },
  };
}

function count<Value>(counts: Map<Value, number>, value: Value): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}
