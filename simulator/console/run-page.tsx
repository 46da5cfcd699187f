// The page of one run: its summary, changes by group and user, and the decision about it.
import { useState } from 'preact/hooks';
import type { ChangeBody, RunBody } from '../api/run-handlers.ts';
import { describeGroup, groupKey } from '../sync/access.ts';
import { Change } from './change.tsx';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { linkTo } from './route.ts';
import { endings } from './runs-page.tsx';
import { ask, at } from './server.ts';
import { Table } from './table.tsx';
import { Time } from './time.tsx';

type RunDetails = RunBody & {
  readonly guesses: Readonly<Record<string, unknown>>;
  readonly users: readonly ChangeBody[];
  readonly next: string | null;
};

const pageSize = 100;

export function RunPage({ id }: { readonly id: number }) {
  const [afters, setAfters] = useState<readonly string[]>(['']);
  const after = afters.at(-1) ?? '';
  const query = new URLSearchParams({ size: String(pageSize), after });
  const { loaded, reload } = useLoaded<RunDetails>(`${at`/simulator/runs/${id}`}?${query}`);
  return (
    <>
      <p class="trail">
        <a href={linkTo('runs')}>Sync runs</a>
      </p>
      <h1>Run {id}</h1>
      <Show of={loaded}>
        {(run) => (
          <>
            <Sum run={run} />
            {run.decision !== null && (
              <p class="notice">
                {run.decision.kind === 'accepted' ? 'Accepted' : 'Rejected'} by {run.decision.by},{' '}
                <Time at={run.decision.at} />.
              </p>
            )}
            {run.skippedSyncs > 0 && run.decision === null && (
              <p class="notice">
                {run.skippedSyncs} scheduled syncs were skipped because this run waits for a decision.
              </p>
            )}
            {((run.ending === 'stopped' && run.decision === null) ||
              (run.ending === 'interrupted' && run.scope === 'all')) && <Decide run={run} onDone={reload} />}
            <h2>Users</h2>
            {run.users.length === 0 ? (
              <Empty>No user changed, and the endpoint answered for every user.</Empty>
            ) : (
              <Table
                caption="Users who changed or were not answered for"
                head={['User name', 'Answer', 'Change']}
                rows={run.users.map((user) => ({
                  key: user.userid,
                  cells: [
                    <a key="link" href={linkTo('users', run.iam, user.userid)}>
                      {user.userid}
                    </a>,
                    user.outcome === 'user' ? 'answered' : user.outcome,
                    <Change key="change" gained={user.gained} lost={user.lost} isNew={user.isNew} />,
                  ],
                }))}
              />
            )}
            <nav class="pager" aria-label="Pages">
              {afters.length > 1 && (
                <button type="button" onClick={() => setAfters(afters.slice(0, -1))}>
                  Previous
                </button>
              )}
              {run.next !== null && (
                <button type="button" onClick={() => setAfters([...afters, run.next ?? ''])}>
                  Next
                </button>
              )}
            </nav>
            <details class="panel">
              <summary>What is guessed, since it is documented nowhere</summary>
              <p>
                {Object.entries(run.guesses)
                  .map(([name, value]) => `${name} ${value}`)
                  .join(', ')}
              </p>
            </details>
          </>
        )}
      </Show>
    </>
  );
}

function Sum({ run: { iam, ending, startedAt, summary } }: { readonly run: RunDetails }) {
  if (summary === null) return <p class="notice">Of {iam}; it has not ended.</p>;
  const numbers: ReadonlyArray<readonly [string, number]> = [
    ['asked', summary.asked],
    ['answered', summary.answered],
    ['created', summary.created],
    ...(summary.migrated ? ([['of them migrated', summary.migrated]] as const) : []),
    ['changed', summary.changed],
    ['disabled', summary.disabled],
    ['losing', summary.losing],
  ];
  return (
    <>
      <p>
        Of {iam}, <Time at={startedAt} />: <span class={`badge ${ending}`}>{endings[ending]}</span>
      </p>
      <ul class="numbers">
        {numbers.map(([name, number]) => (
          <li key={name}>
            <strong>{number}</strong> {name}
          </li>
        ))}
        {Object.entries(summary.failures).map(([kind, users]) => (
          <li key={kind} class="bad">
            <strong>{users}</strong> {kind}
          </li>
        ))}
      </ul>
      {summary.stopped.map((reason) => (
        <ErrorNotice key={reason}>{reason}</ErrorNotice>
      ))}
      {summary.groups.length > 0 && (
        <>
          <h2>Groups</h2>
          <Table
            caption="Groups whose members changed"
            head={['Group', 'Gained', 'Lost']}
            rows={summary.groups.map(({ gained, lost, ...group }) => ({
              key: groupKey(group),
              cells: [
                describeGroup(group),
                <Bar key="gained" count={gained} of={summary.asked} kind="gained" />,
                <Bar key="lost" count={lost} of={summary.asked} kind="lost" />,
              ],
            }))}
          />
        </>
      )}
    </>
  );
}

interface BarProps {
  readonly count: number;
  readonly of: number;
  readonly kind: 'gained' | 'lost';
}

/** The number, and how much of all users it is. */
function Bar({ count, of, kind }: BarProps) {
  const percent = of === 0 ? 0 : Math.min(100, Math.round((count / of) * 100));
  return (
    <span class={kind}>
      {kind === 'gained' ? '+' : '−'}
      {count}
      <span class="bar" style={{ width: `${percent / 16}rem` }} />
    </span>
  );
}

/** Resumes an interrupted run, or applies or rejects one that the guard stopped. */
function Decide({ run, onDone }: { readonly run: RunDetails; readonly onDone: () => void }) {
  const { isBusy, refusal, act } = useAction();
  const { losses, gains } = run.summary?.toConfirm ?? {};
  const post = (action: 'resume' | 'reject', body?: object) => async () => {
    if (await act(() => ask('POST', `${at`/simulator/runs/${run.id}`}/${action}`, body))) onDone();
  };
  const accept = {
    ...(losses !== undefined && { acceptLosses: losses }),
    ...(gains !== undefined && { acceptGains: gains }),
  };
  const effects = [
    ...(losses === undefined ? [] : [`${losses} losing access`]),
    ...(gains === undefined ? [] : [`${gains} gaining it`]),
  ];
  return (
    <>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <p class="actions">
        {run.ending === 'stopped' ? (
          <>
            <button type="button" class="danger" disabled={isBusy} onClick={post('resume', accept)}>
              Apply, with {effects.join(' and ')}
            </button>
            <button type="button" disabled={isBusy} onClick={post('reject')}>
              Reject
            </button>
          </>
        ) : (
          <button type="button" disabled={isBusy} onClick={post('resume', {})}>
            Resume
          </button>
        )}
      </p>
    </>
  );
}
