// Owns the connections to one origin: TLS, time-outs, size limit, and what each failure of the transport means.
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Dispatcher, errors, Pool } from 'undici';
import { type LookUpSignal, SourceError } from '../user-source.ts';

/** PEM texts. Without `ca` the public roots that Node brings are trusted. */
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
  /** Of one answer's body, both as it is sent and unpacked. */
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

/** An answer whose body has arrived whole and is unpacked. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Names in lower case; a header that was sent twice is a list. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

export interface Upstream {
  readonly origin: string;
  /** @throws {SourceError} when no whole answer came: `unavailable` (transport), `too-slow`, `bad-answer` (no HTTP, too large). */
  request(request: UpstreamRequest, signal: LookUpSignal): Promise<UpstreamAnswer>;
  close(): Promise<void>;
}

const unpack = promisify(gunzip);

/** Makes a pool of connections to `origin` ("https://api.example.com"); opens none yet. Redirects are answers like others. */
export function createUpstream(origin: string, tls: UpstreamTls, limits: UpstreamLimits): Upstream {
  const pool = new Pool(origin, {
    connections: limits.maxConnections,
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.bodyTimeoutMs,
    maxResponseSize: limits.maxBytes,
    connect: {
      timeout: limits.connectTimeoutMs,
      // Written out, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in some environment can't turn it off.
      rejectUnauthorized: true,
      ...(tls.ca && { ca: [...tls.ca] }),
      ...(tls.cert !== undefined && { cert: tls.cert }),
      ...(tls.key !== undefined && { key: tls.key }),
      ...(tls.passphrase !== undefined && { passphrase: tls.passphrase }),
    },
  });
  return {
    origin,
    async request({ method, target, headers, body = null }, signal) {
      try {
        const answer = await dispatch(pool, { method, path: target, headers, body }, signal);
        const encoding = answer.headers['content-encoding'];
        if (encoding === undefined || encoding === 'identity' || answer.body.length === 0) return answer;
        return { ...answer, body: await unpackBody(answer.body, encoding, limits.maxBytes) };
      } catch (error) {
        throw error instanceof SourceError ? error : describeFailure(origin, error, signal);
      }
    },
    close: () => pool.destroy(),
  };
}

/**
 * Sends a request and collects its answer. Not `pool.request`: its stream for the body, which could be read slowly, costs
 * as much as all the rest of a small answer.
 *
 * @throws whatever undici gives, or the reason of the signal.
 */
function dispatch(pool: Pool, options: Dispatcher.DispatchOptions, signal: LookUpSignal): Promise<UpstreamAnswer> {
  return new Promise((resolve, reject) => {
    let control: Dispatcher.DispatchController | null = null;
    let status = 0;
    let headers: UpstreamAnswer['headers'] = {};
    const chunks: Buffer[] = [];
    const abort = () => {
      // Also while the request waits for a connection, when there is nothing to abort yet.
      reject(signal.reason);
      control?.abort(new Error('the look-up was given up'));
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    pool.dispatch(options, {
      onRequestStart(controller) {
        // Once more when undici sends a request anew that a dying connection did not take.
        control = controller;
        chunks.length = 0;
        if (signal.aborted) controller.abort(new Error('the look-up was given up'));
      },
      onResponseStart(_controller, statusCode, responseHeaders) {
        // 100 to 199 come before the answer.
        if (statusCode < 200) return;
        status = statusCode;
        headers = responseHeaders;
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        signal.removeEventListener('abort', abort);
        const [first = Buffer.alloc(0), ...others] = chunks;
        resolve({ status, headers, body: others.length === 0 ? first : Buffer.concat(chunks) });
      },
      onResponseError(_controller, error) {
        signal.removeEventListener('abort', abort);
        reject(error);
      },
    });
  });
}

async function unpackBody(sent: Uint8Array, encoding: string | string[], maxBytes: number): Promise<Uint8Array> {
  if (encoding !== 'gzip') {
    throw new SourceError(
      'bad-answer',
      'The upstream packed its answer in a way that was not asked for; only gzip is.',
    );
  }
  try {
    return await unpack(sent, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(error);
    throw new SourceError('bad-answer', 'The upstream sent a damaged or cut gzip body.', { cause: error });
  }
}

function tooLarge(cause: unknown): SourceError {
  return new SourceError('bad-answer', "The upstream's answer is larger than maxBytes allows.", { cause });
}

/** OpenSSL's and Node's codes of a peer that is not who it should be. */
const untrustedCodes =
  /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO$)/;

function describeFailure(origin: string, error: unknown, signal: LookUpSignal): SourceError {
  const { code = '' } = error as NodeJS.ErrnoException;
  const fail = (kind: SourceError['kind'], message: string) => new SourceError(kind, message, { cause: error });
  if (signal.aborted)
    return fail('too-slow', `The look-up at ${origin} was given up: it took too long, or its caller left.`);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return tooLarge(error);
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    return fail('too-slow', `${origin} accepted the request and did not answer within headersTimeoutMs.`);
  }
  if (code === 'UND_ERR_BODY_TIMEOUT')
    return fail('too-slow', `${origin} stopped sending for longer than bodyTimeoutMs.`);
  if (code === 'UND_ERR_CONNECT_TIMEOUT')
    return fail('unavailable', `${origin} took no connection within connectTimeoutMs.`);
  if (error instanceof errors.HTTPParserError || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return fail('bad-answer', `${origin} sent what is no HTTP, or too long headers.`);
  }
  if (untrustedCodes.test(code)) {
    return fail(
      'unavailable',
      `${origin} is not trusted, or does not trust us (${code}); see the section tls of the source.`,
    );
  }
  return fail('unavailable', `${origin} could not be reached, or broke the connection (${code || 'no code'}).`);
}
