// Owns what an aborted look-up means: which error it is, and that nobody waits for a source that does not let go.
import { SourceError } from '../adapters/user-source.ts';

/**
 * The error of a look-up whose signal was aborted: the signal's own reason where that is a SourceError (the deadline gives
 * one), 'too-slow' for `AbortSignal.timeout`, else 'unavailable', which means that nobody waits for the answer any more.
 */
export function abortError(signal: AbortSignal): SourceError {
  const reason: unknown = signal.reason;
  if (reason instanceof SourceError) return reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new SourceError('too-slow', 'The source did not answer in time.');
  }
  return new SourceError('unavailable', 'The look-up was given up before the source answered.');
}

/** What `promise` becomes, or `abortError` as soon as the signal is aborted, whatever the source makes of its signal. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(abortError(signal));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    promise.then(
      (value) => {
        signal.removeEventListener('abort', giveUp);
        resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', giveUp);
        reject(error);
      },
    );
  });
}
