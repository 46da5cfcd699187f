// Page of the difference between two runs.
import type { UserDifference } from '../sync/diff-runs.ts';
import { Differences } from './differences.tsx';
import { Empty, ErrorNotice, Show, useLoaded } from './loaded.tsx';
import { linkTo, useRoute } from './route.ts';
import { at } from './server.ts';

interface DiffedRun {
  readonly id: number;
  readonly iam: string;
  readonly asked: number;
  readonly answered: number;
}

interface DiffProps {
  readonly id: number;
  readonly other: number;
}

export function DiffPage({ id, other }: DiffProps) {
  const { loaded } = useLoaded<{ differences: UserDifference[]; count: number; runs: DiffedRun[] }>(
    at`/simulator/runs/${id}/diff/${other}`,
  );
  const offset = Number(useRoute().query.get('offset') ?? 0);
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
        {({ differences, count, runs }) =>
          count === 0 ? (
            runs.every(({ answered }) => answered > 0) ? (
              <Empty>The two runs have the same result for every user.</Empty>
            ) : (
              <ErrorNotice>
                No differences, but this proves nothing: in at least one run, the endpoint did not return user info for
                any user.
              </ErrorNotice>
            )
          ) : (
            <>
              <ul>
                {runs.map((run) => (
                  <li key={run.id}>
                    Run {run.id} of {run.iam}: the endpoint returned user info for {run.answered} of {run.asked} users.
                  </li>
                ))}
              </ul>
              <p>
                {count} {count === 1 ? 'user differs' : 'users differ'}.
                {differences.length < count && ` The first ${differences.length}:`}
              </p>
              <Differences differences={differences} offset={offset} words={words} />
            </>
          )
        }
      </Show>
    </>
  );
}
