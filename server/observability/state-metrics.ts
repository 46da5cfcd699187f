// Gauges sampled at scrape time: the source, its guards, the reload and the certificates.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { UserSource } from '../adapters/user-source.ts';
import { type GuardGauge, type GuardTallies, guardGauges } from '../guards/guard-tally.ts';
import type { ReloadState } from '../reload/reload-state.ts';
import type { CertificateTerm } from '../tls/certificate-terms.ts';

/** Sources of the values; each is read again at every scrape, since a reload changes it. */
export interface MeasuredState {
  source(): UserSource;
  /** Returns the adapter's name in the configuration, e.g. "csv". */
  sourceType(): string;
  guardTallies(): GuardTallies;
  reload(): ReloadState;
  certificates(): readonly CertificateTerm[];
  /** Returns the smoothed delay. */
  eventLoopDelayMs(): number;
  /** Returns the number of lost lines of the audit trail; `null`: there is no audit trail. */
  auditLinesLost(): number | null;
}

type Labels = Readonly<Record<string, string>>;
type Reading = readonly [value: number, labels: Labels];

interface GaugeDefinition {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** How the values of several workers are combined. */
  readonly aggregator: 'sum' | 'min' | 'max';
  read(state: MeasuredState): Iterable<Reading>;
}

const definitions: readonly GaugeDefinition[] = [
  sourceGauge('user_info_source_users', 'Users in the data in use.', 'min', ({ users }) => users),
  sourceGauge('user_info_source_generation', 'Successful loads of the source.', 'min', ({ generation }) => generation),
  sourceGauge(
    'user_info_source_loaded_timestamp_seconds',
    'Time when the data in use was loaded.',
    'min',
    ({ loadedAtMs }) => loadedAtMs / 1000,
  ),
  sourceGauge(
    'user_info_source_stale',
    '1 while newer data is rejected and the last valid data is served.',
    'max',
    ({ staleReason }) => (staleReason === null ? 0 : 1),
  ),
  reloadGauge(
    'user_info_reload_generation',
    'Generation of the configuration in use: 1 at the start, plus one for each successful reload.',
    'min',
    ({ generation }) => generation,
  ),
  reloadGauge(
    'user_info_reload_success_timestamp_seconds',
    'Time when the configuration in use was loaded.',
    'min',
    ({ generationSinceMs }) => generationSinceMs / 1000,
  ),
  reloadGauge(
    'user_info_reload_failure_timestamp_seconds',
    'Time when a configuration was last rejected; 0: never.',
    'max',
    ({ refusedAtMs }) => (refusedAtMs ?? 0) / 1000,
  ),
  reloadGauge('user_info_reload_refused', '1 while a newer configuration is rejected.', 'max', ({ refusal }) =>
    refusal === null ? 0 : 1,
  ),
  {
    name: 'user_info_event_loop_delay_seconds',
    help: 'Event loop delay, smoothed over a few hundredths of a second; listener.maxEventLoopDelayMs is its limit.',
    labelNames: [],
    aggregator: 'max',
    *read(state) {
      yield [state.eventLoopDelayMs() / 1000, {}];
    },
  },
  {
    name: 'user_info_audit_lost_lines',
    help: 'Audit trail lines lost since the start, because too many were waiting for a file that was not writable.',
    labelNames: [],
    aggregator: 'sum',
    *read(state) {
      const lost = state.auditLinesLost();
      if (lost !== null) yield [lost, {}];
    },
  },
  {
    name: 'user_info_certificate_expiry_timestamp_seconds',
    help: 'Time when the first certificate or CRL of a kind expires: server (with its intermediate CAs), client-ca, crl. Days left: (this - time()) / 86400.',
    labelNames: ['certificate'],
    aggregator: 'min',
    *read(state) {
      for (const { use, endsAtMs } of state.certificates()) yield [endsAtMs / 1000, { certificate: use }];
    },
  },
  ...(Object.entries(guardGauges) as Array<[GuardGauge, string]>).map(
    ([name, help]): GaugeDefinition => ({
      name,
      help,
      labelNames: ['part'],
      aggregator: name === 'user_info_breaker_open' ? 'max' : 'sum',
      *read(state) {
        for (const tally of state.guardTallies().all()) {
          const value = tally.read(name);
          if (value !== null) yield [value, { part: tally.part }];
        }
      },
    }),
  ),
];

/** Adds the gauges and the counter of the guards' events. */
export function addStateMetrics(state: MeasuredState, registers: Registry[]): void {
  for (const { name, help, labelNames, aggregator, read } of definitions) {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      aggregator,
      registers,
      collect() {
        // Label sets that a reload has removed must not keep their last value.
        this.reset();
        for (const [value, labels] of read(state)) this.set(labels, value);
      },
    });
  }
  // Guards use plain numbers as counters, which are read at scrape time.
  new Counter({
    name: 'user_info_guard_events_total',
    help: 'Actions of the guards, by the guarded source (whole, or the name of a merged source).',
    labelNames: ['part', 'event'],
    registers,
    collect() {
      this.reset();
      for (const tally of state.guardTallies().all()) {
        for (const [event, count] of tally.counts()) this.inc({ part: tally.part, event }, count);
      }
    },
  });
  new Counter({
    name: 'user_info_reloads_total',
    help: 'Reloads, by outcome (reloaded, refused).',
    labelNames: ['outcome'],
    // Each worker takes part in each reload.
    aggregator: 'max',
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(state.reload().counts)) this.inc({ outcome }, count);
    },
  });
}

function sourceGauge(
  name: string,
  help: string,
  aggregator: GaugeDefinition['aggregator'],
  pick: (status: NonNullable<ReturnType<NonNullable<UserSource['status']>>>) => number,
): GaugeDefinition {
  return {
    name,
    help,
    labelNames: ['source'],
    aggregator,
    *read(state) {
      const status = state.source().status?.();
      if (status) yield [pick(status), { source: state.sourceType() }];
    },
  };
}

function reloadGauge(
  name: string,
  help: string,
  aggregator: GaugeDefinition['aggregator'],
  pick: (state: ReloadState) => number,
): GaugeDefinition {
  return {
    name,
    help,
    labelNames: [],
    aggregator,
    *read(state) {
      yield [pick(state.reload()), {}];
    },
  };
}
