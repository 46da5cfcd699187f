// Owns where an IAM's users are listed, in the console: what is set, trying it, and another directory.
import { useState } from 'preact/hooks';
import type { UserListSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { IamSettingsBody } from '../api/settings-handlers.ts';
import { ErrorNotice, useAction } from './loaded.tsx';
import { ask, at } from './server.ts';

interface IamUserListProps {
  readonly iam: IamSettingsBody;
  readonly loaded: NonNullable<IamSettingsBody['loaded']>;
  readonly onSaved: () => void;
}

/** What `testUserList` answers; null: the users of the store. */
interface UserListTest {
  readonly name: string | null;
  readonly users: number | null;
}

export function IamUserList({ iam: { id, settings }, loaded: { userList }, onSaved }: IamUserListProps) {
  const [url, setUrl] = useState(userList?.url ?? '');
  const [bindDn, setBindDn] = useState(userList?.bindDn ?? '');
  const [tested, setTested] = useState<UserListTest | null>(null);
  const { isBusy, refusal, act } = useAction();
  const save = () => {
    const { userList: kept = {}, ...others } = settings as { userList?: Partial<UserListSettings> };
    // A file is named on the command line, and taken away there.
    if (url.trim() === '' && kept.file !== undefined) return Promise.resolve();
    const { file: _file, url: _url, bindDn: _bindDn, ...account } = kept;
    const list = { ...account, url: url.trim(), ...(bindDn.trim() !== '' && { bindDn: bindDn.trim() }) };
    return ask('PUT', at`/simulator/iams/${id}`, {
      settings: url.trim() === '' ? others : { ...others, userList: list },
    });
  };
  return (
    <section aria-label="User list">
      <h2>User list</h2>
      <p>{describeSource(userList)}</p>
      <form
        class="filters"
        onSubmit={async (event) => {
          event.preventDefault();
          setTested(null);
          if (await act(save)) onSaved();
        }}
      >
        <label>
          LDAP URL{userList?.file === undefined && ', empty: the store'}
          <input
            spellcheck={false}
            placeholder="ldaps://host/base?attribute?scope?filter"
            value={url}
            onInput={(event) => setUrl(event.currentTarget.value)}
          />
        </label>
        <label>
          Bind DN, empty: nobody
          <input spellcheck={false} value={bindDn} onInput={(event) => setBindDn(event.currentTarget.value)} />
        </label>
        <button type="submit" disabled={isBusy}>
          Save user list
        </button>
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
      </form>
      <div role="status">{tested !== null && <p class="notice good">{wordTest(tested)}</p>}</div>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
    </section>
  );
}

function describeSource(userList: UserListSettings | undefined): string {
  if (userList === undefined) return 'A sync of all asks for the users that the store has.';
  const { url, file, bindDn } = userList;
  const account = bindDn === undefined ? '' : `, as ${bindDn}`;
  return `A sync of all asks for the users of ${url ?? file}${account}: who is new is created, who is gone disabled.`;
}

function wordTest({ name, users }: UserListTest): string {
  return name === null ? 'The users are those in the store.' : `The list is read whole: ${users} users of ${name}.`;
}
