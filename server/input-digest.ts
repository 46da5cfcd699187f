// Owns telling by their contents whether the files of a configuration, or what a source is made from, have changed.
import { createHash, type Hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { LoadedServerConfig } from '../schemas/generated/loaded-server-config.ts';
import { Secret } from '../schemas/secret.ts';
import { findInputFiles } from './config/input-files.ts';

/** The configuration's own file and all that it names, but for those that sources follow by themselves; sorted, each once. */
export function inputsOf(config: LoadedServerConfig, configFile: string | null): string[] {
  const named = findInputFiles(config).filter(({ isLive }) => !isLive);
  return [...new Set([...(configFile === null ? [] : [configFile]), ...named.map(({ file }) => file)])].sort();
}

/** Differs when the content of a file does, or whether it can be read. */
export function digestOfInputs(files: readonly string[]): string {
  const digest = createHash('sha256');
  for (const file of files) addFile(digest, file);
  return digest.digest('base64');
}

/** Equal when options, secrets and the contents of files of `source` and `guards` are. */
export function digestOfSource(config: LoadedServerConfig): string {
  const digest = createHash('sha256');
  const { source, guards } = config;
  digest.update(
    JSON.stringify({ source, guards }, function (this: Record<string, unknown>, name: string, value: unknown) {
      // By then a secret has turned itself into its reference.
      const original = this[name];
      return original instanceof Secret ? [original.reference, original.reveal()] : value;
    }),
  );
  for (const { path, file, isLive } of findInputFiles(config)) {
    if (!isLive && (path[0] === 'source' || path[0] === 'guards')) addFile(digest, file);
  }
  return digest.digest('base64');
}

function addFile(digest: Hash, file: string): void {
  digest.update(`\n${file}\n`);
  try {
    digest.update(readFileSync(file));
  } catch (error) {
    digest.update(`unreadable: ${(error as NodeJS.ErrnoException).code}`);
  }
}
