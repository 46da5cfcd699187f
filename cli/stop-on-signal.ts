// Work that Ctrl-C or SIGTERM interrupts: it cleans up, and then the process ends by that signal.

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Resolves at the first Ctrl-C or SIGTERM. A second one stops the process by default. */
export function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve());
  });
}

/**
 * Runs work that rejects when its signal is aborted. A second Ctrl-C stops the process at once.
 *
 * @returns the result; null: a signal stopped the work. The process then ends by this signal, after everything is written.
 */
export async function stopOnSignal<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result | null> {
  const stop = new AbortController();
  let stoppedBy: NodeJS.Signals | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    stoppedBy = signal;
    stop.abort();
  };
  for (const signal of signals) process.once(signal, onSignal);
  try {
    return await work(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return null;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
    // Ends the process with the signal, so that shells detect the interruption.
    if (stoppedBy !== null) setImmediate((signal: NodeJS.Signals) => process.kill(process.pid, signal), stoppedBy);
  }
}
