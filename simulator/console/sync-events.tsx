// Events of syncs while a page of the console is open, received as server-sent events.
import { useEffect, useState } from 'preact/hooks';
import type { RunnerWork, SyncEvent } from '../api/sync-runner.ts';
import { ErrorNotice, useAction } from './loaded.tsx';
import { linkTo } from './route.ts';
import { describeOutcome, toneOf } from './run-state.tsx';
import { ask, listen } from './server.ts';

const reconnectMs = 1000;

/**
 * Returns the latest event; reconnects after the connection is lost.
 *
 * @param onChange called when a run starts, enters another phase or ends, and when the connection opens, since runs may have changed in between.
 */
export function useSyncEvents(onChange: () => void): SyncEvent | null {
  const [event, setEvent] = useState<SyncEvent | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    let before: SyncEvent | null = null;
    const take = (data: unknown) => {
      const next = data as SyncEvent;
      const isNewRun =
        next.kind === 'progress' &&
        (before?.kind !== 'progress' || before.runId !== next.runId || before.phase !== next.phase);
      const isSame = next.kind === 'idle' && before === null;
      before = next;
      setEvent(next);
      if (!isSame && (isNewRun || next.kind !== 'progress')) onChange();
    };
    const follow = async () => {
      while (!stop.signal.aborted) {
        await listen('/simulator/events', take, stop.signal).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, reconnectMs));
      }
    };
    follow();
    return () => stop.abort();
  }, [onChange]);
  return event;
}

/** Progress of the sync, or its result. */
export function SyncProgress({ event }: { readonly event: SyncEvent | null }) {
  if (event?.kind === 'failed') return <ErrorNotice>{event.message}</ErrorNotice>;
  if (event?.kind === 'ended') {
    return (
      <p class={`notice ${toneOf(event)}`} role="status">
        <a href={linkTo('runs', event.runId)}>Run {event.runId}</a> of {event.iam}: {describeOutcome(event)}.
      </p>
    );
  }
  if (event?.kind !== 'progress') return null;
  const { iam, work, phase, done, total } = event;
  return (
    <p class="notice">
      <label>
        {work === 'sync' ? iam : `${iam}, ${work}`}: {phase} {done} of {total}{' '}
        <progress value={done} max={Math.max(total, 1)}>
          {done} of {total}
        </progress>
      </label>
    </p>
  );
}

interface RunningWorkProps {
  readonly iam: string;
  readonly work: RunnerWork;
}

const ignore = () => undefined;

/** Progress of work that is not recorded, e.g. a comparison, and the button that stops it. */
export function RunningWork({ iam, work }: RunningWorkProps) {
  const event = useSyncEvents(ignore);
  const { isBusy, refusal, act } = useAction();
  if (event?.kind !== 'progress' || event.iam !== iam || event.work !== work) return null;
  return (
    <>
      <SyncProgress event={event} />
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <p class="actions">
        <button type="button" disabled={isBusy} onClick={() => act(() => ask('POST', '/simulator/interrupt'))}>
          Interrupt
        </button>
      </p>
    </>
  );
}
