// Owns the settings of a user in the console: what is known of the account, disabling, migrating and deleting it.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { toUserBody } from '../api/wire.ts';
import { IamOptions } from './iams.tsx';
import { ErrorNotice, useAction } from './loaded.tsx';
import { linkTo } from './route.ts';
import { ask, at } from './server.ts';
import { Time } from './time.tsx';

export type UserBody = ReturnType<typeof toUserBody>;

interface UserSettingsProps {
  readonly user: UserBody;
  /** Of the REST API. */
  readonly path: string;
  readonly reload: () => void;
}

export function UserSettings({ user, path, reload }: UserSettingsProps) {
  const { isBusy, refusal, act } = useAction();
  const [isAsked, setAsked] = useState(false);
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
      {user.iamid === 'bim' && <MigrateUser userid={user.userid} />}
      {isAsked && <DeleteUser path={path} />}
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

/** The second confirmation; the first was to open it. */
function DeleteUser({ path }: Pick<UserSettingsProps, 'path'>) {
  const { isBusy, refusal, act } = useAction();
  const [typed, setTyped] = useState('');
  return (
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
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <button type="submit" class="danger" disabled={isBusy || typed !== 'Delete'}>
        Confirm permanent delete
      </button>
    </form>
  );
}

/** From the built-in IAM to another, where the user name has to match. */
function MigrateUser({ userid }: { readonly userid: string }) {
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
