// Response times as an HDR histogram, which records every value to three significant digits and uses little memory.
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
  JsHistogram,
} from 'hdr-histogram-js';

/** Times in ms. */
export interface LatencySummary {
  readonly requests: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** The whole histogram in µs, in the compressed format of HdrHistogram (base64), which its own tools read. */
  readonly histogram: string;
}

export interface LatencyRecorder {
  record(elapsedMs: number): void;
  /** Returns the summary; null when nothing was recorded. */
  summarize(): LatencySummary | null;
}

/** Creates a recorder. @param earlier the histogram of a resumed run. */
export function createLatencyRecorder(earlier: string | null = null): LatencyRecorder {
  // Records values up to an hour, in µs. Uses plain JavaScript, because the WebAssembly variant is asynchronous and not faster here.
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  if (earlier !== null) histogram.add(decodeFromCompressedBase64(earlier, 32, false));
  return {
    record: (elapsedMs) => histogram.recordValue(Math.max(1, Math.min(3_600_000_000, Math.round(elapsedMs * 1000)))),
    summarize: () => (histogram.totalCount === 0 ? null : summarize(histogram)),
  };
}

function summarize(histogram: Histogram): LatencySummary {
  const toMs = (value: number) => Math.round(value) / 1000;
  // The upper end of a bucket can exceed the highest value in it.
  const at = (percentile: number) => toMs(Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue));
  return {
    requests: histogram.totalCount,
    meanMs: toMs(histogram.mean),
    p50Ms: at(50),
    p90Ms: at(90),
    p99Ms: at(99),
    p999Ms: at(99.9),
    maxMs: toMs(histogram.maxValue),
    histogram: encodeIntoCompressedBase64(histogram),
  };
}

export interface LatencyBucket {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly requests: number;
}

/** Upper ends of buckets: 1, 2 and 5 times the powers of ten, from 0.1 ms to more than an hour. */
const bucketEndsMs = Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** (power - 1))).flat();

/** Returns the times of a `LatencySummary.histogram` in buckets, in ascending order, including empty ones in between. */
export function readBuckets(histogram: string): LatencyBucket[] {
  const decoded = decodeFromCompressedBase64(histogram, 32, false);
  if (!(decoded instanceof JsHistogram))
    throw new Error('the histogram was not decoded by the JavaScript implementation');
  const buckets = bucketEndsMs.map((toMs, index) => ({ fromMs: bucketEndsMs[index - 1] ?? 0, toMs, requests: 0 }));
  for (let index = 0; index < decoded.countsArrayLength; index++) {
    const requests = decoded.getCountAtIndex(index);
    if (requests === 0) continue;
    const ms = decoded.valueFromIndex(index) / 1000;
    const bucket = buckets.find(({ toMs }) => ms < toMs) ?? buckets.at(-1);
    if (bucket) bucket.requests += requests;
  }
  const isFull = ({ requests }: LatencyBucket) => requests > 0;
  return buckets.slice(Math.max(buckets.findIndex(isFull), 0), buckets.findLastIndex(isFull) + 1);
}
