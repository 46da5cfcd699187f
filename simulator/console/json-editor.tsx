// Editor for settings as JSON in the console.
import { EditForm, useEdit } from './edit-form.tsx';
import { Panel } from './panel.tsx';
import type { Versioned } from './server.ts';

interface JsonEditorProps<Resource extends { readonly settings: unknown }> {
  readonly resource: Versioned<Resource>;
  readonly hint: string;
  readonly onSave: (settings: unknown, version: string | null) => Promise<unknown>;
  readonly onSaved: () => void;
}

const labels = { text: 'Settings' };

export function JsonEditor<Resource extends { readonly settings: unknown }>({
  resource,
  hint,
  onSave,
  onSaved,
}: JsonEditorProps<Resource>) {
  const edit = useEdit({
    resource,
    toFields: ({ settings }) => ({ text: JSON.stringify(settings, null, 2) }),
    save: async ({ text }, version) => text !== undefined && onSave(parseJson(text), version),
    onSaved,
    done: 'The settings were saved.',
  });
  return (
    <Panel id="json" title="Edit the settings as JSON">
      <EditForm edit={edit} labels={labels} button="Save">
        <label>
          Settings, JSON
          <textarea
            rows={16}
            spellcheck={false}
            value={edit.fields.text}
            onInput={(event) => edit.set('text', event.currentTarget.value)}
          />
        </label>
        <p class="hint">{hint}</p>
      </EditForm>
    </Panel>
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON: ${(error as Error).message}`);
  }
}
