// Bulkhead: limits the concurrent lookups of a source, and the lookups that wait.
import { BulkheadRejectedError, bulkhead } from 'cockatiel';
import type { BulkheadConfig } from '../../schemas/generated/loaded-server-config.ts';
import { type LookUpSource, SourceError } from '../adapters/user-source.ts';
import { aroundSource } from './around-source.ts';
import type { GuardTally } from './guard-tally.ts';
import { abortError } from './lookup-abort.ts';

/** For a 503: a place is free as soon as one lookup ends. */
const retryAfterSeconds = 1;

/**
 * At most `concurrent` lookups are under way and `queued` wait, in order.
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
        // cockatiel is not given the signal: one that is aborted in the queue would take the next one's turn with it.
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
