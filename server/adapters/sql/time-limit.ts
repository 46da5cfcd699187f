// Ends the wait for a database that does not respond, or for a caller that has gone.
import { type LookUpSignal, SourceError } from '../user-source.ts';

/**
 * Waits for `work` at most `limitMs` and not after `signal`. The work itself goes on: who calls this ends it.
 *
 * @param what for the message: "The database did not answer within 1000 ms" has "The database did not answer".
 * @param takeLate is given what the work brings after the wait has ended.
 * @throws {SourceError} 'too-slow'.
 */
export function withinLimit<T>(
  work: Promise<T>,
  limitMs: number,
  signal: LookUpSignal,
  what: string,
  takeLate: (value: T) => void = () => undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false;
    const end = (message: string) => {
      over = true;
      settle();
      reject(new SourceError('too-slow', message));
    };
    const leave = () => end('The lookup was given up before the database answered.');
    const timer = setTimeout(() => end(`${what} within ${limitMs} ms.`), limitMs);
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
    };
    signal.addEventListener('abort', leave, { once: true });
    work.then(
      (value) => {
        settle();
        if (over) takeLate(value);
        else resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
    if (signal.aborted) leave();
  });
}
