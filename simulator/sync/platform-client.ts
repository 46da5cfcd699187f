// The platform's client for an endpoint: GET URI?userid=…, with credentials, timeout, retries and redirects.
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { type FaultGateway, startFaultGateway } from '../faults/fault-gateway.ts';
import { createFaultPlan } from '../faults/fault-plan.ts';
import type { FaultKind, FaultRule, Faults } from '../faults/fault-rules.ts';
import { type EndpointAnswer, NoAnswer } from './endpoint-answer.ts';
import { createEndpointRequests } from './endpoint-requests.ts';
import { type Answer, evaluateResponse, evaluateStatus, type FailedAnswer } from './evaluate-response.ts';
import type { ClientCredentials } from './iam-settings.ts';

export interface PlatformClient {
  /** Rejects only with the abort reason of the signal. */
  ask(userid: string, signal: AbortSignal): Promise<Answer>;
  /**
   * Works like `ask`, but returns a 200 response without validating it: validation takes longer than sending the next request, which must not wait.
   * `evaluateResponse` validates it.
   *
   * @param onBackOff called after each pause before a retry, which is not part of the endpoint's latency.
   */
  fetch(userid: string, signal: AbortSignal, onBackOff?: (elapsedMs: number) => void): Promise<Answer | EndpointAnswer>;
  /** Number of injected faults by kind. */
  readonly faultsSeen: Readonly<Partial<Record<FaultKind, number>>>;
  close(): Promise<void>;
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
 * Creates a client with at most `settings.sync.concurrency` connections; opens none yet.
 *
 * @param faults to inject into requests; null: none.
 */
export function createPlatformClient(
  settings: LoadedIamSettings,
  credentials: ClientCredentials,
  faults: Faults | null = null,
): PlatformClient {
  const { guesses, externalUserInfo, sync } = settings;
  const endpoint = new URL(externalUserInfo.uri);
  const { origin, pathname, search } = endpoint;
  const target = `${pathname}${search}${search === '' ? '?' : '&'}userid=`;
  const requests = createEndpointRequests(origin, {
    connections: sync.concurrency,
    maxBodyBytes: guesses.maxBodyBytes,
    timeoutMs: guesses.timeoutMs,
    tls: {
      rejectUnauthorized: guesses.verifyServerCertificate,
      ...(credentials.ca !== null && { ca: credentials.ca }),
      ...(credentials.cert !== null && { cert: credentials.cert }),
      ...(credentials.key !== null && { key: credentials.key }),
    },
  });

  // The gateway's requests need no signal of their own, because the request to the gateway is aborted by one.
  const neverAborted = new AbortController().signal;
  const { basicHeader } = credentials;
  const plainHeaders = { accept: 'application/json' };
  const basicHeaders = basicHeader === null ? plainHeaders : { ...plainHeaders, authorization: basicHeader };

  const planFaults = faults === null ? null : createFaultPlan(faults);
  const faultsSeen: Partial<Record<FaultKind, number>> = {};
  let gateway: Promise<FaultGateway> | null = null;

  function get(path: string, withBasic: boolean, signal: AbortSignal): Promise<EndpointAnswer> {
    return requests.get(path, withBasic ? basicHeaders : plainHeaders, signal);
  }

  async function getSpoiled(path: string, withBasic: boolean, signal: AbortSignal, rule: FaultRule) {
    gateway ??= startFaultGateway((upstream, asks) => get(upstream, asks, neverAborted), settings);
    return (await gateway).get(path, withBasic, rule, signal);
  }

  async function getFollowing(path: string, signal: AbortSignal, rule: FaultRule | null): Promise<EndpointAnswer> {
    let current = path;
    let withBasic = guesses.basicWithoutChallenge;
    for (let redirects = 0; ; ) {
      const answer = rule ? await getSpoiled(current, withBasic, signal, rule) : await get(current, withBasic, signal);
      if (answer.status === 401 && !withBasic && basicHeader !== null) {
        withBasic = true;
        continue;
      }
      const isRedirect = answer.status >= 300 && answer.status < 400 && answer.location !== '';
      if (!isRedirect || !guesses.followRedirects || redirects++ === maxRedirects) return answer;
      const next = URL.canParse(answer.location, origin + current) ? new URL(answer.location, origin + current) : null;
      // Credentials are sent only to their own origin.
      if (next?.origin !== origin) return answer;
      current = `${next.pathname}${next.search}`;
    }
  }

  async function fetchOnce(
    path: string,
    signal: AbortSignal,
    rule: FaultRule | null,
  ): Promise<FailedAnswer | EndpointAnswer> {
    if (rule) faultsSeen[rule.kind] = (faultsSeen[rule.kind] ?? 0) + 1;
    try {
      const answer = await getFollowing(path, signal, rule);
      return answer.status === 200 ? answer : evaluateStatus(answer, origin);
    } catch (error) {
      if (error instanceof NoAnswer) return { kind: error.kind, status: null, detail: error.message };
      throw error;
    }
  }

  async function fetch(
    userid: string,
    signal: AbortSignal,
    onBackOff?: (elapsedMs: number) => void,
  ): Promise<Answer | EndpointAnswer> {
    const faultOf = planFaults?.(userid);
    const encoded = encodeURIComponent(userid);
    const path = target + (guesses.spaceAs === '+' ? encoded.replaceAll('%20', '+') : encoded);
    for (let attempt = 0; ; attempt++) {
      const answer = await fetchOnce(path, signal, faultOf?.(attempt) ?? null);
      if ('body' in answer || attempt === guesses.retries || !repeated.has(answer.kind)) return answer;
      const pausedMs = performance.now();
      await delay(guesses.retryDelayMs * 2 ** attempt, undefined, { signal });
      onBackOff?.(performance.now() - pausedMs);
    }
  }

  return {
    faultsSeen,
    fetch,
    async ask(userid, signal) {
      const answer = await fetch(userid, signal);
      return 'body' in answer ? evaluateResponse(answer, settings) : answer;
    },
    async close() {
      await (await gateway)?.close();
      await requests.close();
    },
  };
}
