// Sync runs: starting a sync, its live progress, and the list of runs.
import { useState } from 'preact/hooks';
import type { RunBody } from '../api/run-handlers.ts';
import { useIams } from './iams.tsx';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { linkTo, setQuery } from './route.ts';
import { RunState } from './run-state.tsx';
import { ask, at, Refusal } from './server.ts';
import { SyncProgress, useSyncEvents } from './sync-events.tsx';
import { Table } from './table.tsx';
import { Time } from './time.tsx';

const pageSize = 25;

/** The IAM that was last selected in this tab. */
const chosenIamName = 'simulator-chosen-iam';

export function RunsPage({ query }: { readonly query: URLSearchParams }) {
  const offset = Number(query.get('offset') ?? 0);
  // One more item than a page shows, which reveals whether another page follows.
  const { loaded, reload } = useLoaded<RunBody[]>(`/simulator/runs?size=${pageSize + 1}&offset=${offset}`);
  const event = useSyncEvents(reload);
  return (
    <>
      <h1>Sync runs</h1>
      <NewRun isRunning={event?.kind === 'progress'} asked={query.get('iam')} />
      <SyncProgress event={event} />
      <Show of={loaded}>
        {(runs) =>
          runs.length === 0 && offset === 0 ? (
            <Empty>No runs yet. A dry run shows what a sync would change, and applies nothing.</Empty>
          ) : (
            <>
              <Table
                caption="Sync runs"
                head={['Run', 'IAM', 'Started', 'Started by', 'State', 'Requested', 'Changes', 'Compare']}
                rows={runs.slice(0, pageSize).map((run, index) => {
                  const before = runs.slice(index + 1).find(({ iam }) => iam === run.iam);
                  return {
                    key: run.id,
                    cells: [
                      <a key="link" href={linkTo('runs', run.id)}>
                        Run {run.id}
                      </a>,
                      run.iam,
                      <Time key="started" at={run.startedAt} />,
                      run.by,
                      <RunState key="state" run={run} />,
                      run.summary?.asked ?? '',
                      run.summary === null ? '' : run.summary.created + run.summary.changed,
                      before ? (
                        <a key="diff" href={linkTo('runs', before.id, 'diff', run.id)}>
                          {before.id} → {run.id}
                        </a>
                      ) : (
                        ''
                      ),
                    ],
                  };
                })}
              />
              <RunsPager offset={offset} shown={Math.min(runs.length, pageSize)} hasMore={runs.length > pageSize} />
            </>
          )
        }
      </Show>
    </>
  );
}

interface RunsPagerProps {
  readonly offset: number;
  readonly shown: number;
  readonly hasMore: boolean;
}

/** Shows the buttons for newer and older runs. New runs shift the pages, so the number of pages is not shown. */
function RunsPager({ offset, shown, hasMore }: RunsPagerProps) {
  if (offset === 0 && !hasMore) return null;
  const go = (to: number) => setQuery({ offset: to <= 0 ? '' : String(to) });
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" disabled={offset === 0} onClick={() => go(offset - pageSize)}>
        Newer
      </button>
      <span role="status">
        {shown === 0 ? 'No older runs' : `Runs ${offset + 1}–${offset + shown}, the newest first`}
      </span>
      <button type="button" disabled={!hasMore} onClick={() => go(offset + pageSize)}>
        Older
      </button>
    </nav>
  );
}

interface NewRunProps {
  readonly isRunning: boolean;
  /** IAM in the URL. */
  readonly asked: string | null;
}

function NewRun({ isRunning, asked }: NewRunProps) {
  const loaded = useIams();
  const [isDry, setDry] = useState(true);
  const { isBusy, refusal, act } = useAction();
  const ids = loaded.state === 'ready' ? loaded.data.map(({ id }) => id) : [];
  const wanted = asked ?? sessionStorage.getItem(chosenIamName) ?? '';
  const chosen = ids.includes(wanted) ? wanted : (ids.find((id) => id !== 'bim') ?? '');
  const choose = (iam: string) => {
    sessionStorage.setItem(chosenIamName, iam);
    setQuery({ iam });
  };
  return (
    <form
      class="filters"
      aria-label="New run"
      onSubmit={(event) => {
        event.preventDefault();
        // The event of a recorded run shows how the run ended.
        act(() =>
          ask('POST', at`/simulator/iams/${chosen}/runs`, { dryRun: isDry }).catch((error) => {
            if (!(error instanceof Refusal && error.hasRun)) throw error;
          }),
        );
      }}
    >
      <label>
        IAM
        <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
          {ids.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      </label>
      <label class="check">
        <input type="checkbox" checked={isDry} onChange={(event) => setDry(event.currentTarget.checked)} />
        Dry run
      </label>
      <button type="submit" class={isDry ? '' : 'danger'} disabled={isBusy || isRunning || chosen === ''}>
        {isDry ? `Dry run: sync all users of ${chosen}` : `Sync all users of ${chosen} and apply the changes`}
      </button>
      {isRunning && (
        <button type="button" class="quiet" onClick={() => act(() => ask('POST', '/simulator/interrupt'))}>
          Interrupt
        </button>
      )}
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
    </form>
  );
}
