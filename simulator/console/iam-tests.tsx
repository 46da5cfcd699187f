// "Test connection" and "Test user login" of an IAM in the console.
import { useState } from 'preact/hooks';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { ConnectionTest } from '../sync/test-connection.ts';
import { ErrorNotice, useAction } from './loaded.tsx';
import { ask, at } from './server.ts';

interface LoginTest {
  readonly outcome: string;
  readonly status: number | null;
  readonly detail: string | null;
  readonly user: UserInfo | null;
}

export function IamTests({ id }: { readonly id: string }) {
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
              : `The endpoint returned no user info: ${login.outcome}${login.detail === null ? '' : ` (${login.detail})`}.`}
            {login.user !== null && ` After a login, the user would have: ${describeUser(login.user)}.`} Nothing was
            applied.
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
