// A small conformant endpoint with in-memory data on plain node:http(s); a fault replaces one or two of its steps.
import { existsSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import { TextDecoder } from 'node:util';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { AuthMode } from '../conformance-options.ts';
import { type ChooseByHand, createHelloFront } from './hand-made-hello.ts';

export interface EndpointRequest {
  readonly method: string;
  /** As sent: path and query. */
  readonly target: string;
  /** As sent, before `?`. */
  readonly path: string;
  /** As sent, after `?`; empty: none. */
  readonly query: string;
  /** Leniently decoded, for use by faults. */
  readonly userids: readonly string[];
  /** The first Authorization header. */
  readonly authorization: string | undefined;
  /** As sent, including repetitions. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly httpVersion: string;
  /** Whether TLS has verified a client certificate. */
  readonly hasCertificate: boolean;
  /** Node's value for the connection. It is also true for a resumed TLS 1.3 session without a certificate. */
  readonly isAuthorized: boolean;
  /** The presented certificate, and why TLS does not trust it; null: none, or plain HTTP. */
  readonly presented: { readonly certificate: PeerCertificate; readonly untrusted: string | null } | null;
  readonly isSessionReused: boolean;
  /** Empty unless `wantsBody` returns true. */
  readonly body: string;
  /** Number of earlier requests on this connection. */
  readonly earlierOnConnection: number;
  /** Number of pieces in which this connection's bytes have arrived. */
  readonly pieces: number;
  /** Number of other connections that have sent something, but no complete request yet. */
  readonly unfinishedElsewhere: number;
}

export interface Reply {
  readonly status: number;
  /** A list means that the header is sent repeatedly. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
  /** Bytes after the headers of HEAD, which a correct endpoint never sends. */
  readonly afterHead?: string;
  /** The whole response as bytes, which replace all other fields; the connection is closed afterwards. */
  readonly wire?: string | Buffer;
}

/** Why a request is refused. */
export type Refused = 'certificate' | 'credentials' | 'path' | 'method' | 'userid' | 'user' | 'source' | 'failure';

/** The steps of a response. A fault replaces one or two of them. */
export interface Steps {
  /** Returns whether to read the body of a request. */
  wantsBody(request: EndpointRequest): boolean;
  /** Returns whether the Authorization header, which is present, is valid. */
  holdsBasic(authorization: string): boolean;
  /** Returns whether the client certificate is valid. */
  holdsCertificate(request: EndpointRequest): boolean;
  /** Returns null if the presented credentials are sufficient, or else what is missing. */
  admit(has: { readonly basic: boolean; readonly certificate: boolean }, request: EndpointRequest): Refused | null;
  isPathKnown(path: string): boolean;
  isMethodAllowed(method: string): boolean;
  /** Returns the values of userid in a raw query; null if one is badly encoded. */
  decodeQuery(query: string): readonly string[] | null;
  /** Returns the only user id, or null if it is empty, or if there is none or more than one. */
  findUserid(userids: readonly string[]): string | null;
  /** Returns whether a user id may be looked up: not too long, and without control characters. */
  isUseridValid(userid: string): boolean;
  /** Returns whether the data source is available. */
  isSourceUp(): boolean;
  findUser(userid: string): UserInfo | null | Promise<UserInfo | null>;
  /** Returns the body of a 200. */
  writeBody(user: UserInfo): string | Buffer;
  refuse(why: Refused, request: EndpointRequest): Reply;
  /** Modifies every response before it is sent. */
  finish(reply: Reply, request: EndpointRequest): Reply;
}

export interface EndpointOptions {
  readonly auth: AuthMode;
  readonly username: string;
  readonly password: string;
  readonly users: ReadonlyMap<string, UserInfo>;
  /** Default: /user-info. */
  readonly path?: string;
  /** Certificate, key and CA in PEM, and options that a fault sets, e.g. `maxVersion`. Absent: plain HTTP. */
  readonly tls?: https.ServerOptions;
  /** Whether TLS itself refuses a connection without a client certificate; otherwise, the endpoint responds with 403. Default: false. */
  readonly isCertificateDemanded?: boolean;
  /** A hand-written response to a client's first TLS message. Default: none. */
  readonly chooseByHand?: ChooseByHand;
  /** While this file exists, the data source is down. */
  readonly sourceDownFile?: string;
  /** Replaces steps of the conformant endpoint. */
  readonly alter?: (good: Steps, options: EndpointOptions) => Partial<Steps>;
}

const statuses: Readonly<Record<Refused, number>> = {
  certificate: 403,
  credentials: 401,
  path: 404,
  method: 405,
  userid: 400,
  user: 404,
  source: 503,
  failure: 500,
};
const titles: Readonly<Record<Refused, string>> = {
  certificate: 'A client certificate is required.',
  credentials: 'The credentials are missing or wrong.',
  path: 'Not found.',
  method: 'The method is not allowed.',
  userid: 'Exactly one userid is required.',
  user: 'No such user.',
  source: 'The source cannot be reached.',
  failure: 'The lookup failed.',
};
const extraHeaders: Readonly<Partial<Record<Refused, Record<string, string>>>> = {
  credentials: { 'WWW-Authenticate': 'Basic realm="user info", charset="UTF-8"' },
  method: { Allow: 'GET, HEAD' },
  source: { 'Retry-After': '5' },
};

/** Returns the user name and password of a well-formed Basic header, strictly according to RFC 7617; null for any other. */
export function parseBasic(authorization: string): { readonly username: string; readonly password: string } | null {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, 'base64'));
    const colon = text.indexOf(':');
    return colon < 0 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
  } catch {
    return null;
  }
}

/** Strictly decodes one value of a query: `+` is a space, and other characters are ASCII or percent-encoded UTF-8; null for anything else. */
function decodeValue(raw: string): string | null {
  if (/[^\x21-\x7e]/.test(raw)) return null;
  try {
    return decodeURIComponent(raw.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

/** Returns the values of userid in a raw query; null if one is badly encoded. */
export function decodeQuery(query: string): readonly string[] | null {
  const values: string[] = [];
  for (const pair of query === '' ? [] : query.split('&')) {
    const [name = '', ...rest] = pair.split('=');
    if (decodeValue(name) !== 'userid') continue;
    const value = decodeValue(rest.join('='));
    if (value === null) return null;
    values.push(value);
  }
  return values;
}

const maxUseridBytes = 1024;

function createGoodSteps(options: EndpointOptions): Steps {
  const { auth, username, password, users, path: ownPath = '/user-info', sourceDownFile } = options;
  return {
    wantsBody: () => false,
    holdsBasic(authorization) {
      // No constant-time comparison: the secrets of this endpoint are known to its only client.
      const given = parseBasic(authorization);
      return given?.username === username && given.password === password;
    },
    holdsCertificate: ({ hasCertificate }) => hasCertificate,
    admit({ basic, certificate }) {
      if (auth === 'either') return basic || certificate ? null : 'credentials';
      if ((auth === 'mtls' || auth === 'both') && !certificate) return 'certificate';
      return (auth === 'basic' || auth === 'both') && !basic ? 'credentials' : null;
    },
    isPathKnown: (path) => path === ownPath,
    decodeQuery,
    isUseridValid: (userid) => Buffer.byteLength(userid) <= maxUseridBytes && !/\p{Cc}/u.test(userid),
    isMethodAllowed: (method) => method === 'GET' || method === 'HEAD',
    findUserid: ([first, ...more]) => (first === undefined || first === '' || more.length > 0 ? null : first),
    isSourceUp: () => sourceDownFile === undefined || !existsSync(sourceDownFile),
    findUser: (userid) => users.get(userid) ?? null,
    writeBody: (user) => JSON.stringify(user),
    refuse: (why) => ({
      status: statuses[why],
      headers: { 'Content-Type': 'application/problem+json', ...extraHeaders[why] },
      body: JSON.stringify({ title: titles[why], status: statuses[why] }),
    }),
    finish: (reply) => reply,
  };
}

/** Returns the user or null, or 'failed' if the lookup has thrown. */
async function findOrFail(steps: Steps, userid: string): Promise<UserInfo | null | 'failed'> {
  try {
    return await steps.findUser(userid);
  } catch {
    return 'failed';
  }
}

async function answer(steps: Steps, request: EndpointRequest): Promise<Reply> {
  const basic = request.authorization !== undefined && steps.holdsBasic(request.authorization);
  const missing = steps.admit({ basic, certificate: steps.holdsCertificate(request) }, request);
  if (missing) return steps.refuse(missing, request);
  if (!steps.isPathKnown(request.path)) return steps.refuse('path', request);
  if (!steps.isMethodAllowed(request.method)) return steps.refuse('method', request);
  const userids = steps.decodeQuery(request.query);
  const userid = userids && steps.findUserid(userids);
  if (userid === null || !steps.isUseridValid(userid)) return steps.refuse('userid', request);
  if (!steps.isSourceUp()) return steps.refuse('source', request);
  const user = await findOrFail(steps, userid);
  if (user === 'failed') return steps.refuse('failure', request);
  if (!user) return steps.refuse('user', request);
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body: steps.writeBody(user) };
}

/** Number of requests on each connection. */
const carried = new WeakMap<Socket, number>();
/** Number of pieces in which each connection's bytes have arrived. */
const pieces = new WeakMap<Socket, number>();

/** Counts what arrives. `unfinished`: connections of one endpoint that have received data, but no complete request yet. */
function watchConnections(server: http.Server | https.Server, unfinished: Set<Socket>): void {
  server.on(server instanceof https.Server ? 'secureConnection' : 'connection', (socket: Socket) => {
    // Runs before the parser, which emits the request while it processes the last piece.
    socket.prependListener('data', () => {
      pieces.set(socket, (pieces.get(socket) ?? 0) + 1);
      if (!carried.has(socket)) unfinished.add(socket);
    });
    socket.once('close', () => unfinished.delete(socket));
  });
}

function readPresented(socket: Socket): EndpointRequest['presented'] {
  if (!(socket instanceof TLSSocket)) return null;
  const certificate = socket.getPeerCertificate();
  if (!certificate?.raw) return null;
  return { certificate, untrusted: socket.authorized ? null : String(socket.authorizationError) };
}

function readRequest(request: http.IncomingMessage, unfinished: Set<Socket>): EndpointRequest {
  const { socket, url: target = '/', rawHeaders } = request;
  const [path = '', ...rest] = target.split('?');
  const query = rest.join('?');
  const earlierOnConnection = carried.get(socket) ?? 0;
  carried.set(socket, earlierOnConnection + 1);
  unfinished.delete(socket);
  const presented = readPresented(socket);
  return {
    method: request.method ?? '',
    ...{ target, path, query, earlierOnConnection, body: '' },
    pieces: pieces.get(socket) ?? 1,
    unfinishedElsewhere: unfinished.size,
    userids: new URLSearchParams(query).getAll('userid'),
    authorization: request.headers.authorization,
    headers: rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
    ),
    httpVersion: request.httpVersion,
    hasCertificate: presented !== null && presented.untrusted === null,
    isAuthorized: socket instanceof TLSSocket && socket.authorized,
    presented,
    isSessionReused: socket instanceof TLSSocket && socket.isSessionReused(),
  };
}

function send(response: http.ServerResponse, { method }: EndpointRequest, reply: Reply): void {
  if (reply.wire !== undefined) {
    response.socket?.end(reply.wire);
    return;
  }
  const headers: Record<string, string | string[]> = {
    'Cache-Control': 'no-store',
    'Content-Length': String(Buffer.byteLength(reply.body)),
  };
  for (const [name, value] of Object.entries(reply.headers))
    headers[name] = typeof value === 'string' ? value : [...value];
  response.writeHead(reply.status, headers);
  if (method !== 'HEAD') response.end(reply.body);
  else if (reply.afterHead === undefined) response.end();
  else {
    // Node ensures that HEAD gets no body, so a fault that sends one bypasses Node.
    response.flushHeaders();
    response.socket?.write(reply.afterHead, () => response.end());
  }
}

/** An endpoint that is listening on loopback. */
export interface RunningEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the endpoint on a free port of localhost. Rejects if it cannot listen. */
export async function startEndpoint(options: EndpointOptions): Promise<RunningEndpoint> {
  const good = createGoodSteps(options);
  const steps: Steps = { ...good, ...options.alter?.(good, options) };

  const unfinished = new Set<Socket>();
  async function respond(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const head = readRequest(incoming, unfinished);
    const request = steps.wantsBody(head) ? { ...head, body: await text(incoming) } : head;
    send(response, request, steps.finish(await answer(steps, request), request));
  }
  const listener: http.RequestListener = (incoming, response) => {
    respond(incoming, response).catch(() => response.destroy());
  };
  const { auth, tls, path = '/user-info', isCertificateDemanded = false } = options;
  const asksForCertificate = auth === 'mtls' || auth === 'both' || auth === 'either';
  const server = tls
    ? https.createServer(
        { requestCert: asksForCertificate, rejectUnauthorized: isCertificateDemanded, ...tls },
        listener,
      )
    : http.createServer(listener);
  watchConnections(server, unfinished);
  const { chooseByHand } = options;
  const front = chooseByHand && server instanceof https.Server ? createHelloFront(server, chooseByHand) : server;
  await new Promise<void>((resolve, reject) => {
    front.once('error', reject);
    front.listen(0, '127.0.0.1', resolve);
  });
  const { port } = front.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}${path}`,
    close: () =>
      new Promise((resolve, reject) => {
        front.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
