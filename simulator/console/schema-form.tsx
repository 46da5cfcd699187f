// Form of one section of an IAM's settings.
import schema from '../../schemas/iam-settings.schema.json' with { type: 'json' };
import type { IamSettingsBody } from '../api/settings-handlers.ts';
import { type Option, OptionsForm, toLabel } from './options-form.tsx';
import { ask, at, type Versioned } from './server.ts';

/** Sections whose options are plain values. */
export type SectionName = 'supportedActions' | 'profileSchema' | 'sync' | 'blastRadius' | 'guesses';

interface SchemaFormProps {
  readonly iam: Versioned<IamSettingsBody>;
  readonly section: SectionName;
  /** Options that belong to another form. */
  readonly without?: readonly string[];
  readonly button: string;
  readonly onSaved: () => void;
}

export function SchemaForm({ iam, section, without = [], button, onSaved }: SchemaFormProps) {
  const options = Object.entries(schema.$defs[section].properties as Readonly<Record<string, Option>>).filter(
    ([name]) => !without.includes(name),
  );
  return (
    <OptionsForm<IamSettingsBody>
      resource={iam}
      section={section}
      options={Object.fromEntries(options)}
      labels={Object.fromEntries(options.map(([name, option]) => [name, labelOf(section, name, option)]))}
      toValues={({ loaded }) => (loaded?.[section] ?? {}) as Readonly<Record<string, unknown>>}
      save={(patch, version) =>
        ask('PATCH', at`/simulator/iams/${iam.data.id}`, { settings: { [section]: patch } }, version)
      }
      button={button}
      onSaved={onSaved}
    />
  );
}

/** Returns the platform's label if the description begins with it, otherwise the words of the option's name. */
function labelOf(section: SectionName, name: string, { description }: Option): string {
  if (section === 'profileSchema' || section === 'supportedActions') return description.split(/[.:]/)[0] ?? name;
  return toLabel(name);
}
