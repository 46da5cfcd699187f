// Page of the integrations: data platforms, their settings, and shared accounts.
import type { IntegrationsBody } from '../api/platform-handlers.ts';
import { type DataPlatformId, dataPlatforms } from '../platforms/data-platforms.ts';
import type { ExternalIdReport } from '../platforms/resolve-external-ids.ts';
import { hasSettings, IntegrationForm } from './integration-form.tsx';
import { JsonEditor } from './json-editor.tsx';
import { Empty, Show, useLoaded } from './loaded.tsx';
import { linkTo } from './route.ts';
import { ask, at } from './server.ts';
import { Table } from './table.tsx';

export function IntegrationsPage() {
  const { loaded, reload } = useLoaded<IntegrationsBody>('/simulator/integrations');
  return (
    <>
      <h1>Integrations</h1>
      <Show of={loaded}>
        {(data, version) => (
          <>
            <Table
              caption="Data platforms"
              head={['Data platform', 'Letter case of usernames', 'Impersonation']}
              rows={data.platforms.map(({ id, name, letterCase }) => ({
                key: id,
                cells: [
                  <a key="link" href={linkTo('integrations', id)}>
                    {name}
                  </a>,
                  letterCase ?? 'undocumented',
                  describeImpersonation(id, data.loaded),
                ],
              }))}
            />
            <JsonEditor
              resource={{ data, version }}
              hint="Use the user names of the data platform. Options that are not listed have their default values."
              onSave={(settings, seen) => ask('PUT', '/simulator/integrations', { settings }, seen)}
              onSaved={reload}
            />
          </>
        )}
      </Show>
    </>
  );
}

function describeImpersonation(id: DataPlatformId, loaded: IntegrationsBody['loaded']): string {
  switch (id) {
    case 'databricks':
      return `by the cluster's list of users: ${wordNames(loaded.databricks.allowedImpersonationUsers)}`;
    case 'trino':
      return `by permission; administrators: ${wordNames(loaded.trino.admins)}`;
    case 'redshift':
      return describeSwitch(loaded.redshift, `group ${loaded.redshift.impersonationGroup}`);
    case 'snowflake':
      if (loaded.snowflake.hasExcludingFeature) return 'excluded by an enabled feature';
      return describeSwitch(loaded.snowflake, `role ${loaded.snowflake.impersonationRole}`);
    case 'synapse':
      return describeSwitch(loaded.synapse, `role ${loaded.synapse.impersonationRole}`);
    default:
      return 'not supported';
  }
}

interface Switch {
  readonly enableImpersonation: boolean;
  readonly members: readonly string[];
}

function describeSwitch({ enableImpersonation, members }: Switch, what: string): string {
  return enableImpersonation ? `on, by permission or membership in the ${what}: ${wordNames(members)}` : 'off';
}

const wordNames = (names: readonly string[]) => (names.length === 0 ? 'nobody' : names.join(', '));

export function IntegrationPage({ platform }: { readonly platform: DataPlatformId }) {
  const { loaded } = useLoaded<ExternalIdReport>(at`/simulator/external-ids/${platform}`);
  const { loaded: integrations, reload } = useLoaded<IntegrationsBody>('/simulator/integrations');
  return (
    <>
      <p class="trail">
        <a href={linkTo('integrations')}>Integrations</a>
      </p>
      <h1>{dataPlatforms[platform]?.name ?? platform}</h1>
      {hasSettings(platform) && (
        <section aria-label="Settings of the integration">
          <h2>Settings</h2>
          <Show of={integrations}>
            {(data, version) => (
              <IntegrationForm platform={platform} integrations={{ data, version }} onSaved={reload} />
            )}
          </Show>
        </section>
      )}
      <Show of={loaded}>{(report) => <Report report={report} />}</Show>
    </>
  );
}

function Report({ report }: { readonly report: ExternalIdReport }) {
  const { users, mapped, userName, withoutAccount, collisions, gaps, guesses } = report;
  const numbers = { users, mapped, 'by user name': userName, 'without account': withoutAccount };
  return (
    <>
      <ul class="numbers">
        {Object.entries(numbers).map(([name, count]) => (
          <li key={name}>
            <strong>{count}</strong> {name}
          </li>
        ))}
      </ul>
      <h2>Shared accounts</h2>
      {collisions.length === 0 ? (
        <Empty>No account is shared.</Empty>
      ) : (
        <Table
          caption="Shared accounts"
          head={['Account', 'Type', 'Users']}
          rows={collisions.map(({ id, awsType, users: owners }) => ({
            key: JSON.stringify([id, awsType]),
            cells: [id, awsType ?? '', <Users key="users" of={owners} />],
          }))}
        />
      )}
      <h2>Gaps</h2>
      {gaps.length === 0 ? (
        <Empty>There are no gaps.</Empty>
      ) : (
        <Table
          caption="Gaps"
          head={['User', 'Gap']}
          rows={gaps.map(({ user, gap }) => ({
            key: JSON.stringify([user.iam, user.userid]),
            cells: [<Users key="user" of={[user]} />, gap],
          }))}
        />
      )}
      {guesses.letterCase !== undefined && (
        <p class="hint">Assumed, because undocumented: letter case {guesses.letterCase}.</p>
      )}
    </>
  );
}

function Users({ of }: { readonly of: ExternalIdReport['collisions'][number]['users'] }) {
  return (
    <ul class="change">
      {of.map(({ iam, userid }) => (
        <li key={`${iam}/${userid}`}>
          <a href={linkTo('users', iam, userid, 'usernames')}>{userid}</a> of {iam}
        </li>
      ))}
    </ul>
  );
}
