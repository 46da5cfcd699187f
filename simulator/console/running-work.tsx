// Progress of work that is not recorded, e.g. a comparison, and the button that stops it.
import type { RunnerWork } from '../api/sync-runner.ts';
import { ErrorNotice, useAction } from './loaded.tsx';
import { ask } from './server.ts';
import { SyncProgress, useSyncEvents } from './sync-events.tsx';

interface RunningWorkProps {
  readonly iam: string;
  readonly work: RunnerWork;
}

const ignore = () => undefined;

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
