// Owns how long requests took: a histogram for each status, counted in plain numbers, for prom-client's registry to render.
import type { MetricValueWithName } from 'prom-client';

/** Seconds: from an answer out of memory to the longest deadline that is usual. */
export const durationBounds = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] as const;

/** Of one status of one source. */
class Durations {
  /** By the first bound that is not exceeded; the last one is for those that exceed all. */
  readonly counts: number[] = new Array(durationBounds.length + 1).fill(0);
  sum = 0;

  observe(seconds: number): void {
    let bucket = 0;
    while (bucket < durationBounds.length && seconds > (durationBounds[bucket] as number)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.sum += seconds;
  }
}

/**
 * A metric as the registry takes it. prom-client's own histogram checks the labels and looks them up by a text that it puts together
 * for each observation: 3 % of a request (`npm run bench -- http`).
 */
export class RequestDurations {
  // OpenTelemetry's semantic conventions for HTTP servers, in Prometheus' spelling.
  readonly name = 'http_server_request_duration_seconds';
  readonly help = 'From the headers of a request to its answer, by HTTP status and kind of source.';
  readonly type = 'histogram';
  readonly labelNames = ['http_response_status_code', 'source'];
  readonly aggregator = 'sum';
  readonly #bySource = new Map<string, Map<number, Durations>>();

  /** @returns what observes requests that a source of this kind served: their HTTP status and their time in seconds. */
  of(source: string): (status: number, seconds: number) => void {
    const byStatus = this.#bySource.get(source) ?? new Map<number, Durations>();
    this.#bySource.set(source, byStatus);
    return (status, seconds) => {
      let durations = byStatus.get(status);
      if (durations === undefined) {
        durations = new Durations();
        byStatus.set(status, durations);
      }
      durations.observe(seconds);
    };
  }

  async get() {
    const values: Array<MetricValueWithName<string>> = [];
    for (const [source, byStatus] of this.#bySource) {
      for (const [status, { counts, sum }] of byStatus) {
        const labels = { http_response_status_code: String(status), source };
        let count = 0;
        counts.forEach((inBucket, bucket) => {
          count += inBucket;
          const le = durationBounds[bucket] ?? '+Inf';
          values.push({ labels: { le, ...labels }, value: count, metricName: `${this.name}_bucket` });
        });
        values.push({ labels, value: sum, metricName: `${this.name}_sum` });
        values.push({ labels, value: count, metricName: `${this.name}_count` });
      }
    }
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values };
  }
}
