// Where an IAM's users are listed, in the console: what is set, testing it, and another LDAP directory.
import { useState } from 'preact/hooks';
import type { UserListSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { IamSettingsBody } from '../api/settings-handlers.ts';
import { EditForm, useEdit } from './edit-form.tsx';
import { ErrorNotice, useAction } from './loaded.tsx';
import { ask, at, type Versioned } from './server.ts';

interface IamUserListProps {
  readonly iam: Versioned<IamSettingsBody>;
  readonly onSaved: () => void;
}

/** What `testUserList` answers; null: the users of the store. */
interface UserListTest {
  readonly name: string | null;
  readonly users: number | null;
}

const labels = { url: 'LDAP URL', bindDn: 'Bind DN' };

export function IamUserList({ iam, onSaved }: IamUserListProps) {
  const { id, loaded } = iam.data;
  const userList = loaded?.userList;
  const [tested, setTested] = useState<UserListTest | null>(null);
  const { isBusy, refusal, act } = useAction();
  const edit = useEdit({
    resource: iam,
    toFields: (data) => ({ url: data.loaded?.userList?.url ?? '', bindDn: data.loaded?.userList?.bindDn ?? '' }),
    save: (changes, version) => ask('PATCH', at`/simulator/iams/${id}`, { settings: toPatch(changes) }, version),
    onSaved: () => {
      setTested(null);
      onSaved();
    },
    done: 'The user list was saved.',
  });
  return (
    <section aria-label="User list">
      <h2>User list</h2>
      <p>{describeSource(userList)}</p>
      <EditForm
        edit={edit}
        labels={labels}
        button="Save user list"
        class="filters"
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
        <label>
          LDAP URL{userList?.file === undefined && ', empty: the store'}
          <input
            spellcheck={false}
            placeholder="ldaps://host/base?attribute?scope?filter"
            value={edit.fields.url}
            onInput={(event) => edit.set('url', event.currentTarget.value)}
          />
        </label>
        <label>
          Bind DN, empty: anonymous
          <input
            spellcheck={false}
            value={edit.fields.bindDn}
            onInput={(event) => edit.set('bindDn', event.currentTarget.value)}
          />
        </label>
      </EditForm>
      <div role="status">{tested !== null && <p class="notice good">{wordTest(tested)}</p>}</div>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
    </section>
  );
}

/** Without a URL the whole list is removed; a URL takes the place of a file. */
function toPatch({ url, bindDn }: { readonly url?: string; readonly bindDn?: string }): object {
  if (url !== undefined && url.trim() === '') return { userList: null };
  return {
    userList: {
      ...(url !== undefined && { url: url.trim(), file: null }),
      ...(bindDn !== undefined && { bindDn: bindDn.trim() === '' ? null : bindDn.trim() }),
    },
  };
}

function describeSource(userList: UserListSettings | undefined): string {
  if (userList === undefined) return 'A sync of all asks for the users that the store has.';
  const { url, file, bindDn } = userList;
  const account = bindDn === undefined ? '' : `, as ${bindDn}`;
  return `A sync of all asks for the users of ${url ?? file}${account}. It creates new users and disables users who are no longer listed.`;
}

function wordTest({ name, users }: UserListTest): string {
  return name === null
    ? 'The users are those in the store.'
    : `The list was read completely: ${users} users of ${name}.`;
}
