// Owns the answer to "can the server answer?", with what an operator should look at.
import { setTimeout as sleep } from 'node:timers/promises';
import type { UserSource } from './adapters/user-source.ts';
import type { ReloadState } from './reload-state.ts';

/** What /readyz answers. Not ready: 503. Degraded: ready, on an older configuration or older data than there is. */
export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'not-ready';
  readonly reasons: readonly string[];
  /** Which configuration is in use; 1 is that of the start. */
  readonly generation: number;
}

/**
 * Can the server answer? One that serves its last good configuration or data, because the newer is broken, is `degraded`, not
 * `not-ready`: one bad file would take every replica away at once.
 *
 * @param otherReasons of the server for being degraded.
 * @param checkDeadlineMs how long the source may take to say whether it can serve.
 */
export async function judgeReadiness(
  source: UserSource,
  { generation, refusal }: ReloadState,
  checkDeadlineMs: number,
  otherReasons: readonly string[],
): Promise<Readiness> {
  const checked = new AbortController();
  try {
    await Promise.race([source.check(), failAfter(checkDeadlineMs, checked.signal)]);
  } catch (error) {
    return { status: 'not-ready', reasons: [error instanceof Error ? error.message : String(error)], generation };
  } finally {
    checked.abort();
  }
  const reasons = [...otherReasons];
  const staleReason = source.status?.().staleReason ?? null;
  if (staleReason !== null) reasons.push(staleReason);
  if (refusal !== null) {
    const which = `The newer configuration is refused, generation ${generation} goes on`;
    reasons.push(...refusal.map((fault) => `${which}: ${fault}`));
  }
  return { status: reasons.length === 0 ? 'ready' : 'degraded', reasons, generation };
}

/** A probe that waits for ever tells its caller nothing. The signal takes the timer away, which frequent probes would heap up. */
async function failAfter(deadlineMs: number, signal: AbortSignal): Promise<never> {
  await sleep(deadlineMs, undefined, { ref: false, signal });
  throw new Error(`The source did not say within ${deadlineMs} ms whether it can serve.`);
}
