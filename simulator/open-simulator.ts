// Opens the simulator: its store with identities, runs and secrets, a clock, and the directory of temporary copies.
import { lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ApiKeys, createApiKeys } from './api/api-keys.ts';
import { openDatabase, type SimulatorDatabase } from './database/open-database.ts';
import { createRecorder, type RecordChange } from './identities/audit-trail.ts';
import { createIdentityStore } from './identities/create-identity-store.ts';
import type { IdentityStore } from './identities/identity-store.ts';
import { createExternalIds, type ExternalIds } from './platforms/external-ids.ts';
import { createIntegrations, type Integrations } from './platforms/integrations.ts';
import { createSecretFiles, type SecretFiles } from './secret-files.ts';
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

/** Returns the directory of a store's copies; one directory is sufficient, because only one process at a time uses a store. */
function copyDirectoryOf(store: string): string {
  return `${resolve(store)}.temporary-copy`;
}

/** Creates the directory, which only its owner can read. @param store null: in memory. */
export function createCopyDirectory(store: string | null): string {
  if (store === null) return mkdtempSync(join(tmpdir(), 'simulator-copy-'));
  const directory = copyDirectoryOf(store);
  mkdirSync(directory, { mode: 0o700 });
  return directory;
}

/** Deletes a copy that a killed process left behind. The caller holds the lock of the store. */
function deleteLeftCopy(store: string): void {
  const directory = copyDirectoryOf(store);
  // A regular file with this name does not belong to the simulator.
  const isDirectory = lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isDirectory) rmSync(directory, { recursive: true, force: true });
}
