// Requests over HTTP(S) with supertest: those that the platform could also send. Everything else is in ask-raw.ts.
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import supertest, { type Response, type Test } from 'supertest';
import { kitVersion } from '../../schemas/kit-version.ts';
import { answerLimits } from './answer-limits.ts';
import type { Credentials } from './credentials.ts';
import {
  type Answer,
  type Endpoint,
  type EndpointRequest,
  findHeader,
  requestTarget,
  type TlsFacts,
} from './endpoint-request.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { findNoAnswer, NoAnswer } from './no-answer.ts';
import { connect, createLateConnection } from './open-socket.ts';
import { readTlsFacts } from './tls-facts.ts';

export const userAgent = `user-info-kit/${kitVersion} (conformance)`;

const supertestMethods = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const;

function findMethod({ method }: EndpointRequest): (typeof supertestMethods)[number] | undefined {
  return supertestMethods.find((name) => name.toUpperCase() === method);
}

/** Returns whether supertest sends the request unchanged. It would normalize a custom path or query, and join repeated headers. */
export function isForSupertest(endpointRequest: EndpointRequest): boolean {
  const { path, query, headers, httpVersion, isRaw } = endpointRequest;
  const isPlain = path === undefined && query === undefined && headers === undefined;
  return isPlain && httpVersion !== '1.0' && isRaw !== true && findMethod(endpointRequest) !== undefined;
}

/**
 * Returns persistent connections with `credentials`, at most `maxSockets` at once. The caller must destroy them, and must not use them for other
 * credentials: a resumed session would hide that a certificate is not requested again.
 */
export function createConnections(endpoint: Endpoint, credentials: Credentials, maxSockets: number): http.Agent {
  return createAgent(endpoint, { credentials }, { keepAlive: true, maxSockets });
}

/** Returns an agent that opens connections like the rest of the kit, and resumes only the session in `endpointRequest`. */
function createAgent(
  endpoint: Endpoint,
  endpointRequest: Pick<EndpointRequest, 'credentials' | 'tls'>,
  options: http.AgentOptions,
): http.Agent {
  const agent = endpoint.url.protocol === 'http:' ? new http.Agent(options) : new https.Agent(options);
  agent.createConnection = (_options, done) => {
    connect(endpoint, endpointRequest).then(
      (socket) => done?.(null, socket),
      // Node's types require a socket together with the error, but there is none.
      (error: Error) => (done as ((error: Error) => void) | undefined)?.(error),
    );
    return undefined;
  };
  return agent;
}

/** Data observed below supertest, which drops the letter case of headers, the encoded body and the connection. */
interface Tap {
  response?: http.IncomingMessage;
  isConnected: boolean;
  tls: TlsFacts | null;
  readonly body: GrowingBuffer;
  firstByteAt: number;
}

/** Internals of supertest's request: its native request, once it exists. */
type NativeTest = Test & { readonly req: http.ClientRequest };

function tap(request: Test): Tap {
  const tapped: Tap = { isConnected: false, tls: null, body: new GrowingBuffer(), firstByteAt: 0 };
  request.on('request', ({ req }: NativeTest) => {
    let session: Buffer | null = null;
    req.once('socket', (socket) => {
      tapped.isConnected = true;
      if (!(socket instanceof TLSSocket)) return;
      const remember = (latest: Buffer) => {
        session = latest;
      };
      socket.on('session', remember);
      req.once('close', () => socket.off('session', remember));
    });
    req.prependOnceListener('response', (response: http.IncomingMessage) => {
      tapped.response = response;
      tapped.firstByteAt = performance.now();
      const { socket } = response;
      if (socket instanceof TLSSocket) tapped.tls = readTlsFacts(socket, session);
      response.on('data', (chunk: Buffer) => {
        tapped.body.append(chunk.subarray(0, answerLimits.maxBodyBytes - tapped.body.length));
      });
      // superagent would decode the body, and splits Content-Type and Link with patterns that take quadratic time. rawHeaders still contains all of
      // them.
      for (const name of Object.keys(response.headers)) delete response.headers[name];
    });
  });
  return tapped;
}

function pairHeaders(rawHeaders: readonly string[]): Answer['rawHeaders'] {
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : []));
}

function toAnswer(response: http.IncomingMessage, tapped: Tap, startedAt: number, isTooLarge = false): Answer {
  const rawHeaders = pairHeaders(response.rawHeaders);
  const header = (name: string) => findHeader(rawHeaders, name);
  const wireBody = tapped.body.toBuffer();
  const decoded = decodeContent(wireBody, header('content-encoding'));
  const isCut = isTooLarge || decoded.isTooLarge;
  return {
    status: response.statusCode ?? 0,
    header,
    rawHeaders,
    wireBody,
    body: decoded.body,
    isChunked: /\bchunked\b/i.test(header('transfer-encoding') ?? ''),
    isTruncated: isCut || !response.complete,
    ...(isCut ? { exceeded: 'body' } : {}),
    surplusBytes: null,
    firstByteMs: tapped.firstByteAt - startedAt,
    totalMs: performance.now() - startedAt,
    httpVersion: response.httpVersion,
    parserFault: null,
    tls: tapped.tls,
  };
}

/** Consumes a response whose bytes are read below superagent, where they are not decoded yet. */
function drain(response: Response, done: (error: Error | null, body: null) => void): void {
  response.on('data', () => undefined);
  response.on('end', () => done(null, null));
}

/**
 * Sends one request without following redirects. Without `connections`, uses a new connection, so that no TLS session or credentials of an earlier
 * request remain. Throws NoAnswer if no HTTP response arrived.
 */
export async function ask(
  endpoint: Endpoint,
  endpointRequest: EndpointRequest,
  connections?: http.Agent,
): Promise<Answer> {
  const { credentials, body } = endpointRequest;
  const agent = connections ?? createAgent(endpoint, endpointRequest, { keepAlive: false });
  const request = supertest(endpoint.url.origin)[findMethod(endpointRequest) ?? 'get'](
    requestTarget(endpoint.url, endpointRequest),
  );
  request
    .agent(agent)
    .set({ Accept: 'application/json', 'Accept-Encoding': 'identity', 'User-Agent': userAgent })
    .timeout({ deadline: endpoint.timeoutMs })
    .maxResponseSize(answerLimits.maxBodyBytes)
    .buffer(true)
    .parse(drain);
  if (credentials.authorization !== null) request.set('Authorization', credentials.authorization);
  const startedAt = performance.now();
  const tapped = tap(request);
  try {
    await (body === undefined ? request : request.send(body));
    if (!tapped.response) throw new NoAnswer('closed', 'ECONNRESET');
    return toAnswer(tapped.response, tapped, startedAt);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ETOOLARGE') {
      if (!tapped.response) throw new NoAnswer('too-large', 'ETOOLARGE');
      return toAnswer(tapped.response, tapped, startedAt, true);
    }
    const noAnswer = findNoAnswer(error);
    // The status and the headers arrived before the connection was lost: that is a truncated response.
    if (noAnswer?.kind === 'closed' && tapped.response) return toAnswer(tapped.response, tapped, startedAt);
    // Bytes after the announced end are not a second response: the first one is complete, and is still being read.
    if (noAnswer?.kind === 'not-http' && tapped.response?.complete) {
      if (!tapped.response.readableEnded) await once(tapped.response, 'end');
      return toAnswer(tapped.response, tapped, startedAt);
    }
    if (noAnswer?.kind === 'timeout' && !tapped.isConnected) throw createLateConnection(endpoint);
    throw noAnswer ?? error;
  } finally {
    if (!connections) agent.destroy();
  }
}

const decoders: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

interface DecodedContent {
  /** The decoded bytes, or the given bytes if there is no coding, the coding is unknown or wrong, or the result is too large. */
  readonly body: Buffer;
  /** Whether the decoded bytes exceed what the kit reads. */
  readonly isTooLarge: boolean;
}

/** Decodes the content coding of a body. */
export function decodeContent(bytes: Buffer, coding: string | null): DecodedContent {
  const name = coding?.trim().toLowerCase() ?? '';
  const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (!decode || bytes.length === 0) return { body: bytes, isTooLarge: false };
  try {
    return { body: decode(bytes, { maxOutputLength: answerLimits.maxBodyBytes }), isTooLarge: false };
  } catch (error) {
    return { body: bytes, isTooLarge: (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' };
  }
}
