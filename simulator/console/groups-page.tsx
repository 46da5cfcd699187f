// Owns Identities → Groups: the list with its filters, creating a group, and one group with its members and attributes.
import { useState } from 'preact/hooks';
import type { toGroupBody, toIamBody } from '../api/wire.ts';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { linkTo, setQuery } from './route.ts';
import { ask, at } from './server.ts';
import { Pager, Table } from './table.tsx';

type GroupBody = ReturnType<typeof toGroupBody>;
interface Member {
  readonly id: number;
  readonly userid: string;
  readonly iamid: string;
  readonly name: string;
}

const pageSize = 25;

export function GroupsPage({ query }: { readonly query: URLSearchParams }) {
  const offset = Number(query.get('offset') ?? 0);
  const filters = new URLSearchParams({ size: String(pageSize), offset: String(offset) });
  for (const name of ['name', 'iamid']) {
    const value = query.get(name);
    if (value) filters.set(name, value);
  }
  const { loaded, reload } = useLoaded<{ hits: GroupBody[]; count: number }>(`/bim/group?${filters}`);
  const { loaded: iams } = useLoaded<Array<ReturnType<typeof toIamBody>>>('/bim/iam');
  const set = (name: string, value: string) => setQuery({ [name]: value, offset: '' });
  return (
    <>
      <h1>Groups</h1>
      <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          Name
          <input
            type="search"
            value={query.get('name') ?? ''}
            onInput={(event) => set('name', event.currentTarget.value)}
          />
        </label>
        <label>
          IAM
          <select value={query.get('iamid') ?? ''} onChange={(event) => set('iamid', event.currentTarget.value)}>
            <option value="">All</option>
            {iams.state === 'ready' && iams.data.map(({ id }) => <option key={id}>{id}</option>)}
          </select>
        </label>
      </form>
      <Show of={loaded}>
        {({ hits, count }) =>
          count === 0 ? (
            <Empty>No group matches.</Empty>
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
      <NewGroup onCreated={reload} />
    </>
  );
}

function NewGroup({ onCreated }: { readonly onCreated: () => void }) {
  const [name, setName] = useState('');
  const { isBusy, refusal, act } = useAction();
  return (
    <details class="panel">
      <summary>New group</summary>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          if (!(await act(() => ask('POST', '/bim/group', { name })))) return;
          setName('');
          onCreated();
        }}
      >
        <label>
          Name of the group
          <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
        <button type="submit" disabled={isBusy}>
          Save
        </button>
      </form>
    </details>
  );
}

export function GroupPage({ id }: { readonly id: number }) {
  const { loaded: group, reload: reloadGroup } = useLoaded<GroupBody>(at`/bim/group/${id}`);
  const { loaded: members, reload: reloadMembers } = useLoaded<Member[]>(at`/bim/group/${id}/user`);
  const { isBusy, refusal, act } = useAction();
  const [isAsked, setAsked] = useState(false);
  const reload = () => {
    reloadGroup();
    reloadMembers();
  };
  return (
    <Show of={group}>
      {({ name, iamid, description, email, authorizations }) => (
        <>
          <p class="trail">
            <a href={linkTo('groups')}>Groups</a> / {iamid}
          </p>
          <h1>{name}</h1>
          <dl>
            <dt>Description</dt>
            <dd>{description ?? '–'}</dd>
            <dt>E-mail</dt>
            <dd>{email ?? '–'}</dd>
          </dl>
          {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
          <h2>Attributes</h2>
          {authorizations === null ? (
            <Empty>No attributes.</Empty>
          ) : (
            <Table
              caption="Attributes"
              head={['Attribute', 'Values']}
              rows={Object.entries(authorizations).map(([key, values]) => ({ key, cells: [key, values.join(', ')] }))}
            />
          )}
          <TwoFields
            names={['Attribute', 'Value']}
            button="Add attribute"
            isBusy={isBusy}
            onSubmit={async (key, value) => {
              if (await act(() => ask('PUT', at`/bim/iam/${iamid}/group/${id}/authorizations/${key}/${value}`)))
                reload();
            }}
          />
          <h2>Members</h2>
          <Show of={members}>
            {(list) =>
              list.length === 0 ? (
                <Empty>No members.</Empty>
              ) : (
                <Table
                  caption="Members"
                  head={['User name', 'Name', 'IAM', 'Action']}
                  rows={list.map((member) => ({
                    key: member.id,
                    cells: [
                      <a key="link" href={linkTo('users', member.iamid, member.userid)}>
                        {member.userid}
                      </a>,
                      member.name,
                      member.iamid,
                      <button
                        key="remove"
                        type="button"
                        class="quiet"
                        disabled={isBusy}
                        aria-label={`Remove ${member.userid}`}
                        onClick={async () => {
                          if (await act(() => ask('DELETE', at`/bim/group/${id}/user/${member.id}`))) reload();
                        }}
                      >
                        Remove
                      </button>,
                    ],
                  }))}
                />
              )
            }
          </Show>
          <TwoFields
            names={['User name', 'IAM of the user']}
            button="Add member"
            isBusy={isBusy}
            onSubmit={async (userid, userIam) => {
              if (await act(() => ask('POST', at`/bim/group/${id}/user`, { userid, iamid: userIam }))) reload();
            }}
          />
          <p class="actions">
            <button type="button" class="danger" aria-expanded={isAsked} onClick={() => setAsked(!isAsked)}>
              Delete group …
            </button>
            {isAsked && (
              <button
                type="button"
                class="danger"
                disabled={isBusy}
                onClick={async () => {
                  if (await act(() => ask('DELETE', at`/bim/group/${id}`))) location.hash = linkTo('groups');
                }}
              >
                Delete {name}
              </button>
            )}
          </p>
        </>
      )}
    </Show>
  );
}

interface TwoFieldsProps {
  readonly names: readonly [string, string];
  readonly button: string;
  readonly isBusy: boolean;
  readonly onSubmit: (first: string, second: string) => unknown;
}

function TwoFields({ names, button, isBusy, onSubmit }: TwoFieldsProps) {
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(first, second);
      }}
    >
      <label>
        {names[0]}
        <input required value={first} onInput={(event) => setFirst(event.currentTarget.value)} />
      </label>
      <label>
        {names[1]}
        <input required value={second} onInput={(event) => setSecond(event.currentTarget.value)} />
      </label>
      <button type="submit" disabled={isBusy}>
        {button}
      </button>
    </form>
  );
}
