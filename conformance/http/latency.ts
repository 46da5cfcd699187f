// Summary of response times.
import type { Latency } from '../../schemas/generated/conformance-report.ts';

/** Returns the percentile of sorted values (nearest rank). */
function findPercentile(sorted: readonly number[], part: number): number {
  const value = sorted[Math.max(Math.ceil(part * sorted.length) - 1, 0)] ?? 0;
  return Math.round(value * 10) / 10;
}

/** The check that measures the latency. */
export const latencyCheckId = 'concurrent-requests-answered';

/** Summarizes at least one response time in ms, measured with `concurrency` requests in flight; `maxP95Ms` is the limit. */
export function summarizeLatency(
  timesMs: readonly number[],
  concurrency: number,
  maxP95Ms: number | undefined,
): Latency {
  const sorted = [...timesMs].sort((one, other) => one - other);
  return {
    requests: sorted.length,
    concurrency,
    p50Ms: findPercentile(sorted, 0.5),
    p95Ms: findPercentile(sorted, 0.95),
    p99Ms: findPercentile(sorted, 0.99),
    ...(maxP95Ms === undefined ? {} : { maxP95Ms }),
  };
}

/** Returns e.g. "24 requests, 4 in parallel: p50 3.1 ms, p95 8 ms, p99 9.4 ms; declared p95 limit: 250 ms". */
export function wordLatency({ requests, concurrency, p50Ms, p95Ms, p99Ms, maxP95Ms }: Latency): string {
  const bound = maxP95Ms === undefined ? '' : `; declared p95 limit: ${maxP95Ms} ms`;
  return `${requests} requests, ${concurrency} in parallel: p50 ${p50Ms} ms, p95 ${p95Ms} ms, p99 ${p99Ms} ms${bound}`;
}
