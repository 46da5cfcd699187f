// Identities → Groups: the list with its filters, and the form for creating a group.
import { useState } from 'preact/hooks';
import type { GroupBody } from './group-page.tsx';
import { IamFilter } from './iams.tsx';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { Panel } from './panel.tsx';
import { linkTo, setQuery } from './route.ts';
import { SearchField } from './search-field.tsx';
import { ask } from './server.ts';
import { Pager, Table } from './table.tsx';

const pageSize = 25;

export function GroupsPage({ query }: { readonly query: URLSearchParams }) {
  const offset = Number(query.get('offset') ?? 0);
  const filters = new URLSearchParams({ size: String(pageSize), offset: String(offset) });
  for (const name of ['name', 'iamid']) {
    const value = query.get(name);
    if (value) filters.set(name, value);
  }
  const { loaded } = useLoaded<{ hits: GroupBody[]; count: number }>(`/bim/group?${filters}`);
  const set = (name: string, value: string) => setQuery({ [name]: value, offset: '' });
  return (
    <>
      <h1>Groups</h1>
      <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
        <SearchField label="Name" value={query.get('name') ?? ''} onChange={(value) => set('name', value)} />
        <IamFilter value={query.get('iamid') ?? ''} onChange={(value) => set('iamid', value)} />
      </form>
      <Panel id="new-group" title="New group">
        <NewGroup />
      </Panel>
      <Show of={loaded}>
        {({ hits, count }) =>
          count === 0 ? (
            <Empty>{query.get('name') || query.get('iamid') ? 'No group matches.' : 'There are no groups yet.'}</Empty>
          ) : (
            <>
              <Table
                caption="Groups"
                head={['Group', 'IAM', 'Members', 'Description']}
                rows={hits.map(({ id, name, iamid, members, description }) => ({
                  key: id,
                  cells: [
                    <a key="link" href={linkTo('groups', id)}>
                      {name}
                    </a>,
                    iamid,
                    members,
                    description ?? '',
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

function NewGroup() {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [email, setEmail] = useState('');
  const { isBusy, refusal, act } = useAction();
  return (
    <form
      class="fields"
      onSubmit={async (event) => {
        event.preventDefault();
        const group = { name, ...(description !== '' && { description }), ...(email !== '' && { email }) };
        await act(async () => {
          const { id } = await ask<GroupBody>('POST', '/bim/group', group);
          location.hash = linkTo('groups', id);
        }, `The group ${name} was created.`);
      }}
    >
      <label>
        Name of the group
        <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <label>
        Description (optional)
        <input value={description} onInput={(event) => setDescription(event.currentTarget.value)} />
      </label>
      <label>
        E-mail (optional)
        <input type="email" value={email} onInput={(event) => setEmail(event.currentTarget.value)} />
      </label>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <button type="submit" disabled={isBusy}>
        Save
      </button>
    </form>
  );
}
