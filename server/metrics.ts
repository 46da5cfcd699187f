// Owns the numbers that Prometheus reads: requests by status and code, and the state of the source.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { UserSource } from './adapters/user-source.ts';
import { type GuardGauge, type GuardTallies, guardGauges } from './guards/guard-tally.ts';
import type { OnAnswered, RequestRecord } from './request-record.ts';

/** Observed in a few hundred microseconds. */
const bulkRecords = 256;

/** Seconds: from an answer out of memory to the longest deadline that is usual. */
const durationBuckets = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

export interface ServerMetrics {
  readonly onAnswered: OnAnswered;
  /** A TLS handshake failed or was refused. */
  countTlsFailure(): void;
  /** The Prometheus text format, version 0.0.4. */
  render(): Promise<{ contentType: string; text: string }>;
}

/** @param sourceType the adapter's name in the configuration, e.g. "csv". */
export function createMetrics(source: UserSource, sourceType: string, guardTallies: GuardTallies): ServerMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ source: sourceType });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  // OpenTelemetry's semantic conventions for HTTP servers, in Prometheus' spelling.
  const duration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'From the headers of a request to its answer, by HTTP status.',
    labelNames: ['http_response_status_code'],
    buckets: durationBuckets,
    registers,
  });
  const refusals = new Counter({
    name: 'user_info_refusals_total',
    help: 'Answers that are not user info, by error code.',
    labelNames: ['code'],
    registers,
  });
  const tlsFailures = new Counter({
    name: 'user_info_tls_failures_total',
    help: 'TLS handshakes that failed or were refused.',
    registers,
  });
  addSourceMetrics(source, registers);
  addGuardMetrics(guardTallies, registers);

  // Looking a label up by name costs more than the rest of a request's metrics.
  const durationByStatus = new Map<number, Histogram.Internal<'http_response_status_code'>>();
  function observe({ status, durationMs, code }: RequestRecord): void {
    let child = durationByStatus.get(status);
    if (!child) {
      child = duration.labels(String(status));
      durationByStatus.set(status, child);
    }
    child.observe(durationMs / 1000);
    // Status 0: the caller had gone, nothing was answered.
    if (code !== null && status !== 0) refusals.inc({ code });
  }

  // As with lines of the log: many in a row cost a third of what one costs between requests.
  let waiting: RequestRecord[] = [];
  function observeWaiting(): void {
    for (const record of waiting) observe(record);
    waiting = [];
  }

  return {
    onAnswered(record) {
      if (waiting.push(record) >= bulkRecords) observeWaiting();
    },
    countTlsFailure: () => tlsFailures.inc(),
    async render() {
      observeWaiting();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function addSourceMetrics(source: UserSource, registers: Registry[]): void {
  if (!source.status) return;
  const status = source.status.bind(source);
  const gauges: ReadonlyArray<[name: string, help: string, read: () => number]> = [
    ['user_info_source_users', 'Users that can be found.', () => status().users],
    ['user_info_source_generation', 'Loads of the source that succeeded.', () => status().generation],
    ['user_info_source_loaded_timestamp_seconds', 'When the data in use was loaded.', () => status().loadedAtMs / 1000],
    [
      'user_info_source_stale',
      '1 while newer data was refused and the last good data is served.',
      () => (status().staleReason === null ? 0 : 1),
    ],
  ];
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
}

/** Guards count in plain numbers; they are read when somebody asks. */
function addGuardMetrics(tallies: GuardTallies, registers: Registry[]): void {
  new Counter({
    name: 'user_info_guard_events_total',
    help: 'What the guards did, by the source they guard (whole, or the name of a merged one).',
    labelNames: ['part', 'event'],
    registers,
    collect() {
      this.reset();
      for (const tally of tallies.all()) {
        for (const [event, count] of tally.counts()) this.inc({ part: tally.part, event }, count);
      }
    },
  });
  for (const [name, help] of Object.entries(guardGauges) as Array<[GuardGauge, string]>) {
    new Gauge({
      name,
      help,
      labelNames: ['part'],
      registers,
      collect() {
        for (const tally of tallies.all()) {
          const value = tally.read(name);
          if (value !== null) this.set({ part: tally.part }, value);
        }
      },
    });
  }
}
