// Owns asking the endpoint as the platform does: GET URI?userid=…, with its credentials, time-out, repeats and redirects.
import { setTimeout as delay } from 'node:timers/promises';
import { type Dispatcher, errors, Pool } from 'undici';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { ClientCredentials } from './iam-settings.ts';
import { type Answer, type FailureKind, type HttpAnswer, judgeAnswer } from './judge-answer.ts';

export interface PlatformClient {
  /** Never rejects but with the reason of the signal. */
  ask(userid: string, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/** No answer came; `kind` says why. */
class NoAnswer extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, detail: string) {
    super(detail);
    this.kind = kind;
  }
}

const maxRedirects = 5;
const repeated: ReadonlySet<Answer['kind']> = new Set([
  'rate-limited',
  'server-error',
  'timeout',
  'connection',
  'no-http',
] as const);

/** Makes a pool of at most `settings.sync.concurrency` connections; opens none yet. */
export function createPlatformClient(settings: LoadedIamSettings, credentials: ClientCredentials): PlatformClient {
  const { guesses, externalUserInfo, sync } = settings;
  const { origin, pathname, search } = new URL(externalUserInfo.uri);
  const target = `${pathname}${search}${search === '' ? '?' : '&'}userid=`;
  const pool = new Pool(origin, {
    connections: sync.concurrency,
    // One clock counts for a whole request: `timeoutMs`.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: guesses.timeoutMs,
      rejectUnauthorized: guesses.verifyServerCertificate,
      ...(credentials.ca !== null && { ca: credentials.ca }),
      ...(credentials.cert !== null && { cert: credentials.cert }),
      ...(credentials.key !== null && { key: credentials.key }),
    },
  });

  function get(path: string, withBasic: boolean, signal: AbortSignal): Promise<HttpAnswer & { location: string }> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (withBasic && credentials.basicHeader !== null) headers.authorization = credentials.basicHeader;
    return dispatch(pool, { method: 'GET', path, headers }, signal, guesses.timeoutMs, guesses.maxBodyBytes);
  }

  async function getFollowing(path: string, signal: AbortSignal): Promise<HttpAnswer> {
    let current = path;
    let withBasic = guesses.basicWithoutChallenge;
    for (let redirects = 0; ; ) {
      const answer = await get(current, withBasic, signal);
      if (answer.status === 401 && !withBasic && credentials.basicHeader !== null) {
        withBasic = true;
        continue;
      }
      const isRedirect = answer.status >= 300 && answer.status < 400 && answer.location !== '';
      if (!isRedirect || !guesses.followRedirects || redirects++ === maxRedirects) return answer;
      const next = URL.canParse(answer.location, origin + current) ? new URL(answer.location, origin + current) : null;
      // Credentials are for the origin that they were given for.
      if (next?.origin !== origin) return answer;
      current = `${next.pathname}${next.search}`;
    }
  }

  async function askOnce(path: string, signal: AbortSignal): Promise<Answer> {
    try {
      return judgeAnswer(await getFollowing(path, signal), settings);
    } catch (error) {
      if (error instanceof NoAnswer) return { kind: error.kind, status: null, detail: error.message };
      throw error;
    }
  }

  return {
    async ask(userid, signal) {
      const encoded = encodeURIComponent(userid);
      const path = target + (guesses.spaceAs === '+' ? encoded.replaceAll('%20', '+') : encoded);
      for (let attempt = 0; ; attempt++) {
        const answer = await askOnce(path, signal);
        if (attempt === guesses.retries || !repeated.has(answer.kind)) return answer;
        await delay(guesses.retryDelayMs * 2 ** attempt, undefined, { signal });
      }
    },
    close: () => pool.destroy(),
  };
}

/** Not `pool.request`: its stream for the body costs as much as all the rest of a small answer. */
function dispatch(
  pool: Pool,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal,
  timeoutMs: number,
  maxBytes: number,
): Promise<HttpAnswer & { location: string }> {
  return new Promise((resolve, reject) => {
    let control: Dispatcher.DispatchController | null = null;
    let givenUp: Error | null = null;
    let status = 0;
    let headers: Readonly<Record<string, string | string[] | undefined>> = {};
    let bytes = 0;
    const chunks: Buffer[] = [];
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    const giveUp = (reason: Error) => {
      settle();
      // Also while the request waits for a connection, when there is nothing to abort yet.
      givenUp = reason;
      reject(reason);
      control?.abort(reason);
    };
    const onAbort = () => giveUp(signal.reason as Error);
    const timer = setTimeout(
      () => giveUp(new NoAnswer('timeout', `no whole answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    const header = (name: string) => String(headers[name] ?? '');
    pool.dispatch(options, {
      onRequestStart(controller) {
        // Once more when undici sends a request anew that a dying connection did not take.
        control = controller;
        chunks.length = 0;
        bytes = 0;
        if (givenUp) controller.abort(givenUp);
      },
      onResponseStart(_controller, statusCode, responseHeaders) {
        // 100 to 199 come before the answer.
        if (statusCode < 200) return;
        status = statusCode;
        headers = responseHeaders;
      },
      onResponseData(_controller, chunk) {
        bytes += chunk.length;
        if (bytes > maxBytes) giveUp(new NoAnswer('too-large', `the body is larger than ${maxBytes} bytes`));
        else chunks.push(chunk);
      },
      onResponseEnd() {
        settle();
        const [first = Buffer.alloc(0), ...others] = chunks;
        resolve({
          status,
          contentType: header('content-type'),
          contentEncoding: header('content-encoding'),
          location: header('location'),
          body: others.length === 0 ? first : Buffer.concat(chunks),
        });
      },
      onResponseError(_controller, error) {
        settle();
        reject(error instanceof NoAnswer || signal.aborted ? error : describeFailure(error));
      },
    });
  });
}

/** OpenSSL's and Node's codes of a peer that is not who it should be, or does not take us for who we should be. */
const tlsCodes = /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO$)/;

function describeFailure(error: Error): NoAnswer {
  const { code = 'no code' } = error as NodeJS.ErrnoException;
  if (error instanceof errors.HTTPParserError || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new NoAnswer('no-http', 'what came is no HTTP, or has too long headers');
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return new NoAnswer('timeout', 'no connection was made in time');
  if (tlsCodes.test(code)) return new NoAnswer('tls', `the TLS handshake failed (${code})`);
  return new NoAnswer('connection', `no connection, or it broke (${code})`);
}
