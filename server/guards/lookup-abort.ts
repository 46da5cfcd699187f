// Abort of a lookup: notifies its listeners with an error, and stops waiting for a source that does not react.
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { type LookUpSignal, type LookUpSource, SourceError } from '../adapters/user-source.ts';
import { within } from '../within.ts';

/**
 * Returns the error of a lookup whose signal was aborted. That is the signal's own reason if it is a SourceError (as the deadline's is), or
 * 'too-slow' for `AbortSignal.timeout`. For any other reason, returns 'unavailable', because no caller waits for the answer any longer.
 */
export function abortError(signal: LookUpSignal): SourceError {
  const reason: unknown = signal.reason;
  if (reason instanceof SourceError) return reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new SourceError('too-slow', 'The source did not respond in time.');
  }
  return new SourceError('unavailable', 'The lookup was canceled before the source responded.');
}

/** A lookup for which nobody waits any longer: it does not show whether the source works, and must not be repeated. */
export class GivenUp extends Error {}

/**
 * Looks up a user for a policy of cockatiel.
 *
 * @throws {GivenUp} when nobody waits any longer. The deadline does not count: it shows that the source is slow.
 */
export async function findUnlessGivenUp(
  source: LookUpSource,
  userid: string,
  signal: LookUpSignal,
): Promise<UserInfo | null> {
  if (signal.aborted) throw new GivenUp();
  try {
    return await source.findUser(userid, signal);
  } catch (error) {
    throw signal.aborted && abortError(signal).kind !== 'too-slow' ? new GivenUp() : error;
  }
}

/**
 * Aborts a lookup and serves as its signal. An AbortController would cost each lookup 3 to 4 µs, as would a listener of its signal.
 * `withAbortSignals` creates an AbortController for sources that need one.
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

  /** Notifies all listeners once, in order. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    if (this.#listeners === null) return;
    // A listener removed meanwhile is not notified.
    for (const listener of this.#listeners) listener();
    this.#listeners = null;
  }
}

/** Calls `listener` when the signal is aborted, but not if it has already been aborted. @returns a function that removes the listener. */
export function onAbort(signal: LookUpSignal, listener: () => void): () => void {
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** Settles like `promise`, or rejects with `abortError` as soon as the signal is aborted, even if the source ignores the signal. */
export function untilAborted<T>(promise: Promise<T>, signal: LookUpSignal): Promise<T> {
  return within(promise, { abort: { signal, error: () => abortError(signal) } });
}
