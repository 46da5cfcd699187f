// Requests over a plain socket: sends those that supertest would change or refuse, and reads every byte of the response.
import tls from 'node:tls';
import { answerLimits } from './answer-limits.ts';
import { decodeContent, userAgent } from './ask.ts';
import {
  type Answer,
  type Endpoint,
  type EndpointRequest,
  findHeader,
  requestTarget,
  type TlsFacts,
} from './endpoint-request.ts';
import { findNoAnswer, NoAnswer } from './no-answer.ts';
import { connect } from './open-socket.ts';
import { type ReadResponse, ResponseReader } from './response-reader.ts';
import { readTlsFacts } from './tls-facts.ts';

/** Returns the request as bytes. `connection`: "close" or "keep-alive". */
export function writeRequest(endpoint: Endpoint, request: EndpointRequest, connection: string): Buffer {
  const { method, credentials, headers = [], body, httpVersion = '1.1' } = request;
  const own = new Set(headers.map(([name]) => name.toLowerCase()));
  const usual: readonly (readonly [string, string])[] = [
    ['Host', endpoint.url.host],
    ['User-Agent', userAgent],
    ['Accept', 'application/json'],
    ['Connection', connection],
    ...(body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const]),
  ];
  const lines = [
    `${method} ${requestTarget(endpoint.url, request)} HTTP/${httpVersion}`,
    // A header of the request replaces the usual one, except Host: a second Host header is a test.
    ...usual
      .filter(([name]) => name === 'Host' || !own.has(name.toLowerCase()))
      .map(([name, value]) => `${name}: ${value}`),
    ...(credentials.authorization === null ? [] : [`Authorization: ${credentials.authorization}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body ?? '', 'utf8')]);
}

/** How long `isRaw` waits for bytes that should not follow if the endpoint keeps the connection open. */
const graceMs = 250;

/** Times at which the request was started and the first byte of its response arrived. */
interface Reading {
  readonly startedAt: number;
  firstByteAt: number;
}

/** Returns a response as read from the connection. @param surplusBytes number of bytes after the response on the connection. */
export function toRawAnswer(
  response: ReadResponse,
  surplusBytes: number,
  reading: Readonly<Reading>,
  facts: TlsFacts | null,
): Answer {
  const { rawHeaders, wireBody, isChunked, status, httpVersion, isComplete } = response;
  const header = (name: string) => findHeader(rawHeaders, name);
  const { body, isTooLarge } = decodeContent(wireBody, header('content-encoding'));
  const exceeded = response.exceeded ?? (isTooLarge ? 'body' : null);
  return {
    status,
    header,
    rawHeaders,
    wireBody,
    body,
    isChunked,
    isTruncated: !isComplete || exceeded !== null,
    ...(exceeded === null ? {} : { exceeded }),
    surplusBytes,
    firstByteMs: reading.firstByteAt - reading.startedAt,
    totalMs: performance.now() - reading.startedAt,
    httpVersion,
    parserFault: null,
    tls: facts,
  };
}

/**
 * Sends a request on its own connection. Reads until the response is complete (with `isRaw`, 250 ms longer), the endpoint closes the connection,
 * `timeoutMs` has passed, or a limit is exceeded. The bytes that have arrived by then are the response. Throws NoAnswer if no response arrived.
 */
export async function askRaw(endpoint: Endpoint, request: EndpointRequest): Promise<Answer> {
  const reading: Reading = { startedAt: performance.now(), firstByteAt: 0 };
  const socket = await connect(endpoint, request);
  return new Promise((resolve, reject) => {
    const reader = new ResponseReader(request.method);
    let surplusBytes = 0;
    let hasBegun = false;
    let isGraceRunning = false;
    let facts: TlsFacts | null = null;
    let session: Buffer | null = null;
    const msLeft = endpoint.timeoutMs - (performance.now() - reading.startedAt);
    let deadline = setTimeout(() => finish(new NoAnswer('timeout', 'ETIMEDOUT')), msLeft);

    function finish(failure: Error): void {
      clearTimeout(deadline);
      socket.destroy();
      const response = reader.read();
      if (response) resolve(toRawAnswer(response, surplusBytes, reading, facts && { ...facts, session }));
      else reject(reader.isNotHttp ? new NoAnswer('not-http', 'HPE_INVALID_CONSTANT') : failure);
    }

    socket.on('secureConnect', () => {
      if (socket instanceof tls.TLSSocket) facts = readTlsFacts(socket, null);
    });
    socket.on('session', (latest: Buffer) => {
      session = latest;
    });
    socket.on('data', (chunk: Buffer) => {
      if (!hasBegun) reading.firstByteAt = performance.now();
      hasBegun = true;
      surplusBytes += reader.push(chunk).length;
      const isEnough = reader.isNotHttp || reader.exceeded !== null || surplusBytes > answerLimits.maxSurplusBytes;
      if (isEnough) finish(new NoAnswer('too-large', 'ETOOLARGE'));
      else if (reader.isDone && !isGraceRunning) {
        isGraceRunning = true;
        clearTimeout(deadline);
        deadline = setTimeout(() => finish(new NoAnswer('timeout', 'ETIMEDOUT')), request.isRaw ? graceMs : 0);
      }
    });
    socket.once('error', (error) => finish(findNoAnswer(error) ?? error));
    socket.once('close', () => finish(new NoAnswer('closed', 'ECONNRESET')));
    socket.write(writeRequest(endpoint, request, 'close'));
  });
}
