// Owns asking the endpoint as the platform does: GET URI?userid=…, with its credentials, time-out, repeats and redirects.
import { setTimeout as delay } from 'node:timers/promises';
import { type Dispatcher, errors, Pool } from 'undici';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { type FaultGateway, startFaultGateway } from '../faults/fault-gateway.ts';
import { createFaultPlan } from '../faults/fault-plan.ts';
import type { FaultKind, FaultRule, Faults } from '../faults/fault-rules.ts';
import type { ClientCredentials } from './iam-settings.ts';
import {
  type Answer,
  type FailedAnswer,
  type FailureKind,
  type HttpAnswer,
  judgeAnswer,
  judgeStatus,
} from './judge-answer.ts';
import { createRequestsUnderWay, type RequestsUnderWay } from './requests-under-way.ts';

export interface PlatformClient {
  /** Never rejects but with the reason of the signal. */
  ask(userid: string, signal: AbortSignal): Promise<Answer>;
  /**
   * As `ask`, but what came with 200 is not judged: that takes longer than to send the next request, which need not wait for it.
   * `judgeAnswer` judges it.
   */
  fetch(userid: string, signal: AbortSignal): Promise<Answer | HttpAnswer>;
  /** How often each fault was brought in so far. */
  readonly faultsSeen: Readonly<Partial<Record<FaultKind, number>>>;
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

/**
 * Makes a pool of at most `settings.sync.concurrency` connections; opens none yet.
 *
 * @param faults what requests meet on their way to the endpoint; null: nothing.
 */
export function createPlatformClient(
  settings: LoadedIamSettings,
  credentials: ClientCredentials,
  faults: Faults | null = null,
): PlatformClient {
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

  const underWay = createRequestsUnderWay(
    guesses.timeoutMs,
    () => new NoAnswer('timeout', `no whole answer within ${guesses.timeoutMs} ms`),
  );
  // What the gateway asks for is never given up by itself: whoever asked the gateway is.
  const neverAborted = new AbortController().signal;
  const plainHeaders = { accept: 'application/json' };
  const basicHeaders = { ...plainHeaders, authorization: credentials.basicHeader ?? '' };

  const planFaults = faults === null ? null : createFaultPlan(faults);
  const faultsSeen: Partial<Record<FaultKind, number>> = {};
  let gateway: Promise<FaultGateway> | null = null;

  function get(path: string, withBasic: boolean, signal: AbortSignal): Promise<HttpAnswer & { location: string }> {
    const headers = withBasic && credentials.basicHeader !== null ? basicHeaders : plainHeaders;
    return dispatch(pool, { method: 'GET', path, headers }, signal, underWay, guesses.maxBodyBytes);
  }

  async function getSpoiled(path: string, withBasic: boolean, signal: AbortSignal, rule: FaultRule) {
    gateway ??= startFaultGateway((upstream, asks) => get(upstream, asks, neverAborted), sync.concurrency);
    const route = (await gateway).route(rule, withBasic);
    const options: Dispatcher.DispatchOptions = { method: 'GET', path, headers: route.headers };
    return dispatch(route.pool, options, signal, underWay, guesses.maxBodyBytes);
  }

  async function getFollowing(path: string, signal: AbortSignal, rule: FaultRule | null): Promise<HttpAnswer> {
    let current = path;
    let withBasic = guesses.basicWithoutChallenge;
    for (let redirects = 0; ; ) {
      const answer = rule ? await getSpoiled(current, withBasic, signal, rule) : await get(current, withBasic, signal);
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

  async function fetchOnce(
    path: string,
    signal: AbortSignal,
    rule: FaultRule | null,
  ): Promise<FailedAnswer | HttpAnswer> {
    if (rule) faultsSeen[rule.kind] = (faultsSeen[rule.kind] ?? 0) + 1;
    try {
      const answer = await getFollowing(path, signal, rule);
      return answer.status === 200 ? answer : judgeStatus(answer.status);
    } catch (error) {
      if (error instanceof NoAnswer) return { kind: error.kind, status: null, detail: error.message };
      throw error;
    }
  }

  async function fetch(userid: string, signal: AbortSignal): Promise<Answer | HttpAnswer> {
    const faultOf = planFaults?.(userid);
    const encoded = encodeURIComponent(userid);
    const path = target + (guesses.spaceAs === '+' ? encoded.replaceAll('%20', '+') : encoded);
    for (let attempt = 0; ; attempt++) {
      const answer = await fetchOnce(path, signal, faultOf?.(attempt) ?? null);
      if ('body' in answer || attempt === guesses.retries || !repeated.has(answer.kind)) return answer;
      await delay(guesses.retryDelayMs * 2 ** attempt, undefined, { signal });
    }
  }

  return {
    faultsSeen,
    fetch,
    async ask(userid, signal) {
      const answer = await fetch(userid, signal);
      return 'body' in answer ? judgeAnswer(answer, settings) : answer;
    },
    async close() {
      await (await gateway)?.close();
      await pool.destroy();
      underWay.close();
    },
  };
}

/** Not `pool.request`: its stream for the body costs as much as all the rest of a small answer. */
function dispatch(
  pool: Pool,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal,
  underWay: RequestsUnderWay,
  maxBytes: number,
): Promise<HttpAnswer & { location: string }> {
  return new Promise((resolve, reject) => {
    let control: Dispatcher.DispatchController | null = null;
    let givenUp: Error | null = null;
    let status = 0;
    let headers: Readonly<Record<string, string | string[] | undefined>> = {};
    let bytes = 0;
    const chunks: Buffer[] = [];
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const request = {
      giveUp(reason: Error) {
        // Also while the request waits for a connection, when there is nothing to abort yet.
        givenUp = reason;
        reject(reason);
        control?.abort(reason);
      },
    };
    const place = underWay.add(request, signal);
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
        if (bytes <= maxBytes) {
          chunks.push(chunk);
          return;
        }
        underWay.delete(place, request);
        request.giveUp(new NoAnswer('too-large', `the body is larger than ${maxBytes} bytes`));
      },
      onResponseEnd() {
        underWay.delete(place, request);
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
        underWay.delete(place, request);
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
