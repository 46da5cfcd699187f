// Owns the time that one source may take, inside the deadline of the whole look-up.
import { SourceError, type UserSource } from '../adapters/user-source.ts';
import { aroundSource } from './around-source.ts';
import { untilAborted } from './look-up-abort.ts';

/**
 * Ends a look-up after `deadlineMs`, and lets the source know by its signal. For a source that an answer can do without, or
 * that has a breaker of its own: the deadline of the whole look-up would end everything.
 *
 * @throws {SourceError} 'too-slow' (504).
 */
export function withTimeLimit(source: UserSource, deadlineMs: number): UserSource {
  return aroundSource(source, {
    async findUser(userid, signal) {
      const controller = new AbortController();
      const abort = () => controller.abort(signal.reason);
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
      const timer = setTimeout(() => {
        controller.abort(
          new SourceError('too-slow', `The source took more than guards.deadlineMs (${deadlineMs}) ms.`),
        );
      }, deadlineMs);
      try {
        return await untilAborted(source.findUser(userid, controller.signal), controller.signal);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      }
    },
  });
}
