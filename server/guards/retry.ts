// Calls a source again after it was unavailable.
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import type { RetryConfig } from '../../schemas/generated/loaded-server-config.ts';
import { type LookUpSource, SourceError } from '../adapters/user-source.ts';
import { aroundSource } from './around-source.ts';
import type { GuardTally } from './guard-tally.ts';
import { abortError, findUnlessGivenUp, GivenUp } from './lookup-abort.ts';

const firstDelayMs = 50;

/**
 * Calls the source up to `attempts` more times when it was unavailable, after 50 ms at first and longer delays later, with jitter. Does not retry
 * after a slow or bad answer, if the source itself specified when to retry, or after the deadline, which aborts the signal.
 */
export function withRetry(source: LookUpSource, { attempts }: RetryConfig, tally: GuardTally): LookUpSource {
  const countRetried = tally.counter('retried');
  const isWorthwhile = (error: Error) =>
    error instanceof SourceError && error.kind === 'unavailable' && error.retryAfterSeconds === undefined;
  const policy = retry(handleWhen(isWorthwhile), {
    maxAttempts: attempts,
    backoff: new ExponentialBackoff({ initialDelay: firstDelayMs, maxDelay: 10 * firstDelayMs }),
  }).dangerouslyUnref();
  policy.onRetry(countRetried);
  return aroundSource(source, {
    async findUser(userid, signal) {
      try {
        return await policy.execute(() => findUnlessGivenUp(source, userid, signal));
      } catch (error) {
        throw error instanceof GivenUp ? abortError(signal) : error;
      }
    },
  });
}
