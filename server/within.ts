// Waiting for work with a time limit, an abort signal, or both.
import type { LookUpSignal } from './adapters/user-source.ts';

/** When to stop waiting. The work itself continues; ending it is up to the caller. */
export interface WaitLimits<T> {
  readonly timeout?: { readonly ms: number; readonly error: () => Error };
  readonly abort?: { readonly signal: LookUpSignal; readonly error: () => Error };
  /** Receives the result of the work if the work finishes after the wait has ended. */
  readonly takeLate?: (value: T) => void;
}

/**
 * Settles as `work` does, or rejects with the error of the limit that is reached first. The timer keeps the process alive: Node exits with code 13
 * when nothing else is pending.
 */
export function within<T>(work: Promise<T>, { timeout, abort, takeLate }: WaitLimits<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const end = (error: Error) => {
      isOver = true;
      stop();
      reject(error);
    };
    const leave = () => abort && end(abort.error());
    const timer = timeout && setTimeout(() => end(timeout.error()), timeout.ms);
    const stop = () => {
      clearTimeout(timer);
      abort?.signal.removeEventListener('abort', leave);
    };
    abort?.signal.addEventListener('abort', leave, { once: true });
    work.then(
      (value) => {
        stop();
        if (isOver) takeLate?.(value);
        else resolve(value);
      },
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
    if (abort?.signal.aborted) leave();
  });
}

/** Returns the result of `work`; `null` when it takes longer than `ms`, or rejects. */
export function valueWithin<T>(ms: number, work: Promise<T>): Promise<T | null> {
  return within<T | null>(work, { timeout: { ms, error: () => new Error(`not within ${ms} ms`) } }).catch(() => null);
}
