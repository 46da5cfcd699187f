// Pauses requested by a 429: how long to wait, and whether this run waits.

/** Limits on one pause, and on the total of all pauses of a run. */
const maxPauseMs = 10_000;
const maxPausesMs = 30_000;

/** Pause if there is no usable Retry-After. */
const usualPauseMs = 1000;

/** Minimum pause before the first repetition of a request; it doubles before each additional repetition, because Retry-After may be 0 every time. */
const minPauseMs = 500;

/** Maximum number of repetitions of one request. */
const maxRepetitions = 4;

/** Returns the milliseconds from `now` according to Retry-After: seconds or a date (RFC 9110, 10.2.3). Default: `usualPauseMs`. */
export function readRetryAfter(header: string | null, now: number): number {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? usualPauseMs : Math.max(date - now, 0);
}

/** The pauses that one run allows. */
export class PauseBudget {
  private paused = 0;

  /**
   * Grants a pause of `ms`, or a longer one if that is too short, and returns its length. Returns null if the request should not be sent again.
   *
   * @param repetitions how many times this request has already been repeated.
   */
  take(ms: number, repetitions: number): number | null {
    const pauseMs = Math.max(ms, minPauseMs * 2 ** repetitions);
    if (repetitions >= maxRepetitions || pauseMs > maxPauseMs || this.paused + pauseMs > maxPausesMs) return null;
    this.paused += pauseMs;
    return pauseMs;
  }
}
