// Owns editing settings as JSON in the console.
import { useState } from 'preact/hooks';
import { ErrorNotice, useAction } from './loaded.tsx';

interface JsonEditorProps {
  /** Another one begins anew with a new `key`. */
  readonly settings: unknown;
  readonly hint: string;
  /** What it is refused with is shown. */
  readonly onSave: (settings: unknown) => Promise<unknown>;
  readonly onSaved: () => void;
}

export function JsonEditor({ settings, hint, onSave, onSaved }: JsonEditorProps) {
  const [text, setText] = useState(JSON.stringify(settings, null, 2));
  const { isBusy, refusal, act } = useAction();
  return (
    <details class="panel">
      <summary>Edit the settings</summary>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          if (await act(async () => onSave(parseJson(text)))) onSaved();
        }}
      >
        <label>
          Settings, JSON
          <textarea rows={16} spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <p class="hint">{hint}</p>
        {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
        <button type="submit" disabled={isBusy}>
          Save
        </button>
      </form>
    </details>
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`This is no JSON: ${(error as Error).message}`);
  }
}
