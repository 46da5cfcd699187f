// Ends a lookup when its caller stops waiting, or after the time limit of one source.
import { type LookUpSource, SourceError } from '../adapters/user-source.ts';
import { aroundSource } from './around-source.ts';
import { abortError, LookUpAbort, onAbort, untilAborted } from './lookup-abort.ts';

/**
 * Ends a lookup after `deadlineMs`, and notifies the source through its signal. For a source that is optional or has its own breaker: the deadline of
 * the whole lookup would end the lookups of all sources.
 *
 * @throws {SourceError} 'too-slow' (504).
 */
export function withTimeLimit(source: LookUpSource, deadlineMs: number): LookUpSource {
  return aroundSource(source, {
    async findUser(userid, signal) {
      if (signal.aborted) throw abortError(signal);
      const own = new LookUpAbort();
      const stop = onAbort(signal, () => own.abort(signal.reason));
      const timer = setTimeout(() => {
        own.abort(new SourceError('too-slow', `The source took longer than guards.deadlineMs (${deadlineMs} ms).`));
      }, deadlineMs);
      try {
        return await untilAborted(source.findUser(userid, own), own);
      } finally {
        clearTimeout(timer);
        stop();
      }
    },
  });
}

/**
 * Ends a lookup as soon as its signal is aborted, even when the source ignores the signal. It is the innermost guard, so that the others, which count
 * how lookups end, see the result of every lookup in time.
 *
 * @throws {SourceError} the result of `abortError`.
 */
export function withAbandoning(source: LookUpSource): LookUpSource {
  return aroundSource(source, {
    findUser: (userid, signal) => untilAborted(source.findUser(userid, signal), signal),
  });
}
