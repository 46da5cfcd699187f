// Work that Ctrl-C or SIGTERM interrupts: the work cleans up, and then the signal terminates the process.

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Resolves at the first Ctrl-C or SIGTERM. A second signal of the same kind has its default effect and stops the process. */
export function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve());
  });
}

/**
 * Runs work that rejects when its signal is aborted. A second Ctrl-C stops the process at once.
 *
 * @returns the result; null: a signal stopped the work. The signal then terminates the process after all output is written.
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
