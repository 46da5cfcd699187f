// Prometheus metrics: counters for each request, and their text format.
import { Counter, collectDefaultMetrics, Histogram, type MetricObject, Registry } from 'prom-client';
import { type ErrorCode, errorCodes } from '../../schemas/error-codes.ts';
import type { OnLookedUp } from '../guards/deadline.ts';
import type { OnAnswered } from './request-record.ts';
import { addStateMetrics, type MeasuredState } from './state-metrics.ts';

/** Upper bounds of the histograms' buckets, in seconds: from the duration of a response from memory to the longest usual deadline. */
const durationBounds = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

export interface ServerMetrics {
  /** Returns the function that counts requests. @param source the adapter's name in the configuration, e.g. "csv". */
  requestsOf(source: string): OnAnswered;
  /** Returns the function that counts lookups that had to wait. */
  lookUpsOf(source: string): OnLookedUp;
  /** Counts a TLS handshake that failed or was refused. */
  countTlsFailure(): void;
  /** Returns the values as data; `joinMetrics` combines those of several processes. */
  collect(): Promise<readonly MetricObject[]>;
  /** Returns the values in the Prometheus text format, version 0.0.4. */
  render(): Promise<{ contentType: string; text: string }>;
}

export function createMetrics(state: MeasuredState): ServerMetrics {
  const registry = new Registry();
  const registers = [registry];

  const requestDuration = new Histogram({
    // Named after OpenTelemetry's semantic conventions for HTTP servers, in Prometheus's notation.
    name: 'http_server_request_duration_seconds',
    help: "Time from a request's headers until the response was passed to the network, by HTTP status and source type.",
    labelNames: ['http_response_status_code', 'source'],
    buckets: durationBounds,
    registers,
  });
  const lookUpDuration = new Histogram({
    name: 'user_info_lookup_duration_seconds',
    help: 'Duration of lookups that waited for the source or the shared cache, by outcome (answered, failed). Lookups from memory or from the own cache of the server are not included.',
    labelNames: ['source', 'outcome'],
    buckets: durationBounds,
    registers,
  });
  const refusals = new Counter({
    name: 'user_info_refusals_total',
    help: 'Responses other than user info, by error code.',
    labelNames: ['code'],
    registers,
  });
  const credentialFailures = new Counter({
    name: 'user_info_credential_failures_total',
    help: 'Requests whose credentials or client certificate were missing, malformed, wrong or rejected, by error code.',
    labelNames: ['code'],
    registers,
  });
  const tlsFailures = new Counter({
    name: 'user_info_tls_failures_total',
    help: 'TLS handshakes that failed or were rejected.',
    registers,
  });
  addStateMetrics(state, registers);

  function countRefusal(code: ErrorCode): void {
    refusals.inc({ code });
    if (errorCodes[code].metric === 'credential-failure') credentialFailures.inc({ code });
  }

  return {
    requestsOf(source) {
      // Children are cached because `labels()` builds a string to look one up on each call.
      const byStatus = new Map<number, Histogram.Internal<string>>();
      return ({ status, durationMs, code }) => {
        let durations = byStatus.get(status);
        if (durations === undefined) {
          durations = requestDuration.labels(String(status), source);
          byStatus.set(status, durations);
        }
        durations.observe(durationMs / 1000);
        // Status 0: the caller had disconnected, so nothing was sent.
        if (code !== null && status !== 0) countRefusal(code);
      };
    },
    lookUpsOf(source) {
      // Creates both series at 0; otherwise, a rate of failures could not include the first failure.
      for (const outcome of ['answered', 'failed']) lookUpDuration.zero({ source, outcome });
      const answered = lookUpDuration.labels(source, 'answered');
      const failed = lookUpDuration.labels(source, 'failed');
      return (durationMs, hasFailed) => (hasFailed ? failed : answered).observe(durationMs / 1000);
    },
    countTlsFailure: () => tlsFailures.inc(),
    async collect() {
      return (await Promise.all([registry.getMetricsAsJSON(), processMetrics().getMetricsAsJSON()])).flat();
    },
    async render() {
      const texts = await Promise.all([registry.metrics(), processMetrics().metrics()]);
      return { contentType: registry.contentType, text: texts.join('\n') };
    },
  };
}

let ofProcess: Registry | null = null;

/**
 * Returns the single registry of the process. Once created, its prom-client observers of garbage collection and the event loop cannot be stopped.
 * With one registry per server, a program that starts many servers would accumulate observers.
 */
function processMetrics(): Registry {
  if (ofProcess === null) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
    // Removes gauges that are named like counters and only repeat the sums of other metrics.
    for (const what of ['handles', 'requests', 'resources'])
      ofProcess.removeSingleMetric(`nodejs_active_${what}_total`);
  }
  return ofProcess;
}
