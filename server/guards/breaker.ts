// Circuit breaker: a source that failed several times in a row is not called for a while.
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import type { BreakerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { type AdapterLog, type LookUpSource, SourceError } from '../adapters/user-source.ts';
import { aroundSource } from './around-source.ts';
import type { GuardTally } from './guard-tally.ts';
import { abortError, findUnlessGivenUp, GivenUp } from './lookup-abort.ts';

/**
 * Adds a circuit breaker to a source. After `failures` consecutive lookups that were unavailable or too slow, lookups fail immediately for
 * `openSeconds`. Then one lookup is let through, and its result decides whether the breaker closes. A bad answer does not count, because the source
 * did respond.
 *
 * @throws {SourceError} 'unavailable' (503) while open, with the remaining seconds as Retry-After.
 */
export function withBreaker(
  source: LookUpSource,
  config: BreakerConfig,
  tally: GuardTally,
  log: AdapterLog,
): LookUpSource {
  const openMs = config.openSeconds * 1000;
  const countRefused = tally.counter('breaker-refused');
  const countOpened = tally.counter('breaker-opened');
  const isFailure = (error: Error) => {
    // If the caller of the deciding lookup disconnects, nothing is decided: the breaker stays open.
    if (error instanceof GivenUp) return policy.state === CircuitState.HalfOpen;
    return error instanceof SourceError && error.kind !== 'bad-answer';
  };
  const policy: CircuitBreakerPolicy = circuitBreaker(handleWhen(isFailure), {
    halfOpenAfter: openMs,
    breaker: new ConsecutiveBreaker(config.failures),
  });
  let openedAtMs = 0;
  policy.onBreak((reason) => {
    openedAtMs = performance.now();
    countOpened();
    const error = 'error' in reason ? reason.error : undefined;
    log.warn({ reason: error?.message, openSeconds: config.openSeconds }, 'the breaker opened');
  });
  policy.onReset(() => log.info({}, 'the breaker closed: the source responds again'));
  tally.gauge('user_info_breaker_open', () => (policy.state === CircuitState.Closed ? 0 : 1));

  return aroundSource(source, {
    async findUser(userid, signal) {
      try {
        return await policy.execute(() => findUnlessGivenUp(source, userid, signal));
      } catch (error) {
        if (error instanceof GivenUp) throw abortError(signal);
        if (!(error instanceof BrokenCircuitError)) throw error;
        countRefused();
        throw new SourceError('unavailable', 'The breaker is open: the source failed several times in a row.', {
          retryAfterSeconds: Math.max(1, Math.ceil((openedAtMs + openMs - performance.now()) / 1000)),
        });
      }
    },
  });
}
