// Readiness of a server: whether it can respond, and what an operator should look at.
import { setTimeout as sleep } from 'node:timers/promises';
import type { UserSource } from '../adapters/user-source.ts';
import type { ReloadState } from '../reload/reload-state.ts';
import type { ServerLog } from './logger.ts';

/**
 * The body of /readyz. `not-ready`: 503. `degraded`: ready, but something needs attention, for example because the configuration or data in use is
 * not the newest.
 */
export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'not-ready';
  /** Reasons, without absolute paths or lines of the configuration; details are in the log. */
  readonly reasons: readonly string[];
  /** Generation of the configuration in use; 1: the one loaded at startup. */
  readonly generation: number;
}

/** Snapshot of the state from which readiness is determined. */
export interface ReadinessState {
  readonly source: UserSource;
  readonly reload: ReloadState;
  /** Time limit of the source's check. */
  readonly checkDeadlineMs: number;
  /** The server's own reasons for being degraded. */
  readonly otherReasons: readonly string[];
}

/** Probes can be arbitrarily frequent; the backend is checked at most once in this time. */
const checkedForMs = 1000;

/**
 * Creates the function that reports whether the server can respond. A server that uses its last valid configuration or data, because a newer one is
 * invalid, is `degraded`, not `not-ready`. Otherwise, one bad file would take every replica out of service at once.
 *
 * The source is checked once for all concurrent callers, and the result is valid for a second.
 */
export function createReadiness(logger: ServerLog['logger']): (state: ReadinessState) => Promise<Readiness> {
  let checkDeadlineMs = 0;
  let reported: string | null = null;
  const failureOf = shareFor(checkedForMs, (source: UserSource) => findFailure(source, checkDeadlineMs));
  return async (state) => {
    checkDeadlineMs = state.checkDeadlineMs;
    const { generation } = state.reload;
    const failure = await failureOf(state.source);
    if (failure !== reported) {
      reported = failure;
      if (failure === null) logger.info('ready again: the check of the source succeeded');
      else logger.warn({ reason: failure }, 'not ready: the check of the source failed');
    }
    if (failure !== null) return { status: 'not-ready', reasons: [withoutPaths(failure)], generation };
    const staleReason = state.source.status?.().staleReason ?? null;
    const reasons = [...state.otherReasons, ...(staleReason === null ? [] : [staleReason])].map(withoutPaths);
    if (state.reload.refusal !== null) reasons.push(describeRefusal(state.reload.refusal, generation));
    return { status: reasons.length === 0 ? 'ready' : 'degraded', reasons, generation };
  };
}

/** Reports that a newer configuration was rejected, without quoting its text or line numbers. */
export function describeRefusal(errors: readonly string[], generation: number): string {
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  return `The newer configuration was rejected with ${count}; see the log. Generation ${generation} remains in use.`;
}

/**
 * Shares one run among all callers that pass the same key, and reuses its result for `forMs` after it ends.
 */
export function shareFor<K, T>(forMs: number, run: (key: K) => Promise<T>): (key: K) => Promise<T> {
  let last: { readonly key: K; readonly outcome: Promise<T>; untilMs: number } | null = null;
  return (key) => {
    if (last !== null && last.key === key && performance.now() < last.untilMs) return last.outcome;
    const shared = { key, outcome: run(key), untilMs: Number.POSITIVE_INFINITY };
    const settle = () => {
      shared.untilMs = performance.now() + forMs;
    };
    shared.outcome.then(settle, settle);
    last = shared;
    return shared.outcome;
  };
}

/** Returns why the source cannot be used; `null`: it can. */
async function findFailure(source: UserSource, deadlineMs: number): Promise<string | null> {
  const checked = new AbortController();
  try {
    await Promise.race([source.check(), failAfter(deadlineMs, checked.signal)]);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    checked.abort();
  }
}

/** Rejects after the deadline, because a check that never ends would leave its caller without a response. Aborting the signal clears the timer. */
async function failAfter(deadlineMs: number, signal: AbortSignal): Promise<never> {
  await sleep(deadlineMs, undefined, { ref: false, signal });
  throw new Error(`The source's check did not complete within ${deadlineMs} ms.`);
}

/** Replaces each absolute path with its last part. The path of a URL is kept. */
function withoutPaths(text: string): string {
  return text
    .replaceAll(/(["'`])\/(?:[^"'`\n]*\/)?([^"'`/\n]*)\1/g, '$1$2$1')
    .replaceAll(/(?<![\w.:/\]-])\/(?:[^\s"'`,;:()]*\/)?([^\s"'`,;:()/]+)/g, '$1');
}
