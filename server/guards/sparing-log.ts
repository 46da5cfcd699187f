// Rate limit of warnings that many requests could cause: at most one a minute, with the number of warnings that it represents.
import type { AdapterLog } from '../adapters/user-source.ts';

const everyMs = 60_000;

/** Creates a function `warn` that logs its first call and then at most one call a minute. `times` is the number of calls that a line represents. */
export function createSparingLog(log: AdapterLog): (details: object, message: string) => void {
  let writtenAtMs = Number.NEGATIVE_INFINITY;
  let times = 0;
  return (details, message) => {
    times += 1;
    const nowMs = performance.now();
    if (nowMs - writtenAtMs < everyMs) return;
    log.warn({ ...details, times }, message);
    writtenAtMs = nowMs;
    times = 0;
  };
}
