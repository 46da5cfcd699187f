// The page of the difference between two runs.
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
            <Empty>The two runs have the same result for every user.</Empty>
          ) : (
            <>
              <p>
                {count} {count === 1 ? 'user differs' : 'users differ'}.
                {differences.length < count && ` The first ${differences.length}:`}
              </p>
              <Table
                caption="Users who differ"
                head={['User name', 'Result', 'Change']}
                rows={differences.map(({ userid, presence, outcomes, gained, lost }) => ({
                  key: userid,
                  cells: [
                    userid,
                    outcomes === null ? words[presence] : `${describe(outcomes.before)} → ${describe(outcomes.after)}`,
                    <Change key="change" gained={gained} lost={lost} />,
                  ],
                }))}
              />
            </>
          )
        }
      </Show>
    </>
  );
}

function describe(outcome: string): string {
  return outcome === 'user' ? 'answered' : outcome;
}
