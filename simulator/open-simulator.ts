// Opens the simulator: its store with identities, runs and secrets, and a clock.
import { type ApiKeys, createApiKeys } from './api/api-keys.ts';
import { openDatabase, type SimulatorDatabase } from './database/open-database.ts';
import { createRecorder, type RecordChange } from './identities/audit-trail.ts';
import { createIdentityStore } from './identities/create-identity-store.ts';
import type { IdentityStore } from './identities/identity-store.ts';
import { createExternalIds, type ExternalIds } from './platforms/external-ids.ts';
import { createIntegrations, type Integrations } from './platforms/integrations.ts';
import { createSecretFiles, type SecretFiles } from './secret-files.ts';
import { deleteLeftCopy } from './store-copy.ts';
import { createRunStore, type RunStore } from './sync/run-store.ts';

export interface Simulator {
  /** Path of the store; null: in memory. */
  readonly file: string | null;
  readonly identities: IdentityStore;
  readonly externalIds: ExternalIds;
  readonly integrations: Integrations;
  readonly apiKeys: ApiKeys;
  readonly runs: RunStore;
  readonly secretFiles: SecretFiles;
  /** For parts of the simulator that write many rows at once. */
  readonly db: SimulatorDatabase;
  readonly record: RecordChange;
  /** Returns the current time as ISO 8601 in UTC. */
  now(): string;
  /** Closes the file. */
  close(): void;
}

/**
 * Opens the simulator's store, which is created if missing, or an in-memory store (`null`).
 *
 * @param clock in ms since 1970; scenarios have their own clock.
 * @throws {DatabaseError} if another process is using the file, or if the file cannot be used.
 */
export function openSimulator(file: string | null, clock: () => number = Date.now): Simulator {
  const db = openDatabase(file);
  if (file !== null) deleteLeftCopy(file);
  const now = () => new Date(clock()).toISOString();
  const identities = createIdentityStore(db, clock);
  const record = createRecorder(db, now);
  const secretFiles = createSecretFiles(file);
  return {
    file,
    identities,
    externalIds: createExternalIds(db, identities.users, record),
    integrations: createIntegrations(db, record),
    apiKeys: createApiKeys(db, identities.users, record, now),
    runs: createRunStore(db),
    secretFiles,
    db,
    record,
    now,
    close() {
      secretFiles.close();
      db.close();
    },
  };
}
