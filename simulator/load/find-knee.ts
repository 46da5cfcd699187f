// Finds the saturation point of a load test: the last stage that the endpoint sustained. Pure.
import type { StageResult } from './load-stage.ts';

/** Open model: a stage whose rate is below this share of the offered rate was not sustained. */
const keptPart = 0.95;

/** Closed model: doubling the users must increase the throughput by this factor; otherwise, the users only wait longer. */
const growthAtDouble = 1.1;

export interface Knee {
  /** Level of the last sustained stage; null: no stage was sustained, not even the first. */
  readonly level: number | null;
  readonly answersPerSecond: number;
  /** Why the next stage was not sustained; null: all stages were sustained, so the knee is above them. */
  readonly reason: string | null;
}

/** @param maxP99Ms limit of the 99th percentile above which a stage counts as not sustained. @param stages in ascending order of their levels. */
export function findKnee(stages: readonly StageResult[], maxP99Ms: number): Knee {
  let last: StageResult | null = null;
  for (const stage of stages) {
    const reason = findStrain(stage, last, maxP99Ms);
    if (reason !== null) return { level: last?.level ?? null, answersPerSecond: last?.answersPerSecond ?? 0, reason };
    last = stage;
  }
  return { level: last?.level ?? null, answersPerSecond: last?.answersPerSecond ?? 0, reason: null };
}

/** Returns why a stage was not sustained; null: it was. */
export function findStrain(stage: StageResult, before: StageResult | null, maxP99Ms: number): string | null {
  const { mode, level, overloaded, unsent, answersPerSecond, latency, failures } = stage;
  const place = mode === 'open' ? `at ${level} per second` : `with ${level} ${level === 1 ? 'user' : 'users'}`;
  if (overloaded + unsent > 0)
    return `${place}, ${overloaded + unsent} requests were not sent, got no response, or got a 429 or 5xx`;
  const failed = Object.values(failures).reduce((sum, requests) => sum + requests, 0);
  if (failed > 0 && failed === stage.requests) {
    return `${place}, the endpoint did not return user info for any user (${Object.keys(failures).join(', ')})`;
  }
  const p99Ms = latency?.p99Ms ?? 0;
  if (p99Ms > maxP99Ms) return `${place}, p99 was ${p99Ms} ms, above ${maxP99Ms} ms`;
  if (mode === 'open') {
    return answersPerSecond < level * keptPart
      ? `${place}, only ${answersPerSecond} responses per second were received`
      : null;
  }
  if (before === null) return null;
  const needed = before.answersPerSecond * growthAtDouble ** Math.log2(level / before.level);
  if (answersPerSecond >= needed) return null;
  const growth = answersPerSecond > before.answersPerSecond ? 'hardly' : 'no';
  return `${place}, ${answersPerSecond} responses per second were received, ${growth} more than ${before.answersPerSecond} with ${before.level}`;
}
