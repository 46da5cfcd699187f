// Owns what a 429 asks for: how long to wait, and whether this run does.

/** Of one pause, and of all pauses of a run together. */
const maxPauseMs = 10_000;
const maxPausesMs = 30_000;

/** Without a usable Retry-After. */
const usualPauseMs = 1000;

/** Milliseconds from `now` that a Retry-After asks for: seconds or a date (RFC 9110, 10.2.3). */
export function readRetryAfter(header: string | null, now: number): number {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? usualPauseMs : Math.max(date - now, 0);
}

/** The pauses that one run grants. */
export class PauseBudget {
  private paused = 0;

  /** Takes a pause of `ms`, or says false when it is longer than this run waits. */
  take(ms: number): boolean {
    if (ms > maxPauseMs || this.paused + ms > maxPausesMs) return false;
    this.paused += ms;
    return true;
  }
}
