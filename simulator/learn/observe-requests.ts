// Observes ordinary requests: what they reveal about the platform without experiments. Stores no addresses, and keeps names only in memory.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionFacts, Fact, Repeats } from '../../schemas/generated/platform-profile.ts';
import { createConnectionRecorder } from './connection-facts.ts';
import { createPeerNumbers } from './peer-numbers.ts';
import { type FoundFacts, notDetermined } from './platform-profile.ts';
import { type RequestFacts, readRequestFacts } from './recorded-request.ts';
import { describeSequence, findObservedRepeats, maxSequence, type SequencedRequest } from './request-sequence.ts';

export interface RequestObserver {
  /** Records a request. Must be called when the request arrives. */
  observe(request: IncomingMessage, response: ServerResponse): void;
  /** Returns what the requests showed so far. */
  summarize(): Observations;
}

export interface ObserverOptions {
  /** Path of the endpoint. Requests for other paths are ignored. */
  readonly path: string;
  /** Addresses from which the platform itself connects. Default: not known. */
  readonly platformAddresses?: readonly string[];
  /** Whether a proxy is in front of the endpoint, according to the operator. Default: unknown. */
  readonly intermediary?: boolean;
}

export interface Observations {
  /** Requests to which the endpoint responded with 200 or 404, which only an authenticated client receives. */
  readonly requests: number;
  readonly facts: FoundFacts;
  readonly connection: ConnectionFacts;
  readonly repeats: Repeats;
}

/** Number of observations that must agree before they become a fact, like the tries of an experiment. */
const unanimous = 3;

interface Connection {
  requests: number;
  /** Whether a request was rejected because it had no credentials. */
  wasChallenged: boolean;
  /** Whether a request with credentials was counted. */
  hasCounted: boolean;
}

export function createRequestObserver({ path, platformAddresses, intermediary }: ObserverOptions): RequestObserver {
  const connections = new Map<Socket, Connection>();
  const peers = createPeerNumbers(platformAddresses);
  const recorder = createConnectionRecorder('observed');
  const sequence: SequencedRequest[] = [];
  const atOnce = new Map<boolean, number>();
  const spaces = new Map<string, number>();
  const clients = new Set<string>();
  let requests = 0;

  /** Returns the record of a connection, which is dropped when the connection closes. */
  function connectionOf(socket: Socket): Connection {
    const known = connections.get(socket);
    if (known !== undefined) return known;
    const made: Connection = { requests: 0, wasChallenged: false, hasCounted: false };
    connections.set(socket, made);
    socket.once('close', () => connections.delete(socket));
    return made;
  }

  function count(facts: RequestFacts, connection: Connection, hasCredentials: boolean): void {
    requests++;
    clients.add(facts.client);
    recorder.add(facts);
    if (facts.encoding.spaceAs !== null) increase(spaces, facts.encoding.spaceAs);
    if (hasCredentials && !connection.hasCounted) increase(atOnce, !connection.wasChallenged);
    connection.hasCounted ||= hasCredentials;
  }

  return {
    observe(request, response) {
      if (request.method !== 'GET' || request.url?.split('?')[0] !== path) return;
      const { socket } = request;
      const startedMs = performance.now();
      const connection = connectionOf(socket);
      const isOnKeptConnection = connection.requests++ > 0;
      const hasCredentials = request.headers.authorization !== undefined;
      // These facts are read now because a closed socket no longer provides them.
      const peer = peers.find(socket.remoteAddress ?? '');
      const facts = readRequestFacts(request, null, { isOnKeptConnection, offer: null, ...peer });
      const userid = new URL(request.url, 'http://localhost').searchParams.get('userid') ?? '';
      response.once('close', () => {
        const { statusCode, writableFinished } = response;
        if (statusCode === 401 && !hasCredentials) connection.wasChallenged = true;
        const isAnswered = writableFinished && (statusCode === 200 || statusCode === 404);
        // A client that was never authenticated does not count.
        const isFailed = clients.has(facts.client) && (!writableFinished || statusCode >= 500 || statusCode === 429);
        if (isAnswered) count(facts, connection, hasCredentials);
        if (!isAnswered && !isFailed) return;
        sequence.push({ userid, client: facts.client, step: null, startedMs, endedMs: performance.now(), isFailed });
        if (sequence.length > maxSequence) sequence.shift();
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
        if (agreeing < unanimous) return notDetermined(`Fewer than ${unanimous} observations show this.`, evidence);
        return { determined: 'measured', value, evidence };
      };
      return {
        requests,
        facts: {
          basicWithoutChallenge: decide(atOnce, 'No request with credentials received a response with 200 or 404.'),
          spaceAs: decide(spaces, 'No requested user name contained a space.'),
        },
        connection: recorder.summarize(intermediary ?? null, describeSequence(sequence, 'observed')),
        repeats: findObservedRepeats(sequence, performance.now()),
      };
    },
  };
}

function increase<Value>(counts: Map<Value, number>, value: Value): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}
