// Owns the details of a user, a tab each: settings, groups, attributes, usernames, impersonation, permissions, audit.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { UserDetailsBody } from '../api/details-handlers.ts';
import type { toUserBody } from '../api/wire.ts';
import { AuditList } from './audit-list.tsx';
import { IamOptions } from './iams.tsx';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { linkTo } from './route.ts';
import { ask, at } from './server.ts';
import { Origins, Table } from './table.tsx';
import { Time } from './time.tsx';
import { UserImpersonation } from './user-impersonation.tsx';
import { UserPermissions } from './user-permissions.tsx';
import { UserUsernames } from './user-usernames.tsx';

type UserBody = ReturnType<typeof toUserBody>;

const tabs = [
  ['settings', 'Settings'],
  ['groups', 'Groups'],
  ['attributes', 'Attributes'],
  ['usernames', 'Usernames'],
  ['impersonation', 'Impersonation'],
  ['permissions', 'Permissions'],
  ['audit', 'Audit'],
] as const;

interface UserPageProps {
  readonly iam: string;
  readonly userid: string;
  readonly tab: string;
}

export function UserPage({ iam, userid, tab }: UserPageProps) {
  const path = at`/bim/iam/${iam}/user/${userid}`;
  const { loaded: user, reload: reloadUser } = useLoaded<UserBody>(path);
  const detailsPath = at`/simulator/users/${iam}/${userid}`;
  const { loaded: details, reload: reloadDetails } = useLoaded<UserDetailsBody>(detailsPath);
  const reload = () => {
    reloadUser();
    reloadDetails();
  };
  return (
    <>
      <p class="trail">
        <a href={linkTo('users')}>Users</a> / {iam}
      </p>
      <h1>{userid}</h1>
      <nav class="tabs" aria-label="Details">
        {tabs.map(([id, title]) => (
          <a key={id} href={linkTo('users', iam, userid, id)} aria-current={tab === id ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {tab === 'settings' && <Show of={user}>{(data) => <Settings user={data} path={path} reload={reload} />}</Show>}
      {tab === 'audit' && <AuditList target={userid} />}
      {tab === 'permissions' && (
        <Show of={details}>{(data) => <UserPermissions path={path} details={data} reload={reload} />}</Show>
      )}
      {tab === 'groups' && <Show of={details}>{(data) => <Groups details={data} />}</Show>}
      {tab === 'attributes' && <Show of={details}>{(data) => <Attributes details={data} />}</Show>}
      {tab === 'usernames' && (
        <Show of={details}>{(data) => <UserUsernames path={detailsPath} details={data} reload={reload} />}</Show>
      )}
      {tab === 'impersonation' && (
        <Show of={details}>
          {(data) => <UserImpersonation iam={iam} userid={userid} details={data} reload={reload} />}
        </Show>
      )}
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Settings({
  user,
  path,
  reload,
}: {
  readonly user: UserBody;
  readonly path: string;
  readonly reload: () => void;
}) {
  const { isBusy, refusal, act } = useAction();
  const [isAsked, setAsked] = useState(false);
  const [typed, setTyped] = useState('');
  return (
    <>
      <dl>
        <Fact name="Name">{user.profile.name}</Fact>
        <Fact name="E-mail">{user.profile.email ?? '–'}</Fact>
        <Fact name="State">{user.disabled ? <span class="badge off">disabled</span> : 'enabled'}</Fact>
        <Fact name="Last login">{user.lastLogin === null ? 'never' : <Time at={user.lastLogin} />}</Fact>
        <Fact name="Last answer of the endpoint">
          {user.lastExternalRefresh === null ? 'never' : <Time at={user.lastExternalRefresh} />}
        </Fact>
        <Fact name="Created">
          <Time at={user.createdAt} />
        </Fact>
      </dl>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <p class="actions">
        <button
          type="button"
          disabled={isBusy}
          onClick={async () => {
            if (await act(() => ask('PUT', `${path}/disable/${!user.disabled}`))) reload();
          }}
        >
          {user.disabled ? 'Enable user' : 'Disable user'}
        </button>
        <button type="button" class="danger" onClick={() => setAsked(!isAsked)} aria-expanded={isAsked}>
          Permanently delete …
        </button>
      </p>
      {user.iamid === 'bim' && <Migrate userid={user.userid} />}
      {isAsked && (
        <form
          class="panel"
          onSubmit={async (event) => {
            event.preventDefault();
            if (await act(() => ask('DELETE', path))) location.hash = linkTo('users');
          }}
        >
          <p>All data of this user is deleted for good. The audit trail stays.</p>
          <label>
            Type Delete to confirm
            <input value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
          </label>
          <button type="submit" class="danger" disabled={isBusy || typed !== 'Delete'}>
            Confirm permanent delete
          </button>
        </form>
      )}
    </>
  );
}

/** From the built-in IAM to another, where the user name has to match. */
function Migrate({ userid }: { readonly userid: string }) {
  const [iam, setIam] = useState('');
  const [typed, setTyped] = useState('');
  const { isBusy, refusal, act } = useAction();
  return (
    <details class="panel">
      <summary>Migrate user</summary>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          const target = { iamid: iam, userid: typed };
          await act(async () => {
            const migrated = await ask<UserBody>('POST', at`/simulator/migrations/${userid}`, target);
            location.hash = linkTo('users', migrated.iamid, migrated.userid);
          });
        }}
      >
        <label>
          To the IAM
          <select required value={iam} onChange={(event) => setIam(event.currentTarget.value)}>
            <option value="">Select …</option>
            <IamOptions without="bim" />
          </select>
        </label>
        <label>
          User name there
          <input required value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
        {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
        <button type="submit" disabled={isBusy}>
          Migrate user
        </button>
      </form>
    </details>
  );
}

function Groups({ details: { groups } }: { readonly details: UserDetailsBody }) {
  if (groups.length === 0) return <Empty>In no group.</Empty>;
  return (
    <Table
      caption="Groups"
      head={['Group', 'IAM', 'Given by']}
      rows={groups.map(({ iam, name, origins }) => ({
        key: `${iam}/${name}`,
        cells: [name, iam, <Origins key="origins" of={origins} />],
      }))}
    />
  );
}

function Attributes({ details: { values } }: { readonly details: UserDetailsBody }) {
  if (values.length === 0) return <Empty>No attributes.</Empty>;
  return (
    <Table
      caption="Attributes"
      head={['Attribute', 'Value', 'IAM', 'Given by']}
      rows={values.map(({ name, value, iam, origins, group }) => ({
        key: JSON.stringify([name, value, iam, group]),
        cells: [
          name,
          value,
          iam,
          <>
            <Origins of={origins} />
            {group !== null && <span class="badge">group {group.name}</span>}
          </>,
        ],
      }))}
    />
  );
}
