// User list of an IAM in the console: its source, a test, and the form of an LDAP directory with password and CA.
import { useState } from 'preact/hooks';
import type { UserListSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { IamSettingsBody } from '../api/settings-handlers.ts';
import { EditForm, useEdit } from './edit-form.tsx';
import { useFieldErrors } from './field-errors.tsx';
import { CheckField, FileField, TextField } from './fields.tsx';
import { ErrorNotice, useAction } from './loaded.tsx';
import { ask, at, type Versioned } from './server.ts';

interface IamUserListProps {
  readonly iam: Versioned<IamSettingsBody>;
  readonly onSaved: () => void;
}

/** Response of `testUserList`; null: the users in the store. */
interface UserListTest {
  readonly name: string | null;
  readonly users: number | null;
}

interface UserListFields extends Readonly<Record<string, string | boolean>> {
  readonly url: string;
  readonly useridColumn: string;
  readonly bindDn: string;
  readonly password: string;
  readonly ca: string;
  readonly removesCa: boolean;
}

const labels = {
  url: 'LDAP URL',
  useridColumn: 'User name attribute',
  bindDn: 'Bind DN',
  password: 'Bind password',
  ca: 'CA file of the directory (*.pem)',
  removesCa: 'Remove the stored CA file',
} as const;

/** Options with a field of their own. */
const options = ['url', 'useridColumn', 'bindDn', 'bindPasswordFile', 'bindPasswordEnv', 'caFile'];

export function IamUserList({ iam, onSaved }: IamUserListProps) {
  const { id, loaded } = iam.data;
  const userList = loaded?.userList;
  const [tested, setTested] = useState<UserListTest | null>(null);
  const { isBusy, refusal, act } = useAction();
  const edit = useEdit<IamSettingsBody, UserListFields>({
    resource: iam,
    // Fields of secrets are empty at first: stored secrets are never returned.
    toFields: ({ loaded: now }) => ({
      url: now?.userList?.url ?? '',
      useridColumn: now?.userList?.useridColumn ?? '',
      bindDn: now?.userList?.bindDn ?? '',
      ...{ password: '', ca: '', removesCa: false },
    }),
    save: (changes, version) => ask('PATCH', at`/simulator/iams/${id}`, toChange(changes), version),
    onSaved: () => {
      setTested(null);
      onSaved();
    },
    done: 'The user list was saved.',
  });
  const errors = useFieldErrors(edit.refusal, 'userList', options);
  const { fields, set } = edit;
  const text = (name: 'url' | 'useridColumn' | 'bindDn', error = errors.ofFields.get(name)) => ({
    label: labels[name],
    value: fields[name],
    error,
    onInput: (value: string) => set(name, value),
  });
  const hasPassword = (userList?.bindPasswordFile ?? userList?.bindPasswordEnv) !== undefined;
  const hasCa = userList?.caFile !== undefined;
  return (
    <section aria-label="User list">
      <h2>User list</h2>
      <p>{describeSource(userList)}</p>
      <div ref={errors.form}>
        {/* File fields are reset after saving. */}
        <EditForm
          key={iam.version}
          edit={edit}
          labels={labels}
          button="Save user list"
          refusal={errors.others}
          actions={
            <button
              type="button"
              disabled={isBusy}
              onClick={() =>
                act(async () => {
                  setTested(null);
                  setTested(await ask('POST', at`/simulator/iams/${id}/test-user-list`, {}));
                })
              }
            >
              Test user list
            </button>
          }
        >
          <TextField
            {...text('url')}
            placeholder="ldaps://host/base?attribute?scope?filter"
            hint={
              userList?.file === undefined
                ? 'Leave this empty to synchronize the users in the store.'
                : 'A URL replaces the file.'
            }
          />
          {fields.url !== '' && (
            <>
              <TextField
                {...text('useridColumn')}
                hint="LDAP attribute with the user name, unless the URL names one. Default: userid."
              />
              <TextField {...text('bindDn')} hint="Leave this empty to bind anonymously." />
              {fields.bindDn !== '' && (
                <TextField
                  label={labels.password}
                  type="password"
                  required={!hasPassword}
                  value={fields.password}
                  error={errors.ofFields.get('bindPasswordFile') ?? errors.ofFields.get('bindPasswordEnv')}
                  onInput={(value) => set('password', value)}
                  hint={
                    hasPassword
                      ? 'A password is stored. Leave this empty to keep it for the same server.'
                      : 'The password is stored, but not shown again.'
                  }
                />
              )}
              <FileField
                label={labels.ca}
                isStored={hasCa}
                error={errors.ofFields.get('caFile')}
                onInput={(value) => set('ca', value)}
              />
              {hasCa && (
                <CheckField
                  label={labels.removesCa}
                  value={fields.removesCa}
                  onInput={(value) => set('removesCa', value)}
                  hint="The certificate of the directory is then verified with the CAs that Node trusts."
                />
              )}
            </>
          )}
        </EditForm>
      </div>
      <div role="status">{tested !== null && <p class="notice good">{describeTest(tested)}</p>}</div>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
    </section>
  );
}

/** Returns the body of the request that saves these changes. An empty URL removes the whole list; a URL replaces a file. */
function toChange({ url, useridColumn, bindDn, password, ca, removesCa }: Partial<UserListFields>) {
  if (url?.trim() === '') return { settings: { userList: null } };
  const secrets = Object.entries({ bindPassword: bindDn === '' ? '' : password, ldapCa: ca }).filter(
    ([, secret]) => secret !== undefined && secret !== '',
  );
  const account =
    bindDn?.trim() === ''
      ? { bindDn: null, bindPasswordFile: null, bindPasswordEnv: null }
      : { bindDn: bindDn?.trim() };
  const userList = {
    ...(url !== undefined && { url: url.trim(), file: null, ignoreColumns: null }),
    ...(useridColumn !== undefined && { useridColumn: useridColumn.trim() === '' ? null : useridColumn.trim() }),
    ...(bindDn !== undefined && account),
    ...(removesCa && { caFile: null }),
  };
  return { settings: { userList }, ...(secrets.length > 0 && { secrets: Object.fromEntries(secrets) }) };
}

function describeSource(userList: UserListSettings | undefined): string {
  if (userList === undefined) return 'A sync of all users requests the users in the store from the endpoint.';
  const { url, file, bindDn } = userList;
  const account = bindDn === undefined ? '' : `, as ${bindDn}`;
  return `A sync of all users requests the users of ${url ?? file}${account}. It creates new users and disables users who are no longer listed.`;
}

function describeTest({ name, users }: UserListTest): string {
  return name === null
    ? 'The list consists of the users in the store.'
    : `The list was read completely: ${users} users of ${name}.`;
}
