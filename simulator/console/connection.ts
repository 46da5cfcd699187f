// Tracks whether the console can reach its server, and detects when the server is reachable again.

const retryMs = 1000;

let isLost = false;

/** Dispatches `connection-changed` on the window. */
export const connection = {
  get isLost(): boolean {
    return isLost;
  },
  /** Marks the connection as lost after a request without a response, and retries until the server responds. */
  lose(): void {
    if (isLost) return;
    isLost = true;
    dispatchEvent(new Event('connection-changed'));
    const retry = async () => {
      try {
        await fetch('/', { method: 'HEAD', cache: 'no-store' });
      } catch {
        setTimeout(retry, retryMs);
        return;
      }
      isLost = false;
      dispatchEvent(new Event('connection-changed'));
    };
    setTimeout(retry, retryMs);
  },
};
