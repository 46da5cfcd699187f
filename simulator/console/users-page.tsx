// Identities → Users: the list with its filters, which are part of the URL, and the form for creating a user.
import { useState } from 'preact/hooks';
import type { toUserBody } from '../api/wire.ts';
import { IamFilter } from './iams.tsx';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { Metrics } from './metrics.tsx';
import { Panel } from './panel.tsx';
import { linkTo, setQuery } from './route.ts';
import { SearchField } from './search-field.tsx';
import { ask } from './server.ts';
import { Pager, Table } from './table.tsx';

type UserBody = ReturnType<typeof toUserBody>;
const pageSize = 25;

export function UsersPage({ query }: { readonly query: URLSearchParams }) {
  const offset = Number(query.get('offset') ?? 0);
  const filters = new URLSearchParams({ size: String(pageSize), offset: String(offset) });
  for (const name of ['iamid', 'userid', 'name', 'email', 'permission', 'includeDisabled']) {
    const value = query.get(name);
    if (value) filters.set(name, value);
  }
  const { loaded } = useLoaded<{ hits: UserBody[]; count: number }>(`/bim/user?${filters}`);
  return (
    <>
      <h1>Users</h1>
      <Filters query={query} />
      <Panel id="new-user" title="New user">
        <NewUser />
      </Panel>
      <Metrics />
      <Show of={loaded}>
        {({ hits, count }) =>
          count === 0 ? (
            <Empty>No user matches. Remove filters to see more users. Disabled users are hidden by default.</Empty>
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
    </>
  );
}

function Filters({ query }: { readonly query: URLSearchParams }) {
  const { loaded: permissions } = useLoaded<string[]>('/simulator/permissions');
  const set = (name: string, value: string) => setQuery({ [name]: value, offset: '' });
  const value = (name: string) => query.get(name) ?? '';
  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <SearchField label="User name" value={value('userid')} onChange={(text) => set('userid', text)} />
      <SearchField label="Name" value={value('name')} onChange={(text) => set('name', text)} />
      <SearchField label="E-mail" value={value('email')} onChange={(text) => set('email', text)} />
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

function NewUser() {
  const [name, setName] = useState('');
  const [userid, setUserid] = useState('');
  const { isBusy, refusal, act } = useAction();
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        const user = { userid, profile: { name } };
        act(async () => {
          const { newUser } = await ask<{ newUser: UserBody }>('POST', '/bim/iam/bim/user', user);
          location.hash = linkTo('users', newUser.iamid, newUser.userid);
        }, `The user ${userid} was created.`);
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
  );
}
