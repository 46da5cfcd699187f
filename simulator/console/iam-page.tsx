// IAM settings in the console: the list of IAMs, the form for adding one, and the page of one IAM with its forms.
import { useState } from 'preact/hooks';
import type { IamSettingsBody } from '../api/settings-handlers.ts';
import { findMeasurements } from '../sync/guess-origins.ts';
import { Assumptions } from './assumptions.tsx';
import { AuditList } from './audit-list.tsx';
import { EndpointFields, EndpointForm, toEndpointChange, toEndpointFields } from './endpoint-form.tsx';
import { SelectField, TextField } from './fields.tsx';
import { IamCompare } from './iam-compare.tsx';
import { IamName } from './iam-name.tsx';
import { IamPermissions } from './iam-permissions.tsx';
import { IamSchedule } from './iam-schedule.tsx';
import { IamSensitivity } from './iam-sensitivity.tsx';
import { IamTests } from './iam-tests.tsx';
import { IamUserList } from './iam-user-list.tsx';
import { useIams } from './iams.tsx';
import { JsonEditor } from './json-editor.tsx';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { Panel } from './panel.tsx';
import { linkTo } from './route.ts';
import { SchemaForm } from './schema-form.tsx';
import { ask, at, type Versioned } from './server.ts';
import { Table } from './table.tsx';
import { Time } from './time.tsx';

export function IamsPage() {
  const loaded = useIams();
  return (
    <>
      <h1>IAM settings</h1>
      <Panel id="add-iam" title="Add IAM">
        <AddIam />
      </Panel>
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
                nextSync === null ? 'no schedule' : <Time key="next" at={nextSync} />,
              ],
            }))}
          />
        )}
      </Show>
    </>
  );
}

const types = { ldap: 'LDAP or Active Directory', 'openid-connect': 'OpenID Connect', saml: 'SAML' };

function AddIam() {
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [type, setType] = useState('ldap');
  const [fields, setFields] = useState(toEndpointFields({ loaded: null }));
  const { isBusy, refusal, act } = useAction();
  const create = async () => {
    const { settings, secrets } = toEndpointChange(fields);
    const endpoint = fields.hasEndpoint && { settings: withoutNull(settings), ...(secrets && { secrets }) };
    await ask('POST', '/bim/iam', { id, type, ...(name !== '' && { displayName: name }), ...endpoint });
    location.hash = linkTo('iams', id);
  };
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        act(create, `The IAM ${id} was added.`);
      }}
    >
      <TextField
        label="Id"
        required
        value={id}
        onInput={setId}
        hint="For example, okta. The id cannot be changed later."
      />
      <TextField label="Display name (optional)" value={name} onInput={setName} />
      <SelectField label="Type" value={type} onInput={setType} options={types} />
      <EndpointFields
        fields={fields}
        set={(field, value) => setFields((before) => ({ ...before, [field]: value }))}
        isStored={false}
        stored={{ password: false, sslKey: false, sslCert: false, sslCa: false }}
      />
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <button type="submit" disabled={isBusy}>
        Add IAM
      </button>
    </form>
  );
}

/** Removes null members, which would remove stored values in a change; a new IAM has no stored values. */
function withoutNull(value: object): object {
  return JSON.parse(JSON.stringify(value), (_name, item) => (item === null ? undefined : item));
}

const tabs = [
  ['settings', 'Endpoint'],
  ['sync', 'Sync'],
  ['profile-schema', 'Profile schema'],
  ['permissions', 'Permissions'],
  ['guard', 'Guard'],
  ['assumptions', 'Assumptions'],
  ['compare', 'Compare'],
  ['audit', 'Audit'],
] as const;

interface IamPageProps {
  readonly id: string;
  readonly tab: string;
}

export function IamPage({ id, tab }: IamPageProps) {
  const { loaded, reload } = useLoaded<IamSettingsBody>(at`/simulator/iams/${id}`);
  return (
    <>
      <p class="trail">
        <a href={linkTo('iams')}>IAM settings</a>
      </p>
      <h1>{id}</h1>
      {loaded.state === 'ready' && (
        <p class="hint">
          {loaded.data.name}, {loaded.data.type}
        </p>
      )}
      <nav class="tabs" aria-label="Details">
        {tabs.map(([to, title]) => (
          <a key={to} href={linkTo('iams', id, to)} aria-current={tab === to ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <Show of={loaded}>{(data, version) => <Tab key={tab} tab={tab} iam={{ data, version }} onSaved={reload} />}</Show>
    </>
  );
}

interface TabProps {
  readonly tab: string;
  readonly iam: Versioned<IamSettingsBody>;
  readonly onSaved: () => void;
}

function Tab({ tab, iam, onSaved }: TabProps) {
  const { id, loaded } = iam.data;
  if (tab === 'permissions') return <IamPermissions iam={iam} onSaved={onSaved} />;
  if (tab === 'audit') return <AuditList kind="iam" iam={id} target={id} />;
  if (tab === 'settings') return <EndpointTab iam={iam} onSaved={onSaved} />;
  if (loaded === null)
    return <Empty>These settings belong to an endpoint, and {id} has none. Configure the endpoint first.</Empty>;
  switch (tab) {
    case 'sync':
      return (
        <>
          <h2>Sync</h2>
          <SchemaForm iam={iam} section="supportedActions" button="Save sync switches" onSaved={onSaved} />
          <h2>Requests</h2>
          <SchemaForm iam={iam} section="sync" without={['cronRule']} button="Save requests" onSaved={onSaved} />
        </>
      );
    case 'profile-schema':
      return (
        <>
          <h2>Profile Schema</h2>
          <p>The identity provider attribute that contains the name of a user, for each data platform.</p>
          <SchemaForm iam={iam} section="profileSchema" button="Save" onSaved={onSaved} />
          <IamTests id={id} />
        </>
      );
    case 'guard':
      return (
        <>
          <h2>Guard</h2>
          <p>A sync that exceeds a limit is stopped before anything is applied.</p>
          <SchemaForm iam={iam} section="blastRadius" button="Save guard" onSaved={onSaved} />
        </>
      );
    case 'compare':
      return <IamCompare id={id} />;
    case 'assumptions':
      return (
        <>
          <h2>Assumptions</h2>
          <p>
            Behavior that the platform documentation does not describe. Each report lists the assumptions of its run.
          </p>
          {loaded.platformProfile !== undefined && (
            <Assumptions guesses={loaded.guesses} measured={findMeasurements(loaded, new Date().toISOString())} />
          )}
          <SchemaForm
            iam={iam}
            section="guesses"
            without={['scheduleTimeZone']}
            button="Save assumptions"
            onSaved={onSaved}
          />
          <IamSensitivity id={id} />
        </>
      );
    default:
      return <Empty>There is no such view.</Empty>;
  }
}

function EndpointTab({ iam, onSaved }: Pick<TabProps, 'iam' | 'onSaved'>) {
  const { id, loaded } = iam.data;
  return (
    <>
      <IamName iam={iam} onSaved={onSaved} />
      <EndpointForm iam={iam} onSaved={onSaved} />
      {loaded !== null && (
        <>
          <IamTests id={id} />
          <IamUserList iam={iam} onSaved={onSaved} />
          <IamSchedule iam={iam} onSaved={onSaved} />
        </>
      )}
      <JsonEditor
        resource={iam}
        hint="Files and environment variables can only be set on the command line."
        onSave={(settings, seen) => ask('PUT', at`/simulator/iams/${id}`, { settings }, seen)}
        onSaved={onSaved}
      />
      <DeleteIam id={id} />
    </>
  );
}

function DeleteIam({ id }: { readonly id: string }) {
  const [isAsked, setAsked] = useState(false);
  const { isBusy, refusal, act } = useAction();
  const remove = async () => {
    if (await act(() => ask('DELETE', at`/simulator/iams/${id}`), `The IAM ${id} was deleted.`)) {
      location.hash = linkTo('iams');
    }
  };
  if (id === 'bim') return null;
  return (
    <>
      <p class="actions">
        <button type="button" class="danger" aria-expanded={isAsked} onClick={() => setAsked(!isAsked)}>
          Delete IAM …
        </button>
        {isAsked && (
          <button type="button" class="danger" disabled={isBusy} onClick={remove}>
            Delete {id}
          </button>
        )}
      </p>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
    </>
  );
}
