// Settings of a user in the console: profile, disabling, migrating and deleting.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { UserDetailsBody } from '../api/details-handlers.ts';
import type { toUserBody } from '../api/wire.ts';
import { IamOptions } from './iams.tsx';
import { ErrorNotice, useAction } from './loaded.tsx';
import { Panel } from './panel.tsx';
import { linkTo } from './route.ts';
import { wordOutcome, wordReason } from './run-state.tsx';
import { ask, at, type Versioned } from './server.ts';
import { Time } from './time.tsx';
import { UserProfileForm } from './user-profile-form.tsx';

export type UserBody = ReturnType<typeof toUserBody>;

interface UserSettingsProps {
  readonly user: Versioned<UserBody>;
  /** Undefined while it is being loaded. */
  readonly lastRequest: UserDetailsBody['lastRequest'] | undefined;
  /** URL in the REST API. */
  readonly path: string;
  readonly reload: () => void;
}

export function UserSettings({ user: versioned, lastRequest, path, reload }: UserSettingsProps) {
  const user = versioned.data;
  const { isBusy, refusal, act } = useAction();
  const [asked, setAsked] = useState<'disable' | 'delete' | null>(null);
  const toggle = (what: 'disable' | 'delete') => setAsked(asked === what ? null : what);
  const setDisabled = async (disabled: boolean) => {
    const done = `${user.userid} was ${disabled ? 'disabled' : 'enabled'}.`;
    if (!(await act(() => ask('PUT', `${path}/disable/${disabled}`), done))) return;
    setAsked(null);
    reload();
  };
  return (
    <>
      <dl>
        <Fact name="Name">{user.profile.name}</Fact>
        <Fact name="E-mail">{user.profile.email ?? '–'}</Fact>
        <Fact name="State">{user.disabled ? <span class="badge off">disabled</span> : 'enabled'}</Fact>
        <Fact name="Last login">{user.lastLogin === null ? 'never' : <Time at={user.lastLogin} />}</Fact>
        <Fact name="Last response from the endpoint">
          {user.lastExternalRefresh === null ? 'never' : <Time at={user.lastExternalRefresh} />}
        </Fact>
        {lastRequest !== undefined && (
          <Fact name="Last sync or login">
            {lastRequest === null ? 'never' : <LastRequest request={lastRequest} />}
          </Fact>
        )}
        <Fact name="Created">
          <Time at={user.createdAt} />
        </Fact>
      </dl>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <p class="actions">
        {user.disabled ? (
          <button type="button" disabled={isBusy} onClick={() => setDisabled(false)}>
            Enable user
          </button>
        ) : (
          <button type="button" onClick={() => toggle('disable')} aria-expanded={asked === 'disable'}>
            Disable user …
          </button>
        )}
        <button type="button" class="danger" onClick={() => toggle('delete')} aria-expanded={asked === 'delete'}>
          Permanently delete …
        </button>
      </p>
      {asked === 'disable' && !user.disabled && (
        <section class="panel" aria-label="Disable user">
          <p>A disabled user cannot log in and is hidden from lists. Groups, attributes and permissions are kept.</p>
          <p class="actions">
            <button type="button" class="danger" disabled={isBusy} onClick={() => setDisabled(true)}>
              Disable {user.userid}
            </button>
            <button type="button" class="quiet" onClick={() => setAsked(null)}>
              Cancel
            </button>
          </p>
        </section>
      )}
      {asked === 'delete' && <DeleteUser path={path} userid={user.userid} />}
      <Panel id="edit" title="Edit the profile">
        <UserProfileForm user={versioned} path={path} onSaved={reload} />
      </Panel>
      {user.iamid === 'bim' && <MigrateUser userid={user.userid} />}
    </>
  );
}

/** Result of the latest sync, login or test login, and why the endpoint returned no user info. */
function LastRequest({ request }: { readonly request: NonNullable<UserDetailsBody['lastRequest']> }) {
  const { runId, at: startedAt, isLogin, isDryRun, outcome } = request;
  const kind = isLogin ? (isDryRun ? 'test login' : 'login') : isDryRun ? 'dry run of a sync' : 'sync';
  const reason = wordReason(request);
  return (
    <>
      <a href={linkTo('runs', runId)}>Run {runId}</a>, {kind}, <Time at={startedAt} />: {wordOutcome(outcome)}
      {reason !== '' && ` (${reason})`}
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

/** The second confirmation; opening this form was the first. */
function DeleteUser({ path, userid }: Pick<UserSettingsProps, 'path'> & { readonly userid: string }) {
  const { isBusy, refusal, act } = useAction();
  const [typed, setTyped] = useState('');
  return (
    <form
      class="panel"
      onSubmit={async (event) => {
        event.preventDefault();
        if (await act(() => ask('DELETE', path), `${userid} was deleted.`)) location.hash = linkTo('users');
      }}
    >
      <p>All data of {userid} is deleted permanently. This cannot be undone. The audit trail is kept.</p>
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

/** Migrates a user from the built-in IAM to another IAM, where the user name must match. */
function MigrateUser({ userid }: { readonly userid: string }) {
  const [iam, setIam] = useState('');
  const [typed, setTyped] = useState('');
  const { isBusy, refusal, act } = useAction();
  return (
    <Panel id="migrate" title="Migrate user">
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          const target = { iamid: iam, userid: typed };
          await act(async () => {
            const migrated = await ask<UserBody>('POST', at`/simulator/migrations/${userid}`, target);
            location.hash = linkTo('users', migrated.iamid, migrated.userid);
          }, `${userid} was migrated to ${iam}.`);
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
    </Panel>
  );
}
