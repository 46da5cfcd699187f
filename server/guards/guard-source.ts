// Order of the guards around a source.
import type { GuardsConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { AdapterLog, UserSource } from '../adapters/user-source.ts';
import { AnswerCache } from './answer-cache.ts';
import { withAnswerRules } from './answer-rules.ts';
import { withAbortSignals } from './around-source.ts';
import { withBreaker } from './breaker.ts';
import { withBulkhead } from './bulkhead.ts';
import { type SharedCache, withCache, withCacheFilling } from './cache.ts';
import { withCoalescing } from './coalescing.ts';
import type { GuardTally } from './guard-tally.ts';
import { withRetry } from './retry.ts';
import { withShrinkGuard } from './shrink.ts';
import { withAbandoning, withTimeLimit } from './time-limit.ts';

export interface GuardContext {
  readonly log: AdapterLog;
  readonly tally: GuardTally;
  /** The cache that replicas share, if `cache.shared` is configured. */
  readonly sharedCache?: SharedCache | null;
  /** Monotonic milliseconds; `performance.now` by default. */
  readonly now?: () => number;
}

/**
 * Wraps a source with the configured guards, from the inside to the outside; the deadline is outside of all of them (`deadline.ts`). A lookup passes
 * them in the reverse order:
 *
 *     cache → coalescing → filling of the cache → shrink guard → rules for answers → breaker → time limit → bulkhead → retry → source
 *
 * Therefore, a cached result occupies no slot of a limit, and one call serves all waiting callers. A result is validated before it is cached, and a
 * breaker counts a lookup and its retries once. A guard that is not configured is omitted: without any guards, the result is `source` itself.
 */
export function guardSource(
  source: UserSource,
  config: GuardsConfig | undefined,
  { log, tally, sharedCache = null, now = () => performance.now() }: GuardContext,
): UserSource {
  if (config === undefined) return source;
  const { retry, bulkhead, deadlineMs, breaker, answers, shrink, cache, coalesce } = config;
  const inner = withAbortSignals(source);
  let guarded = retry || bulkhead || breaker ? withAbandoning(inner) : inner;
  if (retry) guarded = withRetry(guarded, retry, tally);
  if (bulkhead) guarded = withBulkhead(guarded, bulkhead, tally);
  if (deadlineMs) guarded = withTimeLimit(guarded, deadlineMs);
  if (breaker) guarded = withBreaker(guarded, breaker, tally, log);
  if (answers || shrink || cache || coalesce) guarded = withAnswerRules(guarded, answers, tally);
  if (shrink) guarded = withShrinkGuard(guarded, shrink, tally, now);
  const answerCache = cache ? new AnswerCache(cache, now) : null;
  if (cache && answerCache) {
    guarded = withCacheFilling(guarded, answerCache, sharedCache, now);
  }
  if (coalesce) guarded = withCoalescing(guarded, tally);
  if (answerCache) guarded = withCache(guarded, answerCache, tally, log);
  return guarded === inner ? source : guarded;
}
