// Audit trail of one user, group or IAM in the console: actor, time, and the values before and after.
import type { AuditRecord, Page } from '../identities/identity-store.ts';
import { Empty, Show, useLoaded } from './loaded.tsx';
import { useRoute } from './route.ts';
import { Pager, Table } from './table.tsx';
import { Time } from './time.tsx';

const pageSize = 25;

/** User names and group names are unique only within an IAM. */
type AuditListProps = Pick<AuditRecord, 'kind' | 'iam' | 'target'>;

export function AuditList({ kind, iam, target }: AuditListProps) {
  const offset = Number(useRoute().query.get('offset') ?? 0);
  const query = new URLSearchParams({ kind, iam, target, size: String(pageSize), offset: String(offset) });
  const { loaded } = useLoaded<Page<AuditRecord>>(`/simulator/audit?${query}`);
  return (
    <Show of={loaded}>
      {({ hits, count }) =>
        count === 0 ? (
          <Empty>No changes.</Empty>
        ) : (
          <>
            <Table
              caption="Changes"
              head={['When', 'Who', 'What', 'IAM', 'Before and after']}
              rows={hits.map((record) => ({
                key: record.id,
                cells: [
                  <Time key="at" at={record.at} />,
                  record.by,
                  record.action,
                  record.iam,
                  <details key="change">
                    <summary>Show</summary>
                    <pre>{`- ${JSON.stringify(record.before)}\n+ ${JSON.stringify(record.after)}`}</pre>
                  </details>,
                ],
              }))}
            />
            <Pager offset={offset} size={pageSize} count={count} />
          </>
        )
      }
    </Show>
  );
}
