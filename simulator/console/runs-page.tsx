// Owns Sync runs: beginning one, its live progress by server-sent events, and the list of those there were.
import { useEffect, useState } from 'preact/hooks';
import type { RunBody } from '../api/run-handlers.ts';
import type { SyncEvent } from '../api/sync-runner.ts';
import { useIams } from './iams.tsx';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { linkTo } from './route.ts';
import { ask, at, listen } from './server.ts';
import { Table } from './table.tsx';
import { Time } from './time.tsx';

export const endings: Readonly<Record<RunBody['ending'], string>> = {
  done: 'applied',
  'dry-run': 'dry run',
  stopped: 'stopped by the guard',
  interrupted: 'interrupted',
  unreachable: 'endpoint unreachable',
};

type Event = SyncEvent | { readonly kind: 'idle' };

export function RunsPage() {
  const { loaded, reload } = useLoaded<RunBody[]>('/simulator/runs?size=100');
  const event = useSyncEvents(reload);
  return (
    <>
      <h1>Sync runs</h1>
      <NewRun isRunning={event?.kind === 'progress'} />
      <Progress event={event} />
      <Show of={loaded}>
        {(runs) =>
          runs.length === 0 ? (
            <Empty>No runs yet. A dry run shows what a sync would change, and applies nothing.</Empty>
          ) : (
            <Table
              caption="Sync runs"
              head={['Run', 'IAM', 'Started', 'Ended', 'Asked', 'Changed', 'Losing', 'Compare']}
              rows={runs.map((run, index) => {
                const before = runs.slice(index + 1).find(({ iam }) => iam === run.iam);
                return {
                  key: run.id,
                  cells: [
                    <a key="link" href={linkTo('runs', run.id)}>
                      Run {run.id}
                    </a>,
                    run.iam,
                    <Time key="started" at={run.startedAt} />,
                    <span key="ending" class={`badge ${run.ending}`}>
                      {endings[run.ending]}
                    </span>,
                    run.summary?.asked ?? '',
                    run.summary === null ? '' : run.summary.created + run.summary.changed,
                    run.summary?.losing ?? '',
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
          )
        }
      </Show>
    </>
  );
}

/** The last of what happened. Connects again when the connection is lost. */
function useSyncEvents(onEnded: () => void): Event | null {
  const [event, setEvent] = useState<Event | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const follow = async () => {
      while (!stop.signal.aborted) {
        const take = (data: unknown) => {
          const next = data as Event;
          setEvent(next);
          if (next.kind === 'ended' || next.kind === 'failed') onEnded();
        };
        await listen('/simulator/events', take, stop.signal).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    };
    follow();
    return () => stop.abort();
  }, [onEnded]);
  return event;
}

function NewRun({ isRunning }: { readonly isRunning: boolean }) {
  const loaded = useIams();
  const [iam, setIam] = useState('');
  const [isDry, setDry] = useState(true);
  const { isBusy, refusal, act } = useAction();
  const iams = loaded.state === 'ready' ? loaded.data : [];
  const chosen = iam || (iams.find(({ id }) => id !== 'bim')?.id ?? '');
  return (
    <form
      class="filters"
      aria-label="New run"
      onSubmit={(event) => {
        event.preventDefault();
        act(() => ask('POST', at`/simulator/iams/${chosen}/runs`, { dryRun: isDry }));
      }}
    >
      <label>
        IAM
        <select value={chosen} onChange={(event) => setIam(event.currentTarget.value)}>
          {iams.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      </label>
      <label class="check">
        <input type="checkbox" checked={isDry} onChange={(event) => setDry(event.currentTarget.checked)} />
        Dry run
      </label>
      <button type="submit" disabled={isBusy || isRunning || chosen === ''}>
        Sync all users
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

function Progress({ event }: { readonly event: Event | null }) {
  if (event?.kind === 'failed') return <ErrorNotice>{event.message}</ErrorNotice>;
  if (event?.kind === 'ended') {
    return (
      <p class="notice good" role="status">
        <a href={linkTo('runs', event.runId)}>Run {event.runId}</a> of {event.iam}: {endings[event.ending]}.
      </p>
    );
  }
  if (event?.kind !== 'progress') return null;
  const { iam, phase, done, total } = event;
  return (
    <p class="notice">
      <label>
        {iam}: {phase} {done} of {total}{' '}
        <progress value={done} max={Math.max(total, 1)}>
          {done} of {total}
        </progress>
      </label>
    </p>
  );
}
