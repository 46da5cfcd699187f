// Form for the profile of a user in the console.
import type { toUserBody } from '../api/wire.ts';
import { EditForm, useEdit } from './edit-form.tsx';
import { TextField } from './fields.tsx';
import { ask, type Versioned } from './server.ts';

type UserBody = ReturnType<typeof toUserBody>;

const labels = {
  name: 'Full name',
  email: 'E-mail',
  position: 'Position',
  organization: 'Organization',
  location: 'Location',
  phone: 'Phone',
  about: 'About',
} as const;

type FieldName = keyof typeof labels;
const names = Object.keys(labels) as FieldName[];

interface UserProfileFormProps {
  readonly user: Versioned<UserBody>;
  /** URL of the user in the REST API. */
  readonly path: string;
  readonly onSaved: () => void;
}

export function UserProfileForm({ user, path, onSaved }: UserProfileFormProps) {
  const edit = useEdit({
    resource: user,
    toFields: ({ profile }: UserBody) =>
      Object.fromEntries(names.map((name) => [name, profile[name] ?? ''])) as Record<FieldName, string>,
    save: ({ email, ...texts }, version) => {
      const profile = { ...texts, ...(email !== undefined && { email: email === '' ? null : email }) };
      return ask('PUT', `${path}/profile`, profile, version);
    },
    onSaved,
    done: 'The profile was saved.',
  });
  // In the built-in IAM the e-mail address is the user name.
  const shown = names.filter((name) => name !== 'email' || user.data.iamid !== 'bim');
  return (
    <EditForm edit={edit} labels={labels} button="Save profile">
      {shown.map((name) => (
        <TextField
          key={name}
          label={labels[name]}
          type={name === 'email' ? 'email' : 'text'}
          required={name === 'name'}
          value={edit.fields[name]}
          onInput={(text) => edit.set(name, text)}
        />
      ))}
    </EditForm>
  );
}
