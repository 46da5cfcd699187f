// Digests of the files that a configuration names, which show whether a reload has anything to do.
import { createHash, hash } from 'node:crypto';
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../schemas/secret.ts';
import { findInputFiles } from '../config/input-files.ts';
import type { ConfigReading } from '../config/read-config.ts';
import { digestOfContent, readInputFile } from '../config/read-input-file.ts';

/** The files that a server is made from. */
export interface ServerInputs {
  readonly files: readonly string[];
  /** Of their contents. */
  readonly digest: string;
}

/**
 * Returns the files of a configuration with the digest of what is going to be used: of the files that were read with the
 * configuration as they were then, of the others as they are now. So it has to be called before anything is opened.
 *
 * @param configFile `null`: the configuration does not come from a file that can be read again.
 */
export function findInputs({ config, contentDigests }: ConfigReading, configFile: string | null): ServerInputs {
  const files = inputsOf(config, configFile);
  return { files, digest: digestOfInputs(files, contentDigests) };
}

/** The configuration's own file and all that it names, but for those that sources follow by themselves; sorted, each once. */
function inputsOf(config: LoadedServerConfig, configFile: string | null): string[] {
  const named = findInputFiles(config).filter(({ isLive }) => !isLive);
  return [...new Set([...(configFile === null ? [] : [configFile]), ...named.map(({ file }) => file)])].sort();
}

/**
 * Differs when the content of a file does, or whether it can be read.
 *
 * @param known digests of contents that were read already, by file.
 */
export function digestOfInputs(files: readonly string[], known: ReadonlyMap<string, string> = new Map()): string {
  const lines = files.map((file) => `${file}\n${known.get(file) ?? digestOfFile(file)}\n`);
  return hash('sha256', lines.join(''), 'base64');
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
