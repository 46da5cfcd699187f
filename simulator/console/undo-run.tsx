// Undo of an applied run in the console: explanation, confirmation by entering the run's number, and lists of the changes that were and were not
// restored.
import { useState } from 'preact/hooks';
import type { UndoResult } from '../sync/undo-run.ts';
import { TextField } from './fields.tsx';
import { ErrorNotice, useAction } from './loaded.tsx';
import { Panel } from './panel.tsx';
import { ask, at } from './server.ts';

interface UndoRunProps {
  readonly run: { readonly id: number; readonly iam: string; readonly undone: object | null };
  readonly onUndone: () => void;
}

export function UndoRun({ run: { id, iam, undone }, onUndone }: UndoRunProps) {
  const [typed, setTyped] = useState('');
  const [result, setResult] = useState<UndoResult | null>(null);
  const { isBusy, refusal, act } = useAction();
  const undo = async () => {
    await act(async () => {
      setResult(await ask<UndoResult>('POST', at`/simulator/runs/${id}/undo`));
    }, `Run ${id} was undone.`);
    onUndone();
  };
  return (
    <>
      {result !== null && <Undone result={result} />}
      {undone === null && (
        <Panel id="undo" title="Undo this run …">
          <form
            class="fields"
            onSubmit={(event) => {
              event.preventDefault();
              undo();
            }}
          >
            <p>
              This removes what run {id} added for users of {iam}, and restores what it removed. Later changes by people
              or runs remain. The next sync applies the same changes again, unless the endpoint or the user list is
              corrected.
            </p>
            <TextField label={`Type ${id} to confirm`} value={typed} onInput={setTyped} />
            {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
            <button type="submit" class="danger" disabled={isBusy || typed.trim() !== String(id)}>
              Undo run {id}
            </button>
          </form>
        </Panel>
      )}
    </>
  );
}

function Undone({ result: { restored, deleted, notRestored, durationMs } }: { readonly result: UndoResult }) {
  const users = (count: number) => `${count} ${count === 1 ? 'user' : 'users'}`;
  return (
    <section class={`notice ${notRestored.length === 0 ? 'good' : 'warn'}`} aria-label="Result of the undo">
      <p>
        Restored {users(restored)} and deleted {users(deleted)} that the run had created, in {durationMs} ms.
      </p>
      {notRestored.length > 0 && (
        <>
          <p>Not restored:</p>
          <ul>
            {notRestored.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
