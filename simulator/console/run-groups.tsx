// Paged list of the groups that gain or lose members in a run.

import { describeGroup, groupKey } from '../sync/access.ts';
import type { RunSummary } from '../sync/run.ts';
import { useRoute } from './route.ts';
import { Pager, Table } from './table.tsx';

const pageSize = 25;

export function RunGroups({ summary }: { readonly summary: RunSummary }) {
  const offset = Number(useRoute().query.get('groups') ?? 0);
  return (
    <>
      <h2>Groups</h2>
      <Table
        caption="Groups whose members change"
        head={['Group', 'Gained', 'Lost']}
        rows={summary.groups.slice(offset, offset + pageSize).map(({ gained, lost, ...group }) => ({
          key: groupKey(group),
          cells: [
            describeGroup(group),
            <Bar key="gained" count={gained} of={summary.asked} kind="gained" />,
            <Bar key="lost" count={lost} of={summary.asked} kind="lost" />,
          ],
        }))}
      />
      <Pager name="groups" of="groups" offset={offset} size={pageSize} count={summary.groups.length} />
    </>
  );
}

interface BarProps {
  readonly count: number;
  readonly of: number;
  readonly kind: 'gained' | 'lost';
}

/** Number of users, and its share of all users. */
function Bar({ count, of, kind }: BarProps) {
  if (count === 0) return <>0</>;
  const percent = of === 0 ? 0 : Math.min(100, Math.round((count / of) * 100));
  return (
    <span class={kind}>
      {kind === 'gained' ? '+' : '−'}
      {count}
      <span class="bar" style={{ width: `${percent / 16}rem` }} />
    </span>
  );
}
