// Owns the numbers that Prometheus reads: what is counted for each request, and all of them together as text.
import type { Metric, MetricObject, Registry as Metrics } from 'prom-client';
import type { ErrorCode } from '../schemas/error-codes.ts';
import type { OnLookedUp } from './guards/deadline.ts';
import { Counter, Histogram, Registry } from './metric-classes.ts';
import { durationBounds, RequestDurations } from './request-durations.ts';
import type { OnAnswered } from './request-record.ts';
import { addStateMetrics, type MeasuredState } from './state-metrics.ts';

/** What is said to who may not ask, whatever the reason. */
const credentialFailure = /^(?:credentials|certificate)-|^too-many-failures$/;

export interface ServerMetrics {
  /** @param source the adapter's name in the configuration, e.g. "csv". @returns what counts requests that it serves. */
  requestsOf(source: string): OnAnswered;
  /** The same for look-ups that had to wait. */
  lookUpsOf(source: string): OnLookedUp;
  /** A TLS handshake failed or was refused. */
  countTlsFailure(): void;
  /** What there is beside the numbers of the process, for people. */
  definitions(): readonly MetricDefinition[];
  /** The numbers as data, which `joinMetrics` makes one of those of several processes. */
  collect(): Promise<readonly MetricObject[]>;
  /** The Prometheus text format, version 0.0.4. */
  render(): Promise<{ contentType: string; text: string }>;
}

export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

export function createMetrics(state: MeasuredState): ServerMetrics {
  const registry = new Registry();
  const registers = [registry];

  const durations = new RequestDurations();
  // The registry asks for no more than this has; its types name the library's own classes only.
  registry.registerMetric(durations as unknown as Metric<string>);
  const lookUpDuration = new Histogram({
    name: 'user_info_lookup_duration_seconds',
    help: 'How long look-ups took that had to wait for the source, by outcome (answered, failed). What is in memory or in a cache is not among them.',
    labelNames: ['source', 'outcome'],
    buckets: [...durationBounds],
    registers,
  });
  const refusals = new Counter({
    name: 'user_info_refusals_total',
    help: 'Answers that are not user info, by error code.',
    labelNames: ['code'],
    registers,
  });
  const credentialFailures = new Counter({
    name: 'user_info_credential_failures_total',
    help: 'Requests whose credentials or client certificate were missing, malformed, wrong or refused, by error code.',
    labelNames: ['code'],
    registers,
  });
  const tlsFailures = new Counter({
    name: 'user_info_tls_failures_total',
    help: 'TLS handshakes that failed or were refused.',
    registers,
  });
  addStateMetrics(state, registers);

  function countRefusal(code: ErrorCode): void {
    refusals.inc({ code });
    if (credentialFailure.test(code)) credentialFailures.inc({ code });
  }

  return {
    requestsOf(source) {
      const observe = durations.of(source);
      return ({ status, durationMs, code }) => {
        observe(status, durationMs / 1000);
        // Status 0: the caller had gone, nothing was answered.
        if (code !== null && status !== 0) countRefusal(code);
      };
    },
    lookUpsOf(source) {
      // Otherwise a rate of failures could not be told from the first one.
      for (const outcome of ['answered', 'failed']) lookUpDuration.zero({ source, outcome });
      const answered = lookUpDuration.labels(source, 'answered');
      const failed = lookUpDuration.labels(source, 'failed');
      return (durationMs, hasFailed) => (hasFailed ? failed : answered).observe(durationMs / 1000);
    },
    countTlsFailure: () => tlsFailures.inc(),
    definitions: () =>
      registry.getMetricsAsArray().map((metric) => {
        // The library types less than it gives.
        const { name, help, type, labelNames } = metric as unknown as MetricDefinition;
        return { name, help, type, labelNames };
      }),
    async collect() {
      const ofProcess = await processMetrics();
      return (await Promise.all([registry.getMetricsAsJSON(), ofProcess.getMetricsAsJSON()])).flat();
    },
    async render() {
      const ofProcess = await processMetrics();
      const texts = await Promise.all([registry.metrics(), ofProcess.metrics()]);
      return { contentType: registry.contentType, text: texts.join('\n') };
    },
  };
}

/** Loaded with the first scrape: that of the library and of what it looks at takes as long as Express. */
async function processMetrics(): Promise<Metrics> {
  return (await import('./process-metrics.ts')).processMetrics();
}
