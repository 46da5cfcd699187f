// Page of one run: first its state and the decision about it, then changes by group and user.
import type { ChangeBody, RunBody } from '../api/run-handlers.ts';
import type { Measurements } from '../sync/guess-origins.ts';
import { Assumptions } from './assumptions.tsx';
import { Change } from './change.tsx';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { linkTo, useRoute } from './route.ts';
import { RunGroups } from './run-groups.tsx';
import { outcomeOf, RunState, wordOutcome, wordReason } from './run-state.tsx';
import { ask, at } from './server.ts';
import { SyncProgress, useSyncEvents } from './sync-events.tsx';
import { Table } from './table.tsx';
import { Time } from './time.tsx';
import { UndoRun } from './undo-run.tsx';

type RunDetails = RunBody & {
  readonly guesses: Readonly<Record<string, unknown>>;
  readonly measured: Measurements;
  readonly users: readonly ChangeBody[];
  readonly next: string | null;
};

const pageSize = 100;

export function RunPage({ id }: { readonly id: number }) {
  const after = useRoute().query.get('after') ?? '';
  const query = new URLSearchParams({ size: String(pageSize), after });
  const { loaded, reload } = useLoaded<RunDetails>(`${at`/simulator/runs/${id}`}?${query}`);
  const event = useSyncEvents(reload);
  const isOwn = event?.kind === 'progress' && event.runId === id;
  return (
    <>
      <p class="trail">
        <a href={linkTo('runs')}>Sync runs</a>
      </p>
      <h1>Run {id}</h1>
      <Show of={loaded}>
        {(run) => (
          <>
            <Summary run={run} onDecided={reload} />
            {isOwn && <SyncProgress event={event} />}
            {run.decision !== null && (
              <p class="notice">
                {run.decision.kind === 'accepted' ? 'Accepted' : 'Rejected'} by {run.decision.by},{' '}
                <Time at={run.decision.at} />.
              </p>
            )}
            {run.undone !== null && (
              <p class="notice warn">
                Undone by {run.undone.by}, <Time at={run.undone.at} />.
              </p>
            )}
            {run.skippedSyncs > 0 && run.decision === null && (
              <p class="notice warn">
                {run.skippedSyncs === 1 ? '1 scheduled sync was' : `${run.skippedSyncs} scheduled syncs were`} skipped
                because this run is waiting for a decision.
              </p>
            )}
            {run.summary?.stopped.map((reason) => (
              <ErrorNotice key={reason}>{reason}</ErrorNotice>
            ))}
            {run.applied !== 'none' && run.ending !== 'running' && <UndoRun run={run} onUndone={reload} />}
            {run.summary !== null && run.summary.groups.length > 0 && <RunGroups summary={run.summary} />}
            <h2>Users</h2>
            <ChangedUsers run={run} isFirstPage={after === ''} />
            <details class="panel">
              <summary>Assumptions about behavior that the platform documentation does not describe</summary>
              <Assumptions guesses={run.guesses} measured={run.measured} />
            </details>
          </>
        )}
      </Show>
    </>
  );
}

const effects: Readonly<Record<RunBody['applied'], string>> = {
  all: 'All changes were applied.',
  some: 'Some of the changes were applied.',
  none: 'Nothing was applied.',
};

/** Summary that stays visible above long tables. */
function Summary({ run, onDecided }: { readonly run: RunDetails; readonly onDecided: () => void }) {
  const { ending, summary } = run;
  const canDecide =
    (ending === 'stopped' && run.decision === null) || (ending === 'interrupted' && run.scope === 'all');
  const numbers: ReadonlyArray<readonly [string, number]> =
    summary === null
      ? []
      : [
          ['requested', summary.asked],
          ['answered', summary.answered],
          ['created', summary.created],
          ...(summary.migrated ? ([['of them migrated', summary.migrated]] as const) : []),
          ['changed', summary.changed],
          ['disabled', summary.disabled],
          ['losing', summary.losing],
        ];
  return (
    <section class="run-summary" aria-label="Summary">
      <p>
        {run.iam}, started <Time at={run.startedAt} /> by {run.by}: <RunState run={run} />{' '}
        {ending === 'running' ? 'Numbers and changes are complete once the run has ended.' : effects[run.applied]}
      </p>
      {canDecide && <Decide run={run} onDone={onDecided} />}
      {ending !== 'running' && (
        <ul class="numbers">
          {numbers.map(([name, number]) => (
            <li key={name} class={name === 'losing' && number > 0 ? 'bad' : ''}>
              <strong>{number}</strong> {name}
            </li>
          ))}
          {Object.entries(summary?.failures ?? {}).map(([kind, users]) => (
            <li key={kind} class="bad">
              <strong>{users}</strong> {kind}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function ChangedUsers({ run, isFirstPage }: { readonly run: RunDetails; readonly isFirstPage: boolean }) {
  if (run.users.length === 0 && isFirstPage) return <Empty>{describeNothing(run)}</Empty>;
  return (
    <>
      <Table
        caption="Users who changed or could not be retrieved"
        head={['User name', 'Result', 'Reason', 'Change']}
        rows={run.users.map((user) => ({
          key: user.userid,
          cells: [
            <a key="link" href={linkTo('users', run.iam, user.userid)}>
              {user.userid}
            </a>,
            wordOutcome(user.outcome),
            wordReason(user),
            <Change key="change" gained={user.gained} lost={user.lost} isNew={user.isNew} />,
          ],
        }))}
      />
      <nav class="pager" aria-label="Pages of users">
        {!isFirstPage && <a href={linkTo('runs', run.id)}>First page</a>}
        {run.next !== null && (
          <a href={`${linkTo('runs', run.id)}?${new URLSearchParams({ after: run.next })}`}>Next page</a>
        )}
      </nav>
    </>
  );
}

/** Makes no claim about users who were not requested. */
function describeNothing(run: RunDetails): string {
  const { failed } = outcomeOf(run);
  if (run.ending === 'running') return 'No change so far. The run has not ended.';
  if (run.ending === 'interrupted' || run.ending === 'unreachable' || run.summary === null) {
    return 'The run was not completed. No changes to the requested users have been found so far.';
  }
  return failed > 0
    ? 'No user changed.'
    : `No user ${run.applied === 'all' ? 'changed' : 'would change'}, and the endpoint returned user info for each of the ${run.summary.asked} users.`;
}

/** Resumes an interrupted run; applies or rejects a run that the guard stopped. */
function Decide({ run, onDone }: { readonly run: RunDetails; readonly onDone: () => void }) {
  const { isBusy, refusal, act } = useAction();
  const { losses, gains } = run.summary?.toConfirm ?? {};
  const post = (action: 'resume' | 'reject', body?: object) => async () => {
    await act(() => ask('POST', `${at`/simulator/runs/${run.id}`}/${action}`, body));
    onDone();
  };
  const accept = {
    ...(losses !== undefined && { acceptLosses: losses }),
    ...(gains !== undefined && { acceptGains: gains }),
  };
  const consequences = [
    ...(losses === undefined ? [] : [`${losses} losing access`]),
    ...(gains === undefined ? [] : [`${gains} gaining access`]),
  ];
  return (
    <>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <p class="actions">
        {run.ending === 'stopped' ? (
          <>
            <button type="button" class="danger" disabled={isBusy} onClick={post('resume', accept)}>
              Apply to {run.iam}, with {consequences.join(' and ')}
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
