// Owns asking the endpoint over HTTP(S) with supertest: a question goes out, the exact bytes of the answer come back.
import http from 'node:http';
import https from 'node:https';
import supertest, { type Response } from 'supertest';
import { kitVersion } from '../schemas/kit-version.ts';
import type { Credentials } from './credentials.ts';
import { findNoAnswer, NoAnswer } from './no-answer.ts';

/** Where the endpoint is and how it is reached; PEM texts. */
export interface Endpoint {
  readonly url: URL;
  /** Trust anchors for the server's certificate; absent: those of Node. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** For one whole request. */
  readonly timeoutMs: number;
}

type Method = 'GET' | 'HEAD' | 'POST';

/** One request. */
export interface Question {
  readonly method: Method;
  /** One `userid` parameter each: none is a missing one, two are a repeated one. */
  readonly userids: readonly string[];
  readonly credentials: Credentials;
}

export interface Answer {
  readonly status: number;
  /** The value of a header, repeated ones joined by ", "; null when it is not there. */
  header(name: string): string | null;
  /** After content decoding; empty for HEAD. */
  readonly body: Buffer;
}

/** A 200 of one user is a few kilobytes; more than this is not read. */
const maxAnswerBytes = 32 * 1024 * 1024;

export const userAgent = `user-info-kit/${kitVersion} (conformance)`;

/** Path and query of a question, each user id percent-encoded as UTF-8. */
export function requestTarget(url: URL, userids: readonly string[]): string {
  const query = userids.map((userid) => `userid=${encodeURIComponent(userid)}`).join('&');
  return query === '' ? url.pathname : `${url.pathname}?${query}`;
}

/** TLS options of a connection that presents `credentials`. */
export function tlsOptions(endpoint: Endpoint, credentials: Credentials) {
  const { ca, cert, key } = endpoint;
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(credentials.certificate && cert !== undefined && key !== undefined ? { cert, key } : {}),
  };
}

/**
 * Kept-alive connections that all present `credentials`, at most `maxSockets` at once. The caller destroys them, and
 * shares them with no other credentials: a resumed session would hide that a certificate is not asked for again.
 */
export function createConnections(endpoint: Endpoint, credentials: Credentials, maxSockets: number): http.Agent {
  const options = { keepAlive: true, maxSockets };
  if (endpoint.url.protocol === 'http:') return new http.Agent(options);
  return new https.Agent({ ...options, ...tlsOptions(endpoint, credentials), maxCachedSessions: 0 });
}

/** A connection for one question. */
function createSingleConnection(endpoint: Endpoint, credentials: Credentials): http.Agent {
  if (endpoint.url.protocol === 'http:') return new http.Agent({ keepAlive: false });
  return new https.Agent({ keepAlive: false, maxCachedSessions: 0, ...tlsOptions(endpoint, credentials) });
}

function collectBytes(response: Response, done: (error: Error | null, body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => done(null, Buffer.concat(chunks)));
}

function toAnswer(response: Response): Answer {
  const headers = response.headers as Record<string, string | string[] | undefined>;
  return {
    status: response.status,
    header(name) {
      const value = headers[name.toLowerCase()];
      return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
    },
    body: Buffer.isBuffer(response.body) ? response.body : Buffer.alloc(0),
  };
}

/**
 * Asks once and follows no redirect. Without `connections`, on a connection of its own, so that nothing of an earlier
 * request's TLS session or credentials is left. Throws NoAnswer when no HTTP answer came.
 */
export async function ask(endpoint: Endpoint, question: Question, connections?: http.Agent): Promise<Answer> {
  const { method, userids, credentials } = question;
  const agent = connections ?? createSingleConnection(endpoint, credentials);
  const path = requestTarget(endpoint.url, userids);
  const client = supertest(endpoint.url.origin);
  const request = method === 'GET' ? client.get(path) : method === 'HEAD' ? client.head(path) : client.post(path);
  request
    .agent(agent)
    .set({ Accept: 'application/json', 'Accept-Encoding': 'identity', 'User-Agent': userAgent })
    .timeout({ deadline: endpoint.timeoutMs })
    .maxResponseSize(maxAnswerBytes)
    .buffer(true)
    .parse(collectBytes);
  if (credentials.authorization !== null) request.set('Authorization', credentials.authorization);
  try {
    return toAnswer(await request);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ETOOLARGE') {
      throw new NoAnswer('too-large', 'ETOOLARGE', { cause: error });
    }
    throw findNoAnswer(error) ?? error;
  } finally {
    if (!connections) agent.destroy();
  }
}
