// The files that a loaded configuration names: input files and output files.
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../schemas/secret.ts';
import {
  findOption,
  type OptionPath,
  type OptionSchema,
  serverConfigSchema,
} from '../../schemas/server-config-schema.ts';

export interface NamedFile {
  /** The option that names the file. */
  readonly path: OptionPath;
  /** Absolute. */
  readonly file: string;
}

export interface InputFile extends NamedFile {
  /** Whether the source itself watches the file's content. */
  readonly isLive: boolean;
}

type FileKind = NonNullable<OptionSchema['x-path']>;

/** Returns every input file that options name, including those of secrets. */
export function findInputFiles(config: LoadedServerConfig): InputFile[] {
  return findIn(config, serverConfigSchema, [])
    .filter(({ kind }) => kind !== 'output')
    .map(({ kind, ...named }) => ({ ...named, isLive: kind === 'live' }));
}

/** Returns the files of the log and of the audit trail. */
export function findOutputFiles(config: LoadedServerConfig): NamedFile[] {
  return findIn(config, serverConfigSchema, []).filter(
    ({ kind, file }) => kind === 'output' && file !== 'stdout' && file !== 'stderr',
  );
}

function findIn(
  value: unknown,
  schema: OptionSchema | null,
  path: OptionPath,
): Array<NamedFile & { readonly kind: FileKind }> {
  if (value instanceof Secret) return value.file === null ? [] : [{ path, file: value.file, kind: 'input' }];
  if (typeof value === 'string') {
    const kind = schema?.['x-path'];
    return kind === undefined ? [] : [{ path, file: value, kind }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    findIn(child, schema && findOption(schema, value, key), [...path, key]),
  );
}
