// Owns the audit trail in the console: who changed what when, and what was before and after.
import type { AuditRecord, Page } from '../identities/identity-store.ts';
import { Empty, Show, useLoaded } from './loaded.tsx';
import { Table } from './table.tsx';
import { Time } from './time.tsx';

const shown = 100;

export function AuditList({ target }: { readonly target: string }) {
  const query = new URLSearchParams({ target, size: String(shown) });
  const { loaded } = useLoaded<Page<AuditRecord>>(`/simulator/audit?${query}`);
  return (
    <Show of={loaded}>
      {({ hits, count }) =>
        hits.length === 0 ? (
          <Empty>No changes.</Empty>
        ) : (
          <>
            <Table
              caption="Changes"
              head={['When', 'Who', 'What', 'IAM', 'Before and after']}
              rows={hits.map(({ id, at, by, action, iam, before, after }) => ({
                key: id,
                cells: [
                  <Time key="at" at={at} />,
                  by,
                  action,
                  iam,
                  <details key="change">
                    <summary>Show</summary>
                    <pre>{`- ${JSON.stringify(before)}\n+ ${JSON.stringify(after)}`}</pre>
                  </details>,
                ],
              }))}
            />
            {count > hits.length && (
              <p class="hint">
                The last {shown} of {count}.
              </p>
            )}
          </>
        )
      }
    </Show>
  );
}
