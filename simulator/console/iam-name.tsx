// Display name of an IAM in the console.
import type { IamSettingsBody } from '../api/settings-handlers.ts';
import { EditForm, useEdit } from './edit-form.tsx';
import { ask, at, type Versioned } from './server.ts';

interface IamNameProps {
  readonly iam: Versioned<IamSettingsBody>;
  readonly onSaved: () => void;
}

const labels = { name: 'Display name' };

export function IamName({ iam, onSaved }: IamNameProps) {
  const edit = useEdit({
    resource: iam,
    toFields: ({ name }: IamSettingsBody) => ({ name }),
    save: ({ name }, version) =>
      ask('PATCH', at`/simulator/iams/${iam.data.id}`, { displayName: name?.trim() }, version),
    onSaved,
    done: 'The display name was saved.',
  });
  return (
    <EditForm edit={edit} labels={labels} button="Save display name" class="filters">
      <label>
        Display name
        <input
          required
          pattern=".*\S.*"
          value={edit.fields.name}
          onInput={(event) => edit.set('name', event.currentTarget.value)}
        />
      </label>
    </EditForm>
  );
}
