// Generator of docs/reference/metrics.md: every metric of a server, from the registry that serves them.
import { GuardTallies, guardEvents } from '../../server/guards/guard-tally.ts';
import { createMetrics } from '../../server/observability/metrics.ts';

const head = `<!-- Made by \`npm run generate:docs\` from server/observability/metrics.ts, server/observability/state-metrics.ts and server/guards/guard-tally.ts. Do not edit. -->

# Metrics

\`GET /metrics\` of the administration listener, in Prometheus' text format. Names, labels and events are permanent: dashboards and alerts
stand on them. No label has a user's data. With several workers the numbers are those of all of them together.
`;

const tail = `
With several workers: \`user_info_workers\` (gauge, \`state\`: wanted, serving) and \`user_info_worker_restarts_total\` (counter: workers that ended without being
told and were replaced).

Beside these stand the numbers of the process as \`prom-client\` has them: \`process_*\` (CPU, resident memory, open files, start time) and
\`nodejs_*\` (heap, garbage collection, handles, and how late the event loop is: \`nodejs_eventloop_lag_seconds\`, \`nodejs_eventloop_lag_p99_seconds\`).
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
