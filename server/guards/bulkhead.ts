// Bulkhead: limits the concurrent lookups of a source, and the lookups that wait.
import { BulkheadRejectedError, bulkhead } from 'cockatiel';
import type { BulkheadConfig } from '../../schemas/generated/loaded-server-config.ts';
import { type LookUpSource, SourceError } from '../adapters/user-source.ts';
import { aroundSource } from './around-source.ts';
import type { GuardTally } from './guard-tally.ts';
import { abortError } from './lookup-abort.ts';

/** Retry-After of a 503: a place becomes free as soon as one lookup ends. */
const retryAfterSeconds = 1;

/**
 * Lets at most `concurrent` lookups run and `queued` lookups wait, in order.
 *
 * @throws {SourceError} 'unavailable' (503) when all places are taken.
 */
export function withBulkhead(
  source: LookUpSource,
  { concurrent, queued }: BulkheadConfig,
  tally: GuardTally,
): LookUpSource {
  const countRefused = tally.counter('bulkhead-refused');
  const policy = bulkhead(concurrent, queued);
  return aroundSource(source, {
    async findUser(userid, signal) {
      try {
        // The signal is not passed to cockatiel: a lookup aborted in the queue would also consume the turn of the next one.
        return await policy.execute(async () => {
          if (signal.aborted) throw abortError(signal);
          return source.findUser(userid, signal);
        });
      } catch (error) {
        if (!(error instanceof BulkheadRejectedError)) throw error;
        countRefused();
        const limits = `guards.bulkhead.concurrent (${concurrent}) and queued (${queued})`;
        throw new SourceError('unavailable', `The limits ${limits} are reached.`, { retryAfterSeconds });
      }
    },
  });
}
