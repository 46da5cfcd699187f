// Owns what is told of the time that answers took.
import type { Latency } from '../schemas/generated/conformance-report.ts';

/** The value below which that part of the sorted values lies (nearest rank). */
function findPercentile(sorted: readonly number[], part: number): number {
  const value = sorted[Math.max(Math.ceil(part * sorted.length) - 1, 0)] ?? 0;
  return Math.round(value * 10) / 10;
}

/** Sums up at least one time in ms, each of one answer with `concurrency` of them on their way at once. */
export function summarizeLatency(timesMs: readonly number[], concurrency: number): Latency {
  const sorted = [...timesMs].sort((one, other) => one - other);
  return {
    requests: sorted.length,
    concurrency,
    p50Ms: findPercentile(sorted, 0.5),
    p95Ms: findPercentile(sorted, 0.95),
    p99Ms: findPercentile(sorted, 0.99),
  };
}

/** E.g. "24 requests, 4 at once: p50 3.1 ms, p95 8 ms, p99 9.4 ms". */
export function wordLatency({ requests, concurrency, p50Ms, p95Ms, p99Ms }: Latency): string {
  return `${requests} requests, ${concurrency} at once: p50 ${p50Ms} ms, p95 ${p95Ms} ms, p99 ${p99Ms} ms`;
}
