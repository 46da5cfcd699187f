// Returns at once when a lookup is aborted, also from a source that ignores the signal.
import type { LookUpSource } from '../adapters/user-source.ts';
import { aroundSource } from './around-source.ts';
import { untilAborted } from './lookup-abort.ts';

/**
 * Ends a lookup as soon as its signal is aborted. It stands innermost, so that the guards above, which count how lookups
 * end, see each end in time.
 *
 * @throws {SourceError} as `abortError` says.
 */
export function withAbandoning(source: LookUpSource): LookUpSource {
  return aroundSource(source, {
    findUser: (userid, signal) => untilAborted(source.findUser(userid, signal), signal),
  });
}
