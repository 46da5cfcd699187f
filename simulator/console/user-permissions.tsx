// Permissions of a user in the console: their origins, and controls for adding and removing them.
import { useState } from 'preact/hooks';
import type { UserDetailsBody } from '../api/details-handlers.ts';
import { Empty, ErrorNotice, useAction, useLoaded } from './loaded.tsx';
import { Panel } from './panel.tsx';
import { ask, at } from './server.ts';
import { Table } from './table.tsx';

interface UserPermissionsProps {
  readonly path: string;
  readonly details: UserDetailsBody;
  readonly reload: () => void;
}

export function UserPermissions({ path, details: { permissions }, reload }: UserPermissionsProps) {
  const { loaded: all } = useLoaded<string[]>('/simulator/permissions');
  const [chosen, setChosen] = useState('');
  const { isBusy, refusal, act } = useAction();
  const given = (group: string | null, byDefault: boolean) =>
    group === null ? (byDefault ? 'default of the IAM' : 'platform') : `group ${group}`;
  return (
    <>
      {permissions.length === 0 ? (
        <Empty>No permissions.</Empty>
      ) : (
        <Table
          caption="Permissions"
          head={['Permission', 'Given by', 'Action']}
          rows={permissions.map(({ name, group, byDefault }) => ({
            key: JSON.stringify([name, group, byDefault]),
            cells: [
              name,
              given(group, byDefault),
              group === null && !byDefault ? (
                <button
                  type="button"
                  class="quiet"
                  disabled={isBusy}
                  aria-label={`Remove ${name}`}
                  onClick={async () => {
                    const target = `${path}/permissions${at`/${name}`}`;
                    if (await act(() => ask('DELETE', target), `${name} was removed.`)) reload();
                  }}
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
      <Panel id="add-permissions" title="Add permissions">
        <form
          class="filters"
          onSubmit={async (event) => {
            event.preventDefault();
            const body = { permissions: [chosen] };
            if (await act(() => ask('PUT', `${path}/permissions`, body), `${chosen} was added.`)) reload();
          }}
        >
          <label>
            Select permission
            <select required value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
              <option value="">Select …</option>
              {all.state === 'ready' && all.data.map((name) => <option key={name}>{name}</option>)}
            </select>
          </label>
          <button type="submit" disabled={isBusy || chosen === ''}>
            Add
          </button>
        </form>
      </Panel>
    </>
  );
}
