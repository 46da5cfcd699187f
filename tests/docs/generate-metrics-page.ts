// Generator of docs/reference/metrics.md: every metric of a server, from the registry that serves them.
import { GuardTallies, guardEvents } from '../../server/guards/guard-tally.ts';
import { createMetrics } from '../../server/observability/metrics.ts';

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

export function generateMetricsPage(): string {
  const nothing = (): never => {
    throw new Error('the definitions of metrics read no state');
  };
  const metrics = createMetrics({
    source: nothing,
    sourceType: nothing,
    guardTallies: () => new GuardTallies(),
    reload: nothing,
    certificates: nothing,
    eventLoopDelayMs: nothing,
    auditLinesLost: nothing,
  });
  const rows = [...metrics.definitions()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(
      ({ name, type, labelNames, help }) =>
        `| \`${name}\` | ${type} | ${labelNames.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
    );
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
