// Owns Identities → Users: the list with its filters, which stand in the URL, and creating a user.
import { useState } from 'preact/hooks';
import type { toUserBody } from '../api/wire.ts';
import { IamFilter } from './iams.tsx';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { Metrics } from './metrics.tsx';
import { linkTo, setQuery } from './route.ts';
import { ask } from './server.ts';
import { Pager, Table } from './table.tsx';

type UserBody = ReturnType<typeof toUserBody>;
const pageSize = 25;

export function UsersPage({ query }: { readonly query: URLSearchParams }) {
  const offset = Number(query.get('offset') ?? 0);
  const filters = new URLSearchParams({ size: String(pageSize), offset: String(offset) });
  for (const name of ['iamid', 'userid', 'name', 'permission', 'includeDisabled']) {
    const value = query.get(name);
    if (value) filters.set(name, value);
  }
  const { loaded, reload } = useLoaded<{ hits: UserBody[]; count: number }>(`/bim/user?${filters}`);
  return (
    <>
      <h1>Users</h1>
      <Filters query={query} />
      <Show of={loaded}>
        {({ hits, count }) =>
          count === 0 ? (
            <Empty>No user matches. Fewer filters show more; disabled users are hidden unless asked for.</Empty>
          ) : (
            <>
              <Table
                caption="Users"
                head={['User name', 'Name', 'IAM', 'Groups', 'State']}
                rows={hits.map((user) => ({
                  key: user.id,
                  cells: [
                    <a key="link" href={linkTo('users', user.iamid, user.userid)}>
                      {user.userid}
                    </a>,
                    user.profile.name,
                    user.iamid,
                    user.groups.map(({ name }) => name).join(', '),
                    user.disabled ? <span class="badge off">disabled</span> : 'enabled',
                  ],
                }))}
              />
              <Pager offset={offset} size={pageSize} count={count} />
            </>
          )
        }
      </Show>
      <NewUser onCreated={reload} />
      <Metrics />
    </>
  );
}

function Filters({ query }: { readonly query: URLSearchParams }) {
  const { loaded: permissions } = useLoaded<string[]>('/simulator/permissions');
  const set = (name: string, value: string) => setQuery({ [name]: value, offset: '' });
  const value = (name: string) => query.get(name) ?? '';
  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <label>
        User name
        <input type="search" value={value('userid')} onInput={(event) => set('userid', event.currentTarget.value)} />
      </label>
      <label>
        Name
        <input type="search" value={value('name')} onInput={(event) => set('name', event.currentTarget.value)} />
      </label>
      <IamFilter value={value('iamid')} onChange={(iam) => set('iamid', iam)} />
      <label>
        Permission
        <select value={value('permission')} onChange={(event) => set('permission', event.currentTarget.value)}>
          <option value="">Any</option>
          {permissions.state === 'ready' && permissions.data.map((name) => <option key={name}>{name}</option>)}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={value('includeDisabled') === 'true'}
          onChange={(event) => set('includeDisabled', event.currentTarget.checked ? 'true' : '')}
        />
        Include disabled
      </label>
    </form>
  );
}

function NewUser({ onCreated }: { readonly onCreated: () => void }) {
  const [name, setName] = useState('');
  const [userid, setUserid] = useState('');
  const { isBusy, refusal, act } = useAction();
  return (
    <details class="panel">
      <summary>New user</summary>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          const user = { userid, profile: { name } };
          if (!(await act(() => ask('POST', '/bim/iam/bim/user', user)))) return;
          setName('');
          setUserid('');
          onCreated();
        }}
      >
        <label>
          Full name
          <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          E-mail, which is the user name
          <input type="email" required value={userid} onInput={(event) => setUserid(event.currentTarget.value)} />
        </label>
        {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
        <button type="submit" disabled={isBusy}>
          Create
        </button>
      </form>
    </details>
  );
}
