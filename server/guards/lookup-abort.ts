// Abort of a lookup: notifies its listeners with an error, and stops waiting for a source that does not react.
import { type LookUpSignal, type LookUpSource, SourceError, type UserSource } from '../adapters/user-source.ts';
import { within } from '../within.ts';

/**
 * The error of a lookup whose signal was aborted: the signal's own reason where that is a SourceError (the deadline gives
 * one), 'too-slow' for `AbortSignal.timeout`, else 'unavailable', which means that nobody waits for the answer any more.
 */
export function abortError(signal: LookUpSignal): SourceError {
  const reason: unknown = signal.reason;
  if (reason instanceof SourceError) return reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new SourceError('too-slow', 'The source did not respond in time.');
  }
  return new SourceError('unavailable', 'The lookup was cancelled before the source responded.');
}

/**
 * Aborts a lookup, and is its signal. An AbortController would cost each lookup 3 to 4 µs, and so does a listener of its
 * signal; `withAbortSignals` makes one for those who need it.
 */
export class LookUpAbort implements LookUpSignal {
  #aborted = false;
  #reason: unknown;
  #listeners: Set<() => void> | null = null;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.#aborted) return;
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners?.delete(listener);
  }

  /** Tells all who listen, in order, once. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    if (this.#listeners === null) return;
    // One that is removed meanwhile is not called any more.
    for (const listener of this.#listeners) listener();
    this.#listeners = null;
  }
}

/** Calls `listener` when the signal is aborted; not when it is already. @returns how to stop listening. */
export function onAbort(signal: LookUpSignal, listener: () => void): () => void {
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** Settles as `promise` does, or rejects with `abortError` as soon as the signal is aborted, also when the source ignores the signal. */
export function untilAborted<T>(promise: Promise<T>, signal: LookUpSignal): Promise<T> {
  return within(promise, { abort: { signal, error: () => abortError(signal) } });
}

/** `source`, for lookups with a LookUpSignal: one that does not know such signals is given an AbortSignal for each. */
export function withAbortSignals(source: UserSource): LookUpSource {
  if (takesLookUpSignal(source)) return source;
  return {
    takesLookUpSignal: true,
    findUser(userid, signal) {
      if (signal instanceof AbortSignal) return source.findUser(userid, signal);
      const controller = new AbortController();
      if (signal.aborted) controller.abort(signal.reason);
      else onAbort(signal, () => controller.abort(signal.reason));
      return source.findUser(userid, controller.signal);
    },
    check: () => source.check(),
    close: () => source.close(),
    ...(source.answersFromMemory && { answersFromMemory: true }),
    ...(source.findUserInMemory && { findUserInMemory: source.findUserInMemory.bind(source) }),
    ...(source.status && { status: source.status.bind(source) }),
    ...(source.explainUser && { explainUser: source.explainUser.bind(source) }),
  };
}

function takesLookUpSignal(source: UserSource): source is LookUpSource {
  return source.takesLookUpSignal === true;
}
