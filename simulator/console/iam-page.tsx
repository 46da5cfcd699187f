// Owns the settings of an IAM in the console, "Test connection" and "Test user login", and beginning a sync.
import { useState } from 'preact/hooks';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { IamSettingsBody } from '../api/settings-handlers.ts';
import type { ConnectionTest } from '../sync/test-connection.ts';
import { IamSchedule } from './iam-schedule.tsx';
import { IamUserList } from './iam-user-list.tsx';
import { useIams } from './iams.tsx';
import { JsonEditor } from './json-editor.tsx';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { linkTo } from './route.ts';
import { ask, at } from './server.ts';
import { Table } from './table.tsx';
import { Time } from './time.tsx';

export function IamsPage() {
  const loaded = useIams();
  return (
    <>
      <h1>IAM settings</h1>
      <Show of={loaded}>
        {(iams) => (
          <Table
            caption="IAMs"
            head={['IAM', 'Name', 'Type', 'Next sync']}
            rows={iams.map(({ id, displayName, type, nextSync }) => ({
              key: id,
              cells: [
                <a key="link" href={linkTo('iams', id)}>
                  {id}
                </a>,
                displayName,
                type,
                nextSync === null ? 'by hand' : <Time key="next" at={nextSync} />,
              ],
            }))}
          />
        )}
      </Show>
    </>
  );
}

export function IamPage({ id }: { readonly id: string }) {
  const { loaded, reload } = useLoaded<IamSettingsBody>(at`/simulator/iams/${id}`);
  return (
    <>
      <p class="trail">
        <a href={linkTo('iams')}>IAM settings</a>
      </p>
      <h1>{id}</h1>
      <Show of={loaded}>
        {(iam, version) => (
          <>
            <Endpoint iam={iam} />
            {iam.loaded !== null && <Tests id={id} />}
            {iam.loaded !== null && <IamUserList iam={{ data: iam, version }} onSaved={reload} />}
            {iam.loaded !== null && <IamSchedule iam={{ data: iam, version }} onSaved={reload} />}
            <JsonEditor
              resource={{ data: iam, version }}
              hint="Files and variables of the machine are named on the command line only."
              onSave={(settings, seen) => ask('PUT', at`/simulator/iams/${id}`, { settings }, seen)}
              onSaved={reload}
            />
          </>
        )}
      </Show>
    </>
  );
}

const yes = (isOn: boolean) => (isOn ? 'on' : 'off');

function Endpoint({ iam: { loaded } }: { readonly iam: IamSettingsBody }) {
  if (loaded === null)
    return <Empty>No endpoint is set: this IAM has no External Groups and Authorizations Endpoint.</Empty>;
  const { externalUserInfo: endpoint, supportedActions: actions, guesses, migrateFrom } = loaded;
  const facts: ReadonlyArray<readonly [string, string]> = [
    ['External User Info URI', endpoint.uri],
    ['Use Authentication', endpoint.useAuth ? `on, user name ${endpoint.authentication?.username}` : 'off'],
    ['Enable SSL', yes(endpoint.useSSL)],
    ['Require SSL Request Cert', yes(endpoint.sslRequestCert)],
    [
      'Sync groups',
      `of the identity provider ${yes(actions.syncGroups)}, of the endpoint ${yes(actions.syncRestGroups)}`,
    ],
    [
      'Sync attributes',
      `of the identity provider ${yes(actions.syncAuthorizations)}, of the endpoint ${yes(actions.syncRestAuthorizations)}`,
    ],
    ['Migrate from', migrateFrom ?? '–'],
  ];
  return (
    <>
      <h2>External Groups and Authorizations Endpoint</h2>
      <dl>
        {facts.map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
      <details class="panel">
        <summary>What is guessed, since it is documented nowhere</summary>
        <dl>
          {Object.entries(guesses).map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd>{String(value)}</dd>
            </>
          ))}
        </dl>
      </details>
    </>
  );
}

interface LoginTest {
  readonly outcome: string;
  readonly status: number | null;
  readonly user: UserInfo | null;
}

function Tests({ id }: { readonly id: string }) {
  const [userid, setUserid] = useState('');
  const [connection, setConnection] = useState<ConnectionTest | null>(null);
  const [login, setLogin] = useState<LoginTest | null>(null);
  const { isBusy, refusal, act } = useAction();
  return (
    <section class="panel" aria-label="Tests">
      <p class="actions">
        <button
          type="button"
          disabled={isBusy}
          onClick={() =>
            act(async () => {
              setConnection(null);
              setConnection(await ask('POST', at`/simulator/iams/${id}/test-connection`, {}));
            })
          }
        >
          Test connection
        </button>
      </p>
      <div role="status">
        {connection !== null && (
          <p class={connection.isOk ? 'notice good' : 'notice error'}>
            {connection.message} ({connection.elapsedMs} ms)
          </p>
        )}
      </div>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          act(async () => {
            setLogin(null);
            setLogin(await ask('POST', at`/simulator/iams/${id}/test-user-login`, { userid }));
          });
        }}
      >
        <label>
          User name
          <input required value={userid} onInput={(event) => setUserid(event.currentTarget.value)} />
        </label>
        <button type="submit" disabled={isBusy}>
          Test user login
        </button>
      </form>
      <div role="status">
        {login !== null && (
          <p class={login.outcome === 'user' ? 'notice good' : 'notice error'}>
            {login.outcome === 'user'
              ? 'The endpoint returned user info (status 200).'
              : `The endpoint returned no user info: ${login.outcome}${login.status === null ? '' : ` (status ${login.status})`}.`}
            {login.user !== null && ` A login would give the user: ${describeUser(login.user)}.`} Nothing was applied.
          </p>
        )}
      </div>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
    </section>
  );
}

function describeUser({ groups, authorizations }: UserInfo): string {
  const texts = [
    ...groups.map(({ name }) => `group ${name}`),
    ...Object.entries(authorizations).map(([name, values]) => `${name}: ${values.join(', ')}`),
  ];
  return texts.length === 0 ? 'no groups and no attributes' : texts.join('; ');
}
