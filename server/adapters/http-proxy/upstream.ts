// Connections to one origin: TLS, timeouts, size limit, and the meaning of each transport failure.
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { errors, Pool } from 'undici';
import { type LookUpSignal, SourceError } from '../user-source.ts';
import { AnswerCollector, type UpstreamAnswer } from './answer-collector.ts';

/** PEM texts. Without `ca`, Node's public roots are trusted. */
export interface UpstreamTls {
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
}

export interface UpstreamLimits {
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** Maximum size of a response's body, both encoded and decoded. */
  readonly maxBytes: number;
  readonly maxConnections: number;
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query, percent-encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | null;
}

export interface Upstream {
  readonly origin: string;
  /** @throws {SourceError} if no complete response arrived: `unavailable` (transport), `too-slow`, `bad-answer` (not HTTP, too large). */
  request(request: UpstreamRequest, signal: LookUpSignal): Promise<UpstreamAnswer>;
  close(): Promise<void>;
}

const unpack = promisify(gunzip);

/** Creates a pool of connections to `origin` ("https://api.example.com"); opens none yet. Redirects are ordinary responses. */
export function createUpstream(origin: string, tls: UpstreamTls, limits: UpstreamLimits): Upstream {
  const pool = new Pool(origin, {
    connections: limits.maxConnections,
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.bodyTimeoutMs,
    maxResponseSize: limits.maxBytes,
    connect: {
      timeout: limits.connectTimeoutMs,
      // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment cannot switch it off.
      rejectUnauthorized: true,
      ...(tls.ca && { ca: [...tls.ca] }),
      ...(tls.cert !== undefined && { cert: tls.cert }),
      ...(tls.key !== undefined && { key: tls.key }),
      ...(tls.passphrase !== undefined && { passphrase: tls.passphrase }),
    },
  });
  return {
    origin,
    request: ({ method, target, headers, body = null }, signal) =>
      new Promise((resolve, reject) => {
        const take = (answer: UpstreamAnswer) => {
          const encoding = answer.headers['content-encoding'];
          if (encoding === undefined || encoding === 'identity' || answer.body.length === 0) return resolve(answer);
          unpackBody(answer.body, encoding, limits.maxBytes).then(
            (whole) => resolve({ ...answer, body: whole }),
            reject,
          );
        };
        const fail = (error: unknown) => {
          reject(error instanceof SourceError ? error : describeFailure(origin, error, signal));
        };
        const collector = new AnswerCollector(signal, take, fail);
        if (signal.aborted) fail(signal.reason);
        else pool.dispatch({ method, path: target, headers, body }, collector);
      }),
    close: () => pool.destroy(),
  };
}

async function unpackBody(sent: Uint8Array, encoding: string | string[], maxBytes: number): Promise<Uint8Array> {
  if (encoding !== 'gzip') {
    throw new SourceError(
      'bad-answer',
      'The upstream used a content encoding that was not requested; only gzip is accepted.',
    );
  }
  try {
    return await unpack(sent, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(error);
    throw new SourceError('bad-answer', 'The upstream sent a damaged or truncated gzip body.', { cause: error });
  }
}

function tooLarge(cause: unknown): SourceError {
  return new SourceError(
    'bad-answer',
    "The upstream's response exceeds the number of bytes that maxBytes allows for one lookup.",
    { cause },
  );
}

/** Error codes of OpenSSL and Node for a failed TLS handshake, e.g. because the identity of the peer could not be verified. */
const untrustedCodes =
  /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO$)/;

function describeFailure(origin: string, error: unknown, signal: LookUpSignal): SourceError {
  const { code = '' } = error as NodeJS.ErrnoException;
  const fail = (kind: SourceError['kind'], message: string) => new SourceError(kind, message, { cause: error });
  if (signal.aborted)
    return fail(
      'too-slow',
      `The lookup at ${origin} was canceled: its time limit was reached, or its caller disconnected.`,
    );
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return tooLarge(error);
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    return fail('too-slow', `${origin} accepted the request but did not respond within headersTimeoutMs.`);
  }
  if (code === 'UND_ERR_BODY_TIMEOUT')
    return fail('too-slow', `${origin} stopped sending for longer than bodyTimeoutMs.`);
  if (code === 'UND_ERR_CONNECT_TIMEOUT')
    return fail('unavailable', `${origin} did not accept a connection within connectTimeoutMs.`);
  if (error instanceof errors.HTTPParserError || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return fail('bad-answer', `${origin} sent a response that is not HTTP, or its headers are too long.`);
  }
  if (untrustedCodes.test(code)) {
    return fail('unavailable', `${origin} failed the TLS handshake (${code}). Check source.tls.`);
  }
  return fail('unavailable', `${origin} could not be reached, or closed the connection (${code || 'no code'}).`);
}
