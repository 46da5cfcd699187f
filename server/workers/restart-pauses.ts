// Delay before a dead worker is replaced, so that workers that die at start do not exhaust the machine.

/** A worker that lived this long did not fail at start. */
const soundMs = 10_000;
const firstPauseMs = 500;
const longestPauseMs = 30_000;

export interface RestartPauses {
  /** @returns milliseconds: 0 after a normal lifetime, otherwise twice the previous delay, from half a second to half a minute. */
  after(livedMs: number): number;
}

export function createRestartPauses(): RestartPauses {
  let quickDeaths = 0;
  return {
    after(livedMs) {
      quickDeaths = livedMs > soundMs ? 0 : quickDeaths + 1;
      return quickDeaths === 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (quickDeaths - 1));
    },
  };
}
