// Permissions that an IAM grants to all its users and to members of its groups, in the console.
import { useState } from 'preact/hooks';
import type { IamSettingsBody } from '../api/settings-handlers.ts';
import { Combobox } from './combobox.tsx';
import { EditForm, useEdit } from './edit-form.tsx';
import { CheckField } from './fields.tsx';
import type { GroupBody } from './group-page.tsx';
import { useLoaded } from './loaded.tsx';
import { ask, at, type Versioned } from './server.ts';

interface IamPermissionsProps {
  readonly iam: Versioned<IamSettingsBody>;
  readonly onSaved: () => void;
}

export function IamPermissions({ iam, onSaved }: IamPermissionsProps) {
  const { loaded } = useLoaded<string[]>('/simulator/permissions');
  const [added, setAdded] = useState<readonly string[]>([]);
  const [search, setSearch] = useState('');
  const all = loaded.state === 'ready' ? loaded.data : [];
  const groups = [...new Set([...Object.keys(iam.data.groupPermissions), ...added])];
  return (
    <>
      <h2>Default permissions</h2>
      <p>Each user of {iam.data.id} has these permissions.</p>
      <PermissionsForm iam={iam} group={null} all={all} onSaved={onSaved} />
      <h2>Permissions of groups</h2>
      {groups.map((group) => (
        <PermissionsForm key={group} iam={iam} group={group} all={all} onSaved={onSaved} />
      ))}
      <Combobox
        label="Add a group"
        value={search}
        onInput={setSearch}
        suggest={async (name) => {
          const query = new URLSearchParams({ name, iamid: iam.data.id, size: '10' });
          const { hits } = await ask<{ hits: GroupBody[] }>('GET', `/bim/group?${query}`);
          return hits.map((group) => ({ key: group.id, text: group.name }));
        }}
        onChoose={({ text }) => {
          setAdded([...added, text]);
          setSearch('');
        }}
        nothing={`${iam.data.id} has no such group.`}
      />
    </>
  );
}

interface PermissionsFormProps extends IamPermissionsProps {
  /** Null: permissions of all users. */
  readonly group: string | null;
  readonly all: readonly string[];
}

function PermissionsForm({ iam, group, all, onSaved }: PermissionsFormProps) {
  const edit = useEdit<IamSettingsBody, { readonly permissions: readonly string[] }>({
    resource: iam,
    toFields: ({ defaultPermissions, groupPermissions }) => ({
      permissions: group === null ? defaultPermissions : (groupPermissions[group] ?? []),
    }),
    save: ({ permissions = [] }, version) => {
      const body =
        group === null ? { defaultPermissions: permissions } : { groupPermissions: { [group]: permissions } };
      return ask('PATCH', at`/simulator/iams/${iam.data.id}`, body, version);
    },
    onSaved,
    done: group === null ? 'The default permissions were saved.' : `The permissions of ${group} were saved.`,
  });
  const { permissions } = edit.fields;
  const toggle = (name: string, isOn: boolean) =>
    edit.set('permissions', isOn ? [...permissions, name].sort() : permissions.filter((each) => each !== name));
  return (
    <EditForm
      edit={edit}
      labels={{ permissions: 'Permissions' }}
      button={group === null ? 'Save default permissions' : `Save permissions of ${group}`}
    >
      <fieldset>
        <legend>{group ?? 'All users'}</legend>
        {all.map((name) => (
          <CheckField
            key={name}
            label={name}
            value={permissions.includes(name)}
            onInput={(isOn) => toggle(name, isOn)}
          />
        ))}
      </fieldset>
    </EditForm>
  );
}
