// Owns giving requests up: when their time is over, and when whoever asked has no use for them any longer.

/** A request on its way. */
export interface RequestUnderWay {
  /** Told at most once. */
  giveUp(reason: Error): void;
}

export interface RequestsUnderWay {
  /** Has it given up `timeoutMs` from now, with what `describeTimeout` makes, or with the reason of the signal once that aborts. */
  add(request: RequestUnderWay, signal: AbortSignal): void;
  /** It has ended. */
  delete(request: RequestUnderWay): void;
  /** Lets go of the timer and of the signals. */
  close(): void;
}

interface Watch {
  readonly signal: AbortSignal;
  readonly endsMs: number;
}

/**
 * One timer for all requests, and one listener a signal: a timer and a listener for each request cost as much as reading its answer, most
 * of it in the garbage collector.
 */
export function createRequestsUnderWay(timeoutMs: number, describeTimeout: () => Error): RequestsUnderWay {
  // In the order in which they began, and so in which their time is over.
  const watches = new Map<RequestUnderWay, Watch>();
  const listeners = new Map<AbortSignal, () => void>();
  let timer: NodeJS.Timeout | null = null;

  function giveUpLate(): void {
    timer = null;
    const nowMs = performance.now();
    for (const [request, { endsMs }] of watches) {
      if (endsMs > nowMs) {
        timer = setTimeout(giveUpLate, endsMs - nowMs);
        return;
      }
      watches.delete(request);
      request.giveUp(describeTimeout());
    }
  }

  function follow(signal: AbortSignal): void {
    const giveUpAll = () => {
      for (const [request, watch] of watches) {
        if (watch.signal !== signal) continue;
        watches.delete(request);
        request.giveUp(signal.reason as Error);
      }
    };
    listeners.set(signal, giveUpAll);
    signal.addEventListener('abort', giveUpAll, { once: true });
  }

  return {
    add(request, signal) {
      if (!listeners.has(signal)) follow(signal);
      watches.set(request, { signal, endsMs: performance.now() + timeoutMs });
      timer ??= setTimeout(giveUpLate, timeoutMs);
    },
    delete(request) {
      watches.delete(request);
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      for (const [signal, giveUpAll] of listeners) signal.removeEventListener('abort', giveUpAll);
      listeners.clear();
    },
  };
}
