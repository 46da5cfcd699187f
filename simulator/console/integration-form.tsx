// Form of the settings of one data platform's integration.
import schema from '../../schemas/integration-settings.schema.json' with { type: 'json' };
import type { IntegrationsBody } from '../api/platform-handlers.ts';
import { type Option, OptionsForm, toLabel } from './options-form.tsx';
import { ask, type Versioned } from './server.ts';

type PlatformName = keyof typeof schema.$defs;

/** Returns whether a data platform has settings. */
export function hasSettings(platform: string): platform is PlatformName {
  return Object.hasOwn(schema.$defs, platform);
}

/** Labels for options whose names differ from the platform's terms. */
const labels: Readonly<Record<string, string>> = {
  enableImpersonation: 'Enable Impersonation',
  iam: 'IAM',
  hasExcludingFeature: 'A feature that excludes impersonation is enabled',
  admins: 'Administrators',
};

interface IntegrationFormProps {
  readonly platform: PlatformName;
  readonly integrations: Versioned<IntegrationsBody>;
  readonly onSaved: () => void;
}

export function IntegrationForm({ platform, integrations, onSaved }: IntegrationFormProps) {
  const options = schema.$defs[platform].properties as Readonly<Record<string, Option>>;
  return (
    <OptionsForm<IntegrationsBody>
      resource={integrations}
      section={platform}
      options={options}
      labels={Object.fromEntries(Object.keys(options).map((name) => [name, labels[name] ?? toLabel(name)]))}
      toValues={({ loaded }) => loaded[platform] as unknown as Readonly<Record<string, unknown>>}
      save={(patch, version) => ask('PATCH', '/simulator/integrations', { settings: { [platform]: patch } }, version)}
      button="Save settings"
      onSaved={onSaved}
    />
  );
}
