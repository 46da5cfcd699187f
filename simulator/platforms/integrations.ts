// Integrations of the data platforms: the settings of impersonation.
import { findClosestWord, suggest } from '../../schemas/closest-word.ts';
import { loadValidator } from '../../schemas/compile-schema.ts';
import { describeOptionErrors } from '../../schemas/describe-option-error.ts';
import type { LoadedIntegrationSettings } from '../../schemas/generated/loaded-integration-settings.ts';
import type { SimulatorDatabase } from '../database/open-database.ts';
import type { RecordChange } from '../identities/audit-trail.ts';
import { IdentityError } from '../identities/identity-error.ts';

export interface Integrations {
  /** Returns the settings with all defaults. */
  get(): LoadedIntegrationSettings;
  /** Returns the settings as set, without defaults. */
  stored(): Readonly<Record<string, unknown>>;
  /**
   * Replaces all integrations. @throws {IdentityError} `invalid` according to integration-settings.schema.json, and for an IAM that does not exist.
   */
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
        assertIamExists(db, withDefaults(JSON.parse(before)), loaded);
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

/** Verifies that an IAM exists: a user of a nonexistent IAM could never be impersonated. @throws {IdentityError} `invalid`. */
function assertIamExists(
  db: SimulatorDatabase,
  before: LoadedIntegrationSettings,
  after: LoadedIntegrationSettings,
): void {
  const { iam } = after.databricks;
  // An IAM that was deleted later does not prevent changes to other settings.
  if (iam === before.databricks.iam) return;
  const known = db.all<{ id: string }>('SELECT id FROM iams ORDER BY id').map(({ id }) => id);
  if (known.includes(iam)) return;
  const guess = suggest(findClosestWord(iam, known));
  throw new IdentityError('invalid', `databricks.iam: there is no IAM ${iam}${guess || '.'}`);
}

function withDefaults(stored: unknown): LoadedIntegrationSettings {
  const settings = structuredClone(stored);
  if (validate(settings)) return settings;
  throw new IdentityError('invalid', describeOptionErrors(validate.errors));
}
