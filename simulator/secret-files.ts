// Files with secrets from requests, stored next to the store and readable only by their owner. The API never returns their content.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface SecretFiles {
  /** Writes a secret of an IAM to a new file with mode 0600. Returns its path for the settings. @param name e.g. "sslKeyFile". */
  keep(iam: string, name: string, text: string): string;
  /** Deletes those files of an IAM to which the settings of the IAM do not refer. */
  deleteUnused(iam: string, settings: unknown): void;
  /** Deletes the secrets of an in-memory store. */
  close(): void;
}

/** Returns the directory with the secrets of a store. */
export function secretsDirectoryOf(store: string): string {
  return `${resolve(store)}.secrets`;
}

/** @param store the store's file; null: the store is in memory, and the secrets are deleted with it. */
export function createSecretFiles(store: string | null): SecretFiles {
  let directory = store === null ? null : secretsDirectoryOf(store);
  const prefixOf = (iam: string) => `${createHash('sha256').update(iam).digest('hex').slice(0, 12)}-`;
  return {
    keep(iam, name, text) {
      directory ??= mkdtempSync(join(tmpdir(), 'simulator-secrets-'));
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      // Each text gets a new file name, so that the settings change as well.
      const file = join(directory, `${prefixOf(iam)}${name}-${randomBytes(6).toString('hex')}`);
      writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
      return file;
    },
    deleteUnused(iam, settings) {
      if (directory === null) return;
      const text = JSON.stringify(settings);
      for (const name of listDirectory(directory)) {
        const file = join(directory, name);
        if (name.startsWith(prefixOf(iam)) && !text.includes(JSON.stringify(file))) rmSync(file, { force: true });
      }
    },
    close() {
      if (store === null && directory !== null) rmSync(directory, { recursive: true, force: true });
    },
  };
}

function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
