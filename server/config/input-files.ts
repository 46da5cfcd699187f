// Owns the list of files that a loaded configuration was, or will be, made from.
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../schemas/secret.ts';
import {
  findOption,
  type OptionPath,
  type OptionSchema,
  serverConfigSchema,
} from '../../schemas/server-config-schema.ts';

export interface InputFile {
  /** The option that names it. */
  readonly path: OptionPath;
  /** Absolute. */
  readonly file: string;
  /** The source follows its content by itself. */
  readonly isLive: boolean;
}

/** Every file that options name and that is read, those of secrets included. */
export function findInputFiles(config: LoadedServerConfig): InputFile[] {
  return findIn(config, serverConfigSchema, []);
}

function findIn(value: unknown, schema: OptionSchema | null, path: OptionPath): InputFile[] {
  if (value instanceof Secret) return value.file === null ? [] : [{ path, file: value.file, isLive: false }];
  if (typeof value === 'string') {
    const kind = schema?.['x-path'];
    return kind === 'input' || kind === 'live' ? [{ path, file: value, isLive: kind === 'live' }] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    findIn(child, schema && findOption(schema, value, key), [...path, key]),
  );
}
