// Generator of docs/reference/metrics.md: every metric of a server, from the registry that serves them.
import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import {
  type GuardEvent,
  type GuardGauge,
  GuardTallies,
  guardEvents,
  guardGauges,
} from '../../server/guards/guard-tally.ts';
import { createMetrics, type ServerMetrics } from '../../server/observability/metrics.ts';

const head = `<!-- Made by \`npm run generate:docs\` from server/observability/metrics.ts, server/observability/state-metrics.ts and server/guards/guard-tally.ts. Do not edit. -->

# Metrics

\`GET /metrics\` of the administration listener returns these metrics in Prometheus' text format. Names, labels and events are permanent, because
dashboards and alerts depend on them. No label contains user data. With several workers, the values are totals of all workers.
`;

const tail = `
With several workers: \`user_info_workers\` (gauge, \`state\`: wanted, serving) and \`user_info_worker_restarts_total\` (counter: workers that terminated unexpectedly
and were replaced).

In addition, there are the process metrics of \`prom-client\`: \`process_*\` (CPU, resident memory, open files, start time) and
\`nodejs_*\` (heap, garbage collection, handles, and the delay of the event loop: \`nodejs_eventloop_lag_seconds\`, \`nodejs_eventloop_lag_p99_seconds\`).
`;

/** Returns metrics with a value for each set of labels, since prom-client returns the labels of values only. */
function createSampleMetrics(): ServerMetrics {
  const guardTallies = new GuardTallies();
  const tally = guardTallies.of('whole');
  for (const event of Object.keys(guardEvents)) tally.counter(event as GuardEvent)();
  for (const gauge of Object.keys(guardGauges)) tally.gauge(gauge as GuardGauge, () => 0);
  const status = { users: 0, generation: 1, loadedAtMs: 0, staleReason: null };
  const unused = () => Promise.reject(new Error('the metrics look up no user'));
  const source = { findUser: unused, check: unused, close: unused, status: () => status };
  const reload = { generation: 1, generationSinceMs: 0, refusedAtMs: null, refusal: null };
  const metrics = createMetrics({
    source: () => source,
    sourceType: () => 'csv',
    guardTallies: () => guardTallies,
    reload: () => ({ ...reload, counts: { reloaded: 0, refused: 0 } }),
    certificates: () => [{ use: 'server', endsAtMs: 0 }],
    eventLoopDelayMs: () => 0,
    auditLinesLost: () => 0,
  });
  const request = { requestId: '', method: 'GET', remoteAddress: '', caller: null, userid: null, error: null };
  metrics.requestsOf('csv')({ ...request, status: 401, durationMs: 0, code: 'credentials-wrong' });
  metrics.lookUpsOf('csv')(0, false);
  return metrics;
}

/** Returns the names of the labels of a metric, in order. `le` is the label of the buckets of every histogram. */
function labelsOf({ values }: MetricObjectWithValues<MetricValue<string>>): readonly string[] {
  const [first] = values;
  if (first === undefined) throw new Error('a metric has no value');
  return Object.keys(first.labels).filter((label) => label !== 'le');
}

export async function generateMetricsPage(): Promise<string> {
  const all = (await createSampleMetrics().collect()) as readonly MetricObjectWithValues<MetricValue<string>>[];
  const rows = all
    .filter(({ name }) => !/^(?:process|nodejs)_/.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((metric) => {
      const labels = labelsOf(metric).map((label) => `\`${label}\``);
      return `| \`${metric.name}\` | ${metric.type} | ${labels.join(', ')} | ${metric.help} |`;
    });
  const events = Object.entries(guardEvents).map(([event, what]) => `| \`${event}\` | ${what} |`);
  return [
    head,
    '| name | type | labels | meaning|',
    '|---|---|---|---|',
    ...rows,
    '',
    'Events of `user_info_guard_events_total`:',
    '',
    '| event | what happened |',
    '|---|---|',
    ...events,
    tail,
  ].join('\n');
}
