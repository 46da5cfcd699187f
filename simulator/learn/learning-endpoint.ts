// The learning endpoint: answers test users as scripted, and records how the platform sends its requests.
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import { digestClient, type RecordedRequest, readSpaceEncoding, readTransport } from './recorded-request.ts';
import { hopParameter, type Script, type ScriptedResponse, sendScripted } from './scripted-response.ts';

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
  /** Of test users; the endpoint responds with 404 to all others. */
  readonly prefix: string;
  /** PEM texts; null: plain HTTP. `untrusted` is a pair that the platform must not accept. */
  readonly tls: (PemPair & { readonly ca: string; readonly untrusted: PemPair }) | null;
  /**
   * Responds with the group learn-idle to test users out of turn, because the platform may synchronize all users at once. Default: 503.
   */
  readonly isIdling?: boolean;
}

/** What happened to a test user between `begin` and `end`. */
export interface StepRecord {
  /** In the order of arrival, without those that were rejected for wrong credentials. */
  readonly requests: readonly RecordedRequest[];
  /** Connections on which the client sent anything, e.g. the start of a TLS handshake. */
  readonly connections: number;
}

export interface LearningEndpoint {
  readonly url: string;
  /** Scripts the responses to one test user; for all other test users the endpoint responds as `isIdling` says. */
  begin(userid: string, script: Script): { end(): StepRecord };
  /** What happened so far in the current step. */
  peek(): StepRecord;
  /** Whether a test user got the response of `isIdling`. */
  hasIdled(userid: string): boolean;
  /** Whether any request of the current step is without its response. */
  isBusy(): boolean;
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

const idle: ScriptedResponse = { groups: ['learn-idle'] };

const toRecord = ({ requests, sockets }: Step): StepRecord => ({
  requests: requests.map((request) => ({ ...request })),
  connections: sockets.filter(({ bytesRead }) => bytesRead > 0).length,
});

const digestOf = (text: string) => createHash('sha256').update(text).digest();

/** Starts the endpoint. @throws what listening fails with. */
export async function startLearningEndpoint(options: LearningEndpointOptions): Promise<LearningEndpoint> {
  const { host, path, prefix, tls, isIdling = false } = options;
  const expected = digestOf(`Basic ${Buffer.from(`${options.username}:${options.password}`).toString('base64')}`);
  const counts: EndpointCounts = { otherUsers: 0, unexpected: 0, rejectedCredentials: 0 };
  /** When each connection was accepted, until its first request. */
  const accepted = new Map<string, number>();
  /** Without TLS, which hides the connection below. */
  const connections = new Map<string, Socket>();
  const idled = new Set<string>();
  let step: Step | null = null;

  const addressOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;

  function record(request: IncomingMessage, response: ServerResponse, to: Step): void {
    const arrivedMs = performance.now();
    const transport = readTransport(request);
    const { authorization } = request.headers;
    const openedMs = accepted.get(addressOf(request.socket));
    accepted.delete(addressOf(request.socket));
    const recorded: Step['requests'][number] = {
      startedMs: openedMs ?? arrivedMs,
      arrivedMs,
      endedMs: null,
      isComplete: false,
      hasBasic: authorization !== undefined,
      isOnKeptConnection: openedMs === undefined,
      spaceAs: readSpaceEncoding(request.url ?? ''),
      isHop: new URL(request.url ?? '', 'http://localhost').searchParams.has(hopParameter),
      client: digestClient(request, transport),
      transport,
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

  const listener: RequestListener = (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const userid = searchParams.get('userid') ?? '';
    const { authorization } = request.headers;
    const own = step?.userid === userid ? step : null;
    const reject = (status: number, headers: Readonly<Record<string, string>> = {}) =>
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify({ status }));
    if (pathname !== path || request.method !== 'GET') return reject(404);
    if (authorization === undefined) {
      if (own !== null) record(request, response, own);
      return reject(401, { 'WWW-Authenticate': 'Basic realm="learn", charset="UTF-8"' });
    }
    if (!timingSafeEqual(digestOf(authorization), expected)) {
      counts.rejectedCredentials++;
      return reject(401, { 'WWW-Authenticate': 'Basic realm="learn", charset="UTF-8"' });
    }
    if (!userid.startsWith(prefix)) {
      counts.otherUsers++;
      return reject(404);
    }
    if (own === null) {
      counts.unexpected++;
      if (!isIdling) return reject(503);
      idled.add(userid);
      return sendScripted(idle, response, '');
    }
    record(request, response, own);
    const { respond, thenRespond = respond, hop } = own.script;
    const isHop = own.requests.at(-1)?.isHop === true;
    const scripted = isHop && hop !== undefined ? hop : own.answered++ === 0 ? respond : thenRespond;
    if (scripted.resets) connections.get(addressOf(request.socket))?.resetAndDestroy();
    else sendScripted(scripted, response, `${path}?${new URLSearchParams({ userid, [hopParameter]: '1' })}`);
  };

  const server: Server | TlsServer =
    tls === null ? createServer(listener) : createTlsServer({ ...trusted(tls), ...tlsOptions }, listener);
  server.on('connection', (socket: Socket) => {
    const address = addressOf(socket);
    accepted.set(address, performance.now());
    connections.set(address, socket);
    step?.sockets.push(socket);
    socket.once('close', () => {
      accepted.delete(address);
      connections.delete(address);
    });
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
    presentUntrusted(isOn) {
      if (tls === null || !(server instanceof TlsServer)) return false;
      server.setSecureContext(isOn ? { ...tls.untrusted, ca: tls.ca } : trusted(tls));
      server.closeIdleConnections();
      return true;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The client certificate is requested, not required: whether the platform presents one is among the facts. */
const tlsOptions = { requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' } as const;

function trusted({ cert, key, ca }: PemPair & { readonly ca: string }) {
  return { cert, key, ca };
}
