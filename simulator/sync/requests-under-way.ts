// The time-outs and the abort signals of requests: one timer and one listener per signal for all of them.

/** A request on its way. */
export interface RequestUnderWay {
  /** Told at most once. */
  giveUp(reason: Error): void;
}

export interface RequestsUnderWay {
  /**
   * Has it given up `timeoutMs` from now, with what `describeTimeout` makes, or with the reason of the signal once that aborts.
   *
   * @returns the place to `delete` it from.
   */
  add(request: RequestUnderWay, signal: AbortSignal): number;
  /** It has ended; a second time does nothing. */
  delete(place: number, request: RequestUnderWay): void;
  /** Lets go of the timer and of the signals. */
  close(): void;
}

interface Watch {
  readonly request: RequestUnderWay;
  readonly signal: AbortSignal;
  readonly endsMs: number;
}

/**
 * One timer for all requests, and one listener a signal: a timer and a listener for each request cost as much as reading its answer, most
 * of it in the garbage collector.
 */
export function createRequestsUnderWay(timeoutMs: number, describeTimeout: () => Error): RequestsUnderWay {
  // Places in an array, and no Map: a Map that grows and shrinks leaves tables behind, each of which holds the next one and all that was
  // under way then. From the first that the garbage collector takes for old, nothing of all those requests is let go of for a long time.
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
    // Who is told of the end may have begun another one already, and the timer with it.
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
