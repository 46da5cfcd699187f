// Comparison of an IAM's endpoint with another one in the console. The other endpoint is given by its address or a settings file. The result lists
// the users who differ.
import { useState } from 'preact/hooks';
import type { EndpointComparison } from '../sync/compare-endpoints.ts';
import { Differences } from './differences.tsx';
import { FileField, SelectField, TextField } from './fields.tsx';
import { ErrorNotice, useAction } from './loaded.tsx';
import { setQuery, useRoute } from './route.ts';
import { ask, at } from './server.ts';
import { RunningWork } from './sync-events.tsx';
import { Table } from './table.tsx';

/** At most 1,000 differences, and their total number. */
type Comparison = EndpointComparison & { readonly count: number };

const kinds = { with: 'Another address', file: 'A settings file' };

export function IamCompare({ id }: { readonly id: string }) {
  const [kind, setKind] = useState('with');
  const [uri, setUri] = useState('');
  const [username, setUsername] = useState('');
  const [file, setFile] = useState('');
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({});
  const [comparison, setComparison] = useState<Comparison | null>(null);
  const { isBusy, refusal, act } = useAction();
  const compare = async () => {
    setComparison(null);
    setQuery({ differences: '' });
    const given = Object.entries(secrets).filter(([, text]) => text !== '');
    const body = {
      ...(kind === 'with' ? { with: uri.trim(), ...(username !== '' && { username }) } : { file }),
      ...(given.length > 0 && { secrets: Object.fromEntries(given) }),
    };
    setComparison(await ask<Comparison>('POST', at`/simulator/iams/${id}/compare`, body));
  };
  const secretFile = (name: string, label: string) => (
    <FileField
      label={label}
      isStored={null}
      onInput={(text) => setSecrets((before) => ({ ...before, [name]: text }))}
    />
  );
  return (
    <>
      <h2>Compare with another endpoint</h2>
      <p>Each user is requested from both endpoints, and only differences are shown. Nothing is stored or applied.</p>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          act(compare, 'The endpoints were compared.');
        }}
      >
        <SelectField label="Compare with" value={kind} onInput={setKind} options={kinds} />
        {kind === 'with' ? (
          <TextField
            label="Address of the other endpoint"
            required
            value={uri}
            onInput={setUri}
            placeholder="https://new.example.com/user-info"
            hint={`All other settings are those of ${id}.`}
          />
        ) : (
          <FileField
            label="Settings file, YAML or JSON"
            accept=".yaml,.yml,.json"
            isStored={null}
            required
            onInput={setFile}
          />
        )}
        <details class="panel">
          <summary>Credentials for another server</summary>
          <p>
            Stored credentials are not sent to another server. Enter all credentials of the other endpoint here. They
            are deleted after the comparison.
          </p>
          {kind === 'with' && (
            <TextField
              label="Username"
              value={username}
              onInput={setUsername}
              hint={`Leave this empty to use the user name of ${id}.`}
            />
          )}
          <TextField
            label="Password"
            type="password"
            value={secrets.password ?? ''}
            onInput={(text) => setSecrets((before) => ({ ...before, password: text }))}
          />
          {secretFile('sslKey', 'SSL key file (*.pem)')}
          {secretFile('sslCert', 'SSL cert file (*.pem)')}
          {secretFile('sslCa', 'SSL CA file (*.pem)')}
        </details>
        <button type="submit" disabled={isBusy}>
          Compare
        </button>
      </form>
      <RunningWork iam={id} work="comparison" />
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      {comparison !== null && <Result comparison={comparison} />}
    </>
  );
}

const words = { 'only-before': 'only the old endpoint', 'only-after': 'only the new endpoint', both: '' };

function Result({ comparison }: { readonly comparison: Comparison }) {
  const { users, old, new: other, differences, count } = comparison;
  const offset = Number(useRoute().query.get('differences') ?? 0);
  const sides = [
    ['Old', old],
    ['New', other],
  ] as const;
  const silent = sides.filter(([, { answered }]) => answered === 0).map(([name]) => name.toLowerCase());
  return (
    <section aria-label="Result of the comparison">
      <h2>Result</h2>
      {silent.length > 0 && (
        <ErrorNotice>
          Nothing was compared: the {silent.join(' and the ')} endpoint did not return user info for any user. Correct
          its address or credentials.
        </ErrorNotice>
      )}
      <Table
        caption="Endpoints"
        head={['Endpoint', 'Address', 'Answered for', 'Median', '99th percentile']}
        rows={sides.map(([name, { uri, answered, latency }]) => ({
          key: name,
          cells: [
            name,
            uri,
            `${answered} of ${users} users`,
            latency === null ? '' : `${latency.p50Ms} ms`,
            latency === null ? '' : `${latency.p99Ms} ms`,
          ],
        }))}
      />
      {count === 0 && silent.length === 0 && (
        <p class={`notice ${old.answered === users ? 'good' : 'warn'}`}>
          Both endpoints respond identically for each of {users} users
          {old.answered < users && `; neither returned user info for ${users - old.answered} of them`}.
        </p>
      )}
      {count > 0 && (
        <>
          <p>
            {count} of {users} users would differ.
            {differences.length < count && ` The first ${differences.length}:`}
          </p>
          <Differences differences={differences} offset={offset} name="differences" words={words} />
        </>
      )}
    </section>
  );
}
