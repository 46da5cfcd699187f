// Owns the difference between two runs: who differs, and in what.
import type { UserDifference } from '../sync/diff-runs.ts';
import { Change } from './change.tsx';
import { Empty, Show, useLoaded } from './loaded.tsx';
import { linkTo } from './route.ts';
import { at } from './server.ts';
import { Table } from './table.tsx';

interface DiffProps {
  readonly id: number;
  readonly other: number;
}

export function DiffPage({ id, other }: DiffProps) {
  const { loaded } = useLoaded<{ differences: UserDifference[]; count: number }>(
    at`/simulator/runs/${id}/diff/${other}`,
  );
  const words = { 'only-before': `only in run ${id}`, 'only-after': `only in run ${other}`, both: '' };
  return (
    <>
      <p class="trail">
        <a href={linkTo('runs')}>Sync runs</a> / <a href={linkTo('runs', id)}>Run {id}</a> /{' '}
        <a href={linkTo('runs', other)}>Run {other}</a>
      </p>
      <h1>
        Run {id} → run {other}
      </h1>
      <Show of={loaded}>
        {({ differences, count }) =>
          count === 0 ? (
            <Empty>Both found the same.</Empty>
          ) : (
            <>
              <p>
                {count} {count === 1 ? 'user differs' : 'users differ'}.
                {differences.length < count && ` The first ${differences.length}:`}
              </p>
              <Table
                caption="Users who differ"
                head={['User name', 'Where', 'Change']}
                rows={differences.map(({ userid, presence, gained, lost }) => ({
                  key: userid,
                  cells: [userid, words[presence], <Change key="change" gained={gained} lost={lost} />],
                }))}
              />
            </>
          )
        }
      </Show>
    </>
  );
}
