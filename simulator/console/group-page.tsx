// Owns one group in the console: its attributes and members, adding to both, and deleting it.
import { useState } from 'preact/hooks';
import type { toGroupBody } from '../api/wire.ts';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { linkTo } from './route.ts';
import { ask, at } from './server.ts';
import { Table } from './table.tsx';

export type GroupBody = ReturnType<typeof toGroupBody>;

interface Member {
  readonly id: number;
  readonly userid: string;
  readonly iamid: string;
  readonly name: string;
}

export function GroupPage({ id }: { readonly id: number }) {
  const { loaded: group, reload: reloadGroup } = useLoaded<GroupBody>(at`/bim/group/${id}`);
  const { loaded: members, reload: reloadMembers } = useLoaded<Member[]>(at`/bim/group/${id}/user`);
  const { isBusy, refusal, act } = useAction();
  const change = async (method: string, path: string, body?: object) => {
    if (!(await act(() => ask(method, path, body)))) return;
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
          <Attributes of={authorizations} />
          <TwoFields
            names={['Attribute', 'Value']}
            button="Add attribute"
            isBusy={isBusy}
            onSubmit={(key, value) => change('PUT', at`/bim/iam/${iamid}/group/${id}/authorizations/${key}/${value}`)}
          />
          <h2>Members</h2>
          <Show of={members}>
            {(list) => (
              <Members
                of={list}
                isBusy={isBusy}
                onRemove={(member) => change('DELETE', at`/bim/group/${id}/user/${member.id}`)}
              />
            )}
          </Show>
          <TwoFields
            names={['User name', 'IAM of the user']}
            button="Add member"
            isBusy={isBusy}
            onSubmit={(userid, userIam) => change('POST', at`/bim/group/${id}/user`, { userid, iamid: userIam })}
          />
          <Delete
            name={name}
            isBusy={isBusy}
            onConfirm={async () => {
              if (await act(() => ask('DELETE', at`/bim/group/${id}`))) location.hash = linkTo('groups');
            }}
          />
        </>
      )}
    </Show>
  );
}

function Attributes({ of }: { readonly of: GroupBody['authorizations'] }) {
  if (of === null) return <Empty>No attributes.</Empty>;
  return (
    <Table
      caption="Attributes"
      head={['Attribute', 'Values']}
      rows={Object.entries(of).map(([key, values]) => ({ key, cells: [key, values.join(', ')] }))}
    />
  );
}

interface MembersProps {
  readonly of: readonly Member[];
  readonly isBusy: boolean;
  readonly onRemove: (member: Member) => unknown;
}

function Members({ of, isBusy, onRemove }: MembersProps) {
  if (of.length === 0) return <Empty>No members.</Empty>;
  return (
    <Table
      caption="Members"
      head={['User name', 'Name', 'IAM', 'Action']}
      rows={of.map((member) => ({
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
            onClick={() => onRemove(member)}
          >
            Remove
          </button>,
        ],
      }))}
    />
  );
}

interface DeleteProps {
  readonly name: string;
  readonly isBusy: boolean;
  readonly onConfirm: () => unknown;
}

/** Asks once more. */
function Delete({ name, isBusy, onConfirm }: DeleteProps) {
  const [isAsked, setAsked] = useState(false);
  return (
    <p class="actions">
      <button type="button" class="danger" aria-expanded={isAsked} onClick={() => setAsked(!isAsked)}>
        Delete group …
      </button>
      {isAsked && (
        <button type="button" class="danger" disabled={isBusy} onClick={onConfirm}>
          Delete {name}
        </button>
      )}
    </p>
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
