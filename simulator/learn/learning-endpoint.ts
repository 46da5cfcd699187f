// The learning endpoint: sends scripted responses for test users, and records how the platform sends its requests.
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, isIP, type Socket } from 'node:net';
import { peekClientHello, type TlsOffer } from './client-hello.ts';
import { createPeerNumbers } from './peer-numbers.ts';
import { type RecordedRequest, type RequestFacts, readRequestFacts } from './recorded-request.ts';
import { maxSequence, type SequencedRequest } from './request-sequence.ts';
import { hopParameter, type Script, type ScriptedResponse, sendScripted } from './scripted-response.ts';
import { isForUser } from './userid-encoding.ts';

interface PemPair {
  readonly cert: string;
  readonly key: string;
}

export interface LearningEndpointOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Without query. */
  readonly path: string;
  readonly username: string;
  readonly password: string;
  /** Prefix of test users; the endpoint responds with 404 to requests for all others. */
  readonly prefix: string;
  /** PEM texts; null: plain HTTP. `untrusted` is a pair that the platform must not accept. */
  readonly tls: (PemPair & { readonly ca: string; readonly untrusted: PemPair }) | null;
  /**
   * Whether to respond with the group learn-idle for test users out of turn, because the platform may synchronize all users at once. Default: 503.
   */
  readonly isIdling?: boolean;
  /**
   * Maximum time in ms for which a connection may be silent, so that a client that does not read cannot delay a step indefinitely. Default: 300,000.
   */
  readonly maxSilenceMs?: number;
  /** Addresses from which the platform itself connects. Default: not known. */
  readonly platformAddresses?: readonly string[];
}

/** What happened to a test user between `begin` and `end`. */
export interface StepRecord {
  /** Requests in the order of arrival, without those that were rejected because of wrong credentials. */
  readonly requests: readonly RecordedRequest[];
  /** Connections on which the client sent anything, e.g. the start of a TLS handshake. */
  readonly connections: number;
}

export interface LearningEndpoint {
  readonly url: string;
  /** Scripts the responses to one test user; for all other test users the endpoint responds according to `isIdling`. */
  begin(userid: string, script: Script): { end(): StepRecord };
  /** Returns what has happened so far in the current step. */
  peek(): StepRecord;
  /** Returns whether a test user received the response of `isIdling`. */
  hasIdled(userid: string): boolean;
  /** Returns whether any request of the current step has not been answered yet. */
  isBusy(): boolean;
  /** Returns the latest requests for test users with valid credentials, in the order in which they ended. */
  sequence(): readonly SequencedRequest[];
  /** Presents the untrusted certificate, or the trusted one again, and closes idle connections. Returns false without TLS. */
  presentUntrusted(isOn: boolean): boolean;
  readonly counts: Readonly<EndpointCounts>;
  close(): Promise<void>;
}

export interface EndpointCounts {
  /** Requests for users without the prefix. */
  otherUsers: number;
  /** Requests for test users out of turn. */
  unexpected: number;
  /** Requests with wrong credentials. */
  rejectedCredentials: number;
}

interface Step {
  readonly userid: string;
  readonly script: Script;
  readonly requests: Array<{ -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] }>;
  readonly sockets: Socket[];
  answered: number;
}

interface Connection {
  readonly socket: Socket;
  readonly acceptedMs: number;
  offer: TlsOffer | null;
  requests: number;
  inFlight: number;
}

const idle: ScriptedResponse = { groups: ['learn-idle'] };

const toRecord = ({ requests, sockets }: Step): StepRecord => ({
  requests: requests.map((request) => ({ ...request })),
  connections: sockets.filter(({ bytesRead }) => bytesRead > 0).length,
});

/** A connection that sends nothing is closed. */
const maxHelloWaitMs = 60_000;
/** Longer than the longest delay of a response. */
const defaultMaxSilenceMs = 300_000;

const digestOf = (text: string) => createHash('sha256').update(text).digest();

/** Starts the endpoint. @throws the error of listening. */
export async function startLearningEndpoint(options: LearningEndpointOptions): Promise<LearningEndpoint> {
  const { host, path, prefix, tls, isIdling = false, maxSilenceMs = defaultMaxSilenceMs } = options;
  const expected = digestOf(`Basic ${Buffer.from(`${options.username}:${options.password}`).toString('base64')}`);
  const counts: EndpointCounts = { otherUsers: 0, unexpected: 0, rejectedCredentials: 0 };
  /** Keyed by the address of the peer, because TLS hides the underlying socket. */
  const connections = new Map<string, Connection>();
  const peers = createPeerNumbers(options.platformAddresses);
  const sequence: SequencedRequest[] = [];
  const idled = new Set<string>();
  let step: Step | null = null;
  let steps = 0;

  const addressOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;

  /** Begins a request on a connection. Returns its facts and, for the first one, when the connection was accepted. */
  function read(
    request: IncomingMessage,
    response: ServerResponse,
    userid: string,
  ): RequestFacts & { readonly openedMs: number | null } {
    const connection = connections.get(addressOf(request.socket));
    const isFirst = connection !== undefined && connection.requests++ === 0;
    if (connection !== undefined) {
      connection.inFlight++;
      response.once('close', () => connection.inFlight--);
    }
    const { remoteAddress = '' } = request.socket;
    const context = { isOnKeptConnection: !isFirst, offer: connection?.offer ?? null, ...peers.find(remoteAddress) };
    return { ...readRequestFacts(request, userid, context), openedMs: isFirst ? connection.acceptedMs : null };
  }

  function record(
    request: IncomingMessage,
    response: ServerResponse,
    { openedMs, ...facts }: ReturnType<typeof read>,
    to: Step,
  ): void {
    const arrivedMs = performance.now();
    const recorded: Step['requests'][number] = {
      ...facts,
      startedMs: openedMs ?? arrivedMs,
      arrivedMs,
      endedMs: null,
      isComplete: false,
      hasBasic: request.headers.authorization !== undefined,
      spaceAs: facts.encoding.spaceAs,
      isHop: new URL(request.url ?? '', 'http://localhost').searchParams.has(hopParameter),
    };
    response.once('finish', () => {
      recorded.endedMs ??= performance.now();
      recorded.isComplete = true;
    });
    response.once('close', () => {
      recorded.endedMs ??= performance.now();
    });
    to.requests.push(recorded);
  }

  function addToSequence(response: ServerResponse, userid: string, { client }: RequestFacts): void {
    const startedMs = performance.now();
    const at = step === null ? null : steps;
    response.once('close', () => {
      const isFailed = !response.writableFinished || response.statusCode >= 500;
      sequence.push({ userid, client, step: at, startedMs, endedMs: performance.now(), isFailed });
      if (sequence.length > maxSequence) sequence.shift();
    });
  }

  const listener: RequestListener = (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const userid = searchParams.get('userid') ?? '';
    const { authorization } = request.headers;
    const own = step !== null && isForUser(request.url ?? '', step.userid) ? step : null;
    const facts = read(request, response, own?.userid ?? userid);
    const reject = (status: number, headers: Readonly<Record<string, string>> = {}) =>
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify({ status }));
    if (pathname !== path || request.method !== 'GET') return reject(404);
    if (authorization === undefined) {
      if (own !== null) record(request, response, facts, own);
      return reject(401, { 'WWW-Authenticate': 'Basic realm="learn", charset="UTF-8"' });
    }
    if (!timingSafeEqual(digestOf(authorization), expected)) {
      counts.rejectedCredentials++;
      return reject(401, { 'WWW-Authenticate': 'Basic realm="learn", charset="UTF-8"' });
    }
    if (own === null && !userid.startsWith(prefix)) {
      counts.otherUsers++;
      return reject(404);
    }
    addToSequence(response, userid, facts);
    if (own === null) {
      counts.unexpected++;
      if (!isIdling) return reject(503);
      idled.add(userid);
      return sendScripted(idle, response, '');
    }
    record(request, response, facts, own);
    const { respond, respondTimes = 1, thenRespond = respond, hop } = own.script;
    const isHop = own.requests.at(-1)?.isHop === true;
    const scripted = isHop && hop !== undefined ? hop : own.answered++ < respondTimes ? respond : thenRespond;
    if (scripted.resets) connections.get(addressOf(request.socket))?.socket.resetAndDestroy();
    else
      sendScripted(scripted, response, `${path}?${new URLSearchParams({ userid: own.userid, [hopParameter]: '1' })}`);
  };

  const http = tls === null ? createServer(listener) : createTlsServer({ ...trusted(tls), ...tlsOptions }, listener);
  http.setTimeout(maxSilenceMs);
  // Each connection is passed on by the documented event `connection` of the HTTP or TLS server, once the ClientHello has been read.
  const server = createTcpServer({ noDelay: true, allowHalfOpen: tls === null }, (socket) => {
    const address = addressOf(socket);
    const connection: Connection = { socket, acceptedMs: performance.now(), offer: null, requests: 0, inFlight: 0 };
    connections.set(address, connection);
    step?.sockets.push(socket);
    socket.once('close', () => {
      if (connections.get(address) === connection) connections.delete(address);
    });
    // Nothing else handles errors on the socket before the HTTP server takes it over. An error is followed by `close`.
    socket.on('error', () => {});
    if (tls === null) http.emit('connection', socket);
    else {
      peekClientHello(socket, maxHelloWaitMs, (offer) => {
        connection.offer = offer;
        http.emit('connection', socket);
      });
    }
  });
  server.listen(options.port, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `${tls === null ? 'http' : 'https'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}${path}`,
    counts,
    begin(userid, script) {
      const begun: Step = { userid, script, requests: [], sockets: [], answered: 0 };
      step = begun;
      steps++;
      return {
        end() {
          if (step === begun) step = null;
          return toRecord(begun);
        },
      };
    },
    peek: () => (step === null ? { requests: [], connections: 0 } : toRecord(step)),
    hasIdled: (userid) => idled.has(userid),
    isBusy: () => step?.requests.some(({ endedMs }) => endedMs === null) ?? false,
    sequence: () => sequence,
    presentUntrusted(isOn) {
      if (tls === null || !(http instanceof TlsServer)) return false;
      http.setSecureContext(isOn ? { ...tls.untrusted, ca: tls.ca } : trusted(tls));
      for (const { socket, requests, inFlight } of connections.values()) {
        if (requests > 0 && inFlight === 0) socket.destroy();
      }
      return true;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const { socket } of connections.values()) socket.destroy();
      await closed;
    },
  };
}

/** The client certificate is requested but not required, because one of the facts is whether the platform presents one. */
const tlsOptions = { requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' } as const;

function trusted({ cert, key, ca }: PemPair & { readonly ca: string }) {
  return { cert, key, ca };
}
