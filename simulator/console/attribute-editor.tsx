// Manually assigned attributes of a user or a group in the console: adding and removing values.
import { useState } from 'preact/hooks';
import { Combobox, type Suggestion } from './combobox.tsx';
import { ErrorNotice, useAction } from './loaded.tsx';
import { Panel } from './panel.tsx';
import { ask, at } from './server.ts';
import { Origins, Table } from './table.tsx';

/** One value with its origins. */
export interface AttributeRow {
  readonly name: string;
  readonly value: string;
  /** The IAM that the attribute belongs to. */
  readonly iam: string;
  readonly origins: readonly string[];
  /** Where the attribute is inherited from, e.g. "group stewards". */
  readonly inherited?: string;
}

interface AttributeEditorProps {
  /** URL of the user or group in the REST API; the attributes are below it. */
  readonly path: string;
  readonly rows: readonly AttributeRow[];
  readonly onChanged: () => void;
}

export function AttributeEditor({ path, rows, onChanged }: AttributeEditorProps) {
  const { isBusy, refusal, act } = useAction();
  const change = async (method: 'PUT' | 'DELETE', name: string, value: string, done: string) => {
    const isDone = await act(() => ask(method, `${path}/authorizations${at`/${name}/${value}`}`), done);
    if (isDone) onChanged();
    return isDone;
  };
  return (
    <>
      {rows.length === 0 ? (
        <p class="notice empty">No attributes.</p>
      ) : (
        <Table
          caption="Attributes"
          head={['Attribute', 'Value', 'IAM', 'Given by', 'Action']}
          rows={rows.map(({ name, value, iam, origins, inherited }) => ({
            key: JSON.stringify([name, value, iam, origins, inherited]),
            cells: [
              name,
              value,
              iam,
              <>
                <Origins of={origins} />
                {inherited !== undefined && <span class="badge">{inherited}</span>}
              </>,
              inherited === undefined && origins.includes('platform') ? (
                <button
                  type="button"
                  class="quiet"
                  disabled={isBusy}
                  aria-label={`Remove ${name}: ${value}`}
                  onClick={() => change('DELETE', name, value, `The value ${value} of ${name} was removed.`)}
                >
                  Remove
                </button>
              ) : (
                ''
              ),
            ],
          }))}
        />
      )}
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <Panel id="add-attributes" title="Add attributes">
        <AddAttribute
          isBusy={isBusy}
          onAdd={(name, value) => change('PUT', name, value, `The value ${value} of ${name} was added.`)}
        />
      </Panel>
    </>
  );
}

interface AddAttributeProps {
  readonly isBusy: boolean;
  readonly onAdd: (name: string, value: string) => Promise<boolean>;
}

async function suggest(query: Readonly<Record<string, string>>): Promise<Suggestion[]> {
  const found = await ask<readonly string[]>('GET', `/simulator/attributes?${new URLSearchParams(query)}`);
  const { search = '' } = query;
  const existing = found.map((text) => ({ key: text, text }));
  return search === '' || found.includes(search)
    ? existing
    : [...existing, { key: ` ${search}`, text: search, note: 'new' }];
}

function AddAttribute({ isBusy, onAdd }: AddAttributeProps) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  return (
    <form
      class="filters"
      onSubmit={async (event) => {
        event.preventDefault();
        if (await onAdd(name, value)) setValue('');
      }}
    >
      <Combobox
        label="Attribute"
        required
        value={name}
        onInput={setName}
        suggest={(search) => suggest({ search, size: '10' })}
        onChoose={({ text }) => setName(text)}
        nothing="No attribute has this name yet."
      />
      <Combobox
        label="Attribute value"
        required
        value={value}
        onInput={setValue}
        suggest={(search) => suggest({ name, search, size: '10' })}
        onChoose={({ text }) => setValue(text)}
        nothing="The attribute does not have this value yet."
      />
      <button type="submit" disabled={isBusy}>
        Add attribute
      </button>
    </form>
  );
}
