// Owns asking over a plain socket: requests that supertest would mend or refuse, and every byte that comes back.
import tls from 'node:tls';
import { userAgent } from './ask.ts';
import { decodeContent } from './decode-content.ts';
import { findNoAnswer, NoAnswer } from './no-answer.ts';
import { connect } from './open-socket.ts';
import { type ParsedResponse, parseResponse } from './parse-response.ts';
import {
  type Answer,
  type Endpoint,
  findHeader,
  maxAnswerBytes,
  type Question,
  requestTarget,
  type TlsFacts,
} from './question.ts';
import { readTlsFacts } from './tls-facts.ts';

/** The request as bytes. `connection`: "close" or "keep-alive". */
export function writeRequest(endpoint: Endpoint, question: Question, connection: string): Buffer {
  const { method, credentials, headers = [], body, httpVersion = '1.1' } = question;
  const own = new Set(headers.map(([name]) => name.toLowerCase()));
  const usual: readonly (readonly [string, string])[] = [
    ['Host', endpoint.url.host],
    ['User-Agent', userAgent],
    ['Accept', 'application/json'],
    ['Connection', connection],
    ...(body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const]),
  ];
  const lines = [
    `${method} ${requestTarget(endpoint.url, question)} HTTP/${httpVersion}`,
    // A header of the question's own stands in place of the usual one, but for Host: a second one is a question too.
    ...usual
      .filter(([name]) => name === 'Host' || !own.has(name.toLowerCase()))
      .map(([name, value]) => `${name}: ${value}`),
    ...(credentials.authorization === null ? [] : [`Authorization: ${credentials.authorization}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body ?? '', 'utf8')]);
}

/** How long `isRaw` waits for bytes that should not follow, when the endpoint keeps the connection open. */
const graceMs = 250;

/** What has been read of one answer so far. */
interface Reading {
  readonly startedAt: number;
  firstByteAt: number;
}

/** An answer from the wire; what follows it on the connection is its surplus. */
export function toRawAnswer(parsed: ParsedResponse, reading: Readonly<Reading>, facts: TlsFacts | null): Answer {
  const { rawHeaders, wireBody, isChunked, status, httpVersion, isComplete, rest } = parsed;
  const header = (name: string) => findHeader(rawHeaders, name);
  return {
    status,
    header,
    rawHeaders,
    wireBody,
    body: decodeContent(wireBody, header('content-encoding')),
    isChunked,
    isTruncated: !isComplete,
    surplusBytes: rest.length,
    firstByteMs: reading.firstByteAt - reading.startedAt,
    totalMs: performance.now() - reading.startedAt,
    httpVersion,
    parserFault: null,
    tls: facts,
  };
}

function isWhole(parsed: ReturnType<typeof parseResponse>): boolean {
  return parsed !== null && parsed !== 'not-http' && parsed.isComplete && !parsed.endsWithConnection;
}

/**
 * Asks on a connection of its own, and reads until the endpoint closes it or `timeoutMs` is over: what has come by then
 * counts. Throws NoAnswer when no answer came.
 */
export async function askRaw(endpoint: Endpoint, question: Question): Promise<Answer> {
  const reading: Reading = { startedAt: performance.now(), firstByteAt: 0 };
  const socket = await connect(endpoint, question);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let facts: TlsFacts | null = null;
    let session: Buffer | null = null;
    const msLeft = endpoint.timeoutMs - (performance.now() - reading.startedAt);
    let deadline = setTimeout(() => finish(new NoAnswer('timeout', 'ETIMEDOUT')), msLeft);

    function finish(failure: Error): void {
      clearTimeout(deadline);
      socket.destroy();
      const parsed = parseResponse(Buffer.concat(chunks), question.method);
      if (size > 0 && parsed === 'not-http') reject(new NoAnswer('not-http', 'HPE_INVALID_CONSTANT'));
      else if (size > maxAnswerBytes || parsed === null || parsed === 'not-http') reject(failure);
      else resolve(toRawAnswer(parsed, reading, facts && { ...facts, session }));
    }

    socket.on('secureConnect', () => {
      if (socket instanceof tls.TLSSocket) facts = readTlsFacts(socket, null);
    });
    socket.on('session', (latest: Buffer) => {
      session = latest;
    });
    socket.on('data', (chunk: Buffer) => {
      if (size === 0) reading.firstByteAt = performance.now();
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxAnswerBytes) finish(new NoAnswer('too-large', 'ETOOLARGE'));
      else if (isWhole(parseResponse(Buffer.concat(chunks), question.method))) {
        clearTimeout(deadline);
        deadline = setTimeout(() => finish(new NoAnswer('timeout', 'ETIMEDOUT')), question.isRaw ? graceMs : 0);
      }
    });
    socket.once('error', (error) => finish(findNoAnswer(error) ?? error));
    socket.once('close', () => finish(new NoAnswer('closed', 'ECONNRESET')));
    socket.write(writeRequest(endpoint, question, 'close'));
  });
}
