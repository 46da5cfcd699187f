// Integrations of the data platforms: the settings of impersonation.
import { loadValidator } from '../../schemas/compile-schema.ts';
import { describeOptionErrors } from '../../schemas/describe-option-error.ts';
import type { LoadedIntegrationSettings } from '../../schemas/generated/loaded-integration-settings.ts';
import type { SimulatorDatabase } from '../database/open-database.ts';
import type { RecordChange } from '../identities/audit-trail.ts';
import { IdentityError } from '../identities/identity-error.ts';

export interface Integrations {
  /** With every default. */
  get(): LoadedIntegrationSettings;
  /** As they were set, without defaults. */
  stored(): Readonly<Record<string, unknown>>;
  /** Replaces all. @throws {IdentityError} `invalid` when they don't hold under integration-settings.schema.json. */
  set(settings: unknown, by: string): LoadedIntegrationSettings;
}

const validate = loadValidator<LoadedIntegrationSettings>('integration-settings');

export function createIntegrations(db: SimulatorDatabase, record: RecordChange): Integrations {
  const readStored = () => db.find<{ settings: string }>('SELECT settings FROM integrations')?.settings ?? '{}';
  return {
    get: () => withDefaults(JSON.parse(readStored())),
    stored: () => JSON.parse(readStored()),
    set(settings, by) {
      return db.transaction(() => {
        const loaded = withDefaults(settings);
        const before = readStored();
        const after = JSON.stringify(settings);
        if (before === after) return loaded;
        db.run('INSERT OR REPLACE INTO integrations (id, settings) VALUES (1, ?)', [after]);
        const target = { kind: 'integrations', iam: '', target: 'integrations' } as const;
        record(by, 'IntegrationsChanged', target, JSON.parse(before), settings);
        return loaded;
      });
    },
  };
}

function withDefaults(stored: unknown): LoadedIntegrationSettings {
  const settings = structuredClone(stored);
  if (validate(settings)) return settings;
  throw new IdentityError('invalid', describeOptionErrors(validate.errors));
}
