// Digests of the files that a configuration names, which show whether a reload is necessary.
import { createHash, hash } from 'node:crypto';
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../schemas/secret.ts';
import { findInputFiles } from '../config/input-files.ts';
import type { ConfigReading } from '../config/read-config.ts';
import { digestOfContent, readInputFile } from '../config/read-input-file.ts';

/** The files from which a server is created. */
export interface ServerInputs {
  readonly files: readonly string[];
  /** Of their contents. */
  readonly digest: string;
}

/**
 * Returns the files of a configuration with digests of the contents that will be used. Files that were read with the configuration are digested as
 * they were at that time, the others as they are now. This function must therefore be called before anything is opened.
 *
 * @param configFile `null`: the configuration does not come from a file that can be read again.
 */
export function findInputs({ config, contentDigests }: ConfigReading, configFile: string | null): ServerInputs {
  const files = inputsOf(config, configFile);
  return { files, digest: digestOfInputs(files, contentDigests) };
}

/** Returns the configuration's own file and all files that it names, except those that sources watch themselves; sorted, without duplicates. */
function inputsOf(config: LoadedServerConfig, configFile: string | null): string[] {
  const named = findInputFiles(config).filter(({ isLive }) => !isLive);
  return [...new Set([...(configFile === null ? [] : [configFile]), ...named.map(({ file }) => file)])].sort();
}

/**
 * Returns a digest that differs when the content or the readability of a file differs.
 *
 * @param known map from file to the digest of content that was already read.
 */
export function digestOfInputs(files: readonly string[], known: ReadonlyMap<string, string> = new Map()): string {
  const lines = files.map((file) => `${file}\n${known.get(file) ?? digestOfFile(file)}\n`);
  return hash('sha256', lines.join(''), 'base64');
}

/** Returns a digest that is equal when options, secrets and file contents of `source` and `guards` are equal. */
export function digestOfSource(config: LoadedServerConfig): string {
  const digest = createHash('sha256');
  const { source, guards } = config;
  digest.update(
    JSON.stringify({ source, guards }, function (this: Record<string, unknown>, name: string, value: unknown) {
      // In `value`, JSON.stringify has already replaced a secret with its reference.
      const original = this[name];
      return original instanceof Secret ? [original.reference, original.reveal()] : value;
    }),
  );
  for (const { path, file, isLive } of findInputFiles(config)) {
    if (!isLive && (path[0] === 'source' || path[0] === 'guards')) digest.update(`\n${file}\n${digestOfFile(file)}`);
  }
  return digest.digest('base64');
}

function digestOfFile(file: string): string {
  try {
    return digestOfContent(readInputFile(file));
  } catch (error) {
    return `unreadable: ${(error as NodeJS.ErrnoException).code}`;
  }
}
