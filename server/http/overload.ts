// Detects overload, and decides which share of requests is rejected.

export interface OverloadGuard {
  /** Whether to turn a request away; asked once for each. */
  shouldShed(): boolean;
  /** How late the event loop is, smoothed, in milliseconds; 0 while nobody asks. */
  delayMs(): number;
  /** 0: nothing is turned away. */
  setLimit(maxDelayMs: number): void;
  close(): void;
}

const sampleMs = 20;
/** So many samples after the last request, a second, the timer rests: an idle server wakes up for nothing. */
const samplesBeforeRest = 50;
/** Nor does it rest while more than this is left of a delay; a timer that comes a millisecond late is none. */
const restBelowMs = 5;
/** Of the limit, what one pause between two requests counts for at most. */
const pauseShare = 0.25;

/**
 * Tells how long requests wait before they are looked at, in two ways. How late timers come, smoothed, says it of the turns of
 * the event loop that are over. What came before a request in its own turn says it of the turn that goes on, which under a
 * sudden load is longer than all before together; without it the delay would swing between none and many times the limit.
 *
 * From the limit to twice of it the share that is turned away grows from none to all, so that those who are answered are
 * answered in time. A single pause, such as a big file that is taken up or a machine that slept, turns nobody away.
 *
 * While nobody asks for a second, timers are not looked at; the first request has them looked at again.
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
    // One sample alone comes up to the limit and not past it.
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

  /** What came before in this turn of the event loop: the requests that it brought have all waited that long. */
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
