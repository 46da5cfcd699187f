// Owns telling when the server has more to do than it can, and which share of requests it turns away then.

export interface OverloadGuard {
  /** Whether to turn a request away; asked once for each. */
  shouldShed(): boolean;
  /** How late the event loop is, smoothed, in milliseconds. */
  delayMs(): number;
  /** 0: nothing is turned away. */
  setLimit(maxDelayMs: number): void;
  close(): void;
}

const sampleMs = 20;

/**
 * Watches how late timers come: as late as a request waits before it is looked at. From the limit to twice of it the share
 * that is turned away grows from none to all, so that the delay settles in between, and those who are answered
 * are answered in time. A single pause, such as a big file that is taken up or a machine that slept, turns nobody away.
 */
export function createOverloadGuard(maxDelayMs: number): OverloadGuard {
  let limitMs = maxDelayMs;
  let smoothedMs = 0;
  let share = 0;
  let sampledAt = performance.now();

  function sample(): void {
    const now = performance.now();
    const lateMs = Math.max(0, now - sampledAt - sampleMs);
    sampledAt = now;
    // One sample alone comes up to the limit and not past it.
    const countedMs = limitMs === 0 ? lateMs : Math.min(lateMs, 3 * limitMs);
    smoothedMs = (2 * smoothedMs + countedMs) / 3;
    share = limitMs === 0 ? 0 : (smoothedMs - limitMs) / limitMs;
  }

  const timer = setInterval(sample, sampleMs).unref();
  return {
    shouldShed: () => share > 0 && Math.random() < share,
    delayMs: () => smoothedMs,
    setLimit(maxMs) {
      limitMs = maxMs;
    },
    close: () => clearInterval(timer),
  };
}
