// Owns the end of a look-up before its answer: who is told, with which error, and that nobody waits for a source that does not let go.
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

/** Where a signal of `LookUpAbort` keeps who listens. */
const listenersOf = Symbol('listeners of a look-up');

interface LookUpSignal extends AbortSignal {
  readonly [listenersOf]?: Set<() => void>;
}

/** An AbortController that guards can listen to for a tenth of what a listener of an EventTarget costs. */
export class LookUpAbort {
  readonly #controller = new AbortController();
  readonly #listeners = new Set<() => void>();
  /** An AbortSignal like any other, for whoever does not know. */
  readonly signal: AbortSignal = Object.assign(this.#controller.signal, { [listenersOf]: this.#listeners });

  /** Tells everybody, then the guards. */
  abort(reason: unknown): void {
    if (this.signal.aborted) return;
    this.#controller.abort(reason);
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}

/** Calls `listener` when the signal is aborted; not when it is already. @returns how to stop listening. */
export function onAbort(signal: LookUpSignal, listener: () => void): () => void {
  const listeners = signal[listenersOf];
  if (listeners) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** What `promise` becomes, or `abortError` as soon as the signal is aborted, whatever the source makes of its signal. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(abortError(signal));
    if (signal.aborted) giveUp();
    const stop = onAbort(signal, giveUp);
    promise.then(
      (value) => {
        stop();
        resolve(value);
      },
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
  });
}
