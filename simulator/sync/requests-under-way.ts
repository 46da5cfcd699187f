// Timeouts and abort signals of requests: one timer and one listener per signal for all of them.

/** A request in flight. */
export interface RequestUnderWay {
  /** Aborts the request; called at most once. */
  giveUp(reason: Error): void;
}

export interface RequestsUnderWay {
  /**
   * Aborts the request after `timeoutMs` with the error of `describeTimeout`, or with the reason of the signal when the signal aborts.
   *
   * @returns the index for `delete`.
   */
  add(request: RequestUnderWay, signal: AbortSignal): number;
  /** Removes a request that has ended; calling it again has no effect. */
  delete(place: number, request: RequestUnderWay): void;
  /** Releases the timer and the signals. */
  close(): void;
}

interface Watch {
  readonly request: RequestUnderWay;
  readonly signal: AbortSignal;
  readonly endsMs: number;
}

/**
 * Uses one timer for all requests, and one listener per signal. One timer and listener per request would cost as much as reading a response, mostly
 * in the garbage collector.
 */
export function createRequestsUnderWay(timeoutMs: number, describeTimeout: () => Error): RequestsUnderWay {
  // An array of slots instead of a Map: a Map that grows and shrinks leaves tables behind. Each references the next one and all requests that were in
  // flight at that time. Once the garbage collector considers the first of them old, these requests are retained for a long time.
  const watches: Array<Watch | null> = [];
  const free: number[] = [];
  const listeners = new Map<AbortSignal, () => void>();
  let timer: NodeJS.Timeout | null = null;

  function release(place: number): void {
    watches[place] = null;
    free.push(place);
  }

  function giveUpLate(): void {
    timer = null;
    const nowMs = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [place, watch] of watches.entries()) {
      if (watch === null) continue;
      if (watch.endsMs > nowMs) {
        nextMs = Math.min(nextMs, watch.endsMs);
        continue;
      }
      release(place);
      watch.request.giveUp(describeTimeout());
    }
    // The callback may already have started another request, which also starts the timer.
    if (nextMs < Number.POSITIVE_INFINITY) timer ??= setTimeout(giveUpLate, nextMs - nowMs);
  }

  function follow(signal: AbortSignal): void {
    const giveUpAll = () => {
      for (const [place, watch] of watches.entries()) {
        if (watch?.signal !== signal) continue;
        release(place);
        watch.request.giveUp(signal.reason as Error);
      }
    };
    listeners.set(signal, giveUpAll);
    signal.addEventListener('abort', giveUpAll, { once: true });
  }

  return {
    add(request, signal) {
      if (!listeners.has(signal)) follow(signal);
      const place = free.pop() ?? watches.length;
      watches[place] = { request, signal, endsMs: performance.now() + timeoutMs };
      timer ??= setTimeout(giveUpLate, timeoutMs);
      return place;
    },
    delete(place, request) {
      if (watches[place]?.request === request) release(place);
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      for (const [signal, giveUpAll] of listeners) signal.removeEventListener('abort', giveUpAll);
      listeners.clear();
    },
  };
}
