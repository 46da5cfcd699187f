// Detects overload, and decides which share of requests is rejected.

export interface OverloadGuard {
  /** Returns whether to reject a request; called once per request. */
  shouldShed(): boolean;
  /** Returns the smoothed delay of the event loop in milliseconds; 0 while there are no requests. */
  delayMs(): number;
  /** Sets the limit; 0: no request is rejected. */
  setLimit(maxDelayMs: number): void;
  close(): void;
}

const sampleMs = 20;
/** Number of samples (one second) after the last request until the timer stops, so that an idle server does not wake up. */
const samplesBeforeRest = 50;
/** The timer also continues while the delay is longer than this; a timer that is a millisecond late does not count. */
const restBelowMs = 5;
/** Maximum weight of one pause between two requests, as a fraction of the limit. */
const pauseShare = 0.25;

/**
 * Measures how long requests wait before they are processed, in two ways. The smoothed delay of timers measures the past turns of the event loop. The
 * work before a request in its own turn measures the current turn, which under sudden load is longer than all earlier turns. Without this
 * measurement, the measured delay would oscillate between zero and many times the limit.
 *
 * Between the limit and twice the limit the share of rejected requests grows from none to all, so that accepted requests receive a timely response.
 * A single pause, such as the loading of a large file or a suspended machine, causes no rejection.
 *
 * After a second without requests, timers are no longer sampled; the next request resumes sampling.
 */
export function createOverloadGuard(maxDelayMs: number): OverloadGuard {
  let limitMs = maxDelayMs;
  let smoothedMs = 0;
  let share = 0;
  let sampledAt = 0;
  let isTurnSeen = false;
  let workedMs = 0;
  let askedAt = 0;
  let idleSamples = 0;
  let timer: NodeJS.Timeout | null = null;

  function start(): void {
    sampledAt = performance.now();
    timer = setInterval(sample, sampleMs).unref();
  }

  function stop(): void {
    if (timer !== null) clearInterval(timer);
    timer = null;
  }

  function sample(): void {
    const now = performance.now();
    const lateMs = Math.max(0, now - sampledAt - sampleMs);
    sampledAt = now;
    // A single sample can reach the limit but not exceed it.
    const countedMs = limitMs === 0 ? lateMs : Math.min(lateMs, 3 * limitMs);
    smoothedMs = (2 * smoothedMs + countedMs) / 3;
    share = shareAt(smoothedMs);
    if (++idleSamples < samplesBeforeRest || smoothedMs > restBelowMs) return;
    stop();
    smoothedMs = 0;
    share = shareAt(0);
  }

  function shareAt(waitMs: number): number {
    return limitMs === 0 ? 0 : (waitMs - limitMs) / limitMs;
  }

  /** Returns the duration of the work so far in this turn of the event loop. All requests that arrived in this turn have waited that long. */
  function waitInTurnMs(): number {
    const now = performance.now();
    if (isTurnSeen) workedMs += Math.min(now - askedAt, limitMs * pauseShare);
    else {
      isTurnSeen = true;
      workedMs = 0;
      setImmediate(endTurn);
    }
    askedAt = now;
    return workedMs;
  }

  function endTurn(): void {
    isTurnSeen = false;
  }

  start();
  return {
    shouldShed() {
      idleSamples = 0;
      if (timer === null) start();
      if (limitMs === 0) return false;
      const now = Math.max(share, shareAt(waitInTurnMs()));
      return now > 0 && Math.random() < now;
    },
    delayMs: () => smoothedMs,
    setLimit(maxMs) {
      limitMs = maxMs;
    },
    close: stop,
  };
}
