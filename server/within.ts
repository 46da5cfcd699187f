// A bound on how long the server waits for something that may never settle.

/**
 * Returns what `work` resolves to; `null` when it did not in time, or rejected. The timer keeps the process alive: Node ends
 * one that waits for nothing else with exit code 13.
 */
export async function within<T>(durationMs: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), durationMs);
  });
  const outcome = await Promise.race([work.catch(() => null), late]);
  clearTimeout(timer);
  return outcome;
}
