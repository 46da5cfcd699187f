// Page of the endpoint's conformance report: failures first, then warnings, then all checks.
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { Empty, Show, useLoaded } from './loaded.tsx';
import { Table } from './table.tsx';
import { Time } from './time.tsx';

export function ConformancePage() {
  const { loaded } = useLoaded<ConformanceReport | null>('/simulator/conformance');
  return (
    <>
      <h1>Conformance of the endpoint</h1>
      <Show of={loaded}>
        {(report) =>
          report === null ? (
            <Empty>
              No report. <code>user-info conform URL --report json=report.json</code> creates one, and{' '}
              <code>user-info simulate serve --conformance report.json</code> shows it here.
            </Empty>
          ) : (
            <Report report={report} />
          )
        }
      </Show>
    </>
  );
}

const verdicts: Readonly<Record<ConformanceReport['verdict'], string>> = {
  conforms: 'conforms',
  'does-not-conform': 'does not conform',
  'could-not-run': 'could not be tested',
};

/** Order in which checks that did not pass are listed. */
const openStatuses = ['failed', 'error', 'untestable', 'warning'];

function Report({
  report: { target, startedAt, verdict, reason, summary, checks, kit },
}: {
  readonly report: ConformanceReport;
}) {
  const open = openStatuses.flatMap((wanted) => checks.filter(({ status }) => status === wanted));
  return (
    <>
      <p class={verdict === 'conforms' ? 'notice good' : 'notice error'}>
        {target.url} {verdicts[verdict]}
        {reason === undefined ? '.' : `: ${reason}`}
      </p>
      <ul class="numbers">
        {Object.entries(summary).map(([status, count]) => (
          <li key={status}>
            <strong>{count}</strong> {status}
          </li>
        ))}
      </ul>
      <p class="hint">
        <Time at={startedAt} />, {kit.name} {kit.version}
      </p>
      {open.length === 0 ? (
        <Empty>No check failed or reported a warning.</Empty>
      ) : (
        <Table
          caption="Checks that did not pass"
          head={['Check', 'Status', 'What was seen', 'On the platform']}
          rows={open.map((check) => ({
            key: check.id,
            cells: [
              <CheckName key="name" check={check} />,
              <span key="status" class="badge off">
                {check.status}
              </span>,
              <span key="message" class="lines">
                {check.message}
              </span>,
              check.platformVerdict ?? '',
            ],
          }))}
        />
      )}
      <details class="panel">
        <summary>All {checks.length} checks</summary>
        <Table
          caption="All checks"
          head={['Check', 'Status', 'Why']}
          rows={checks.map((check) => ({
            key: check.id,
            cells: [
              <CheckName key="name" check={check} />,
              check.status,
              <span key="message" class="lines">
                {check.message}
              </span>,
            ],
          }))}
        />
      </details>
    </>
  );
}

function CheckName({ check: { id, title } }: { readonly check: ConformanceReport['checks'][number] }) {
  return (
    <>
      <strong>{title}</strong>
      <br />
      <code>{id}</code>
    </>
  );
}
