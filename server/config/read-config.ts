// Stages of a configuration from its text to the form that the server uses, with the origin of each option.
import { dirname, resolve } from 'node:path';
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import {
  displayPath,
  findOption,
  type OptionPath,
  type OptionSchema,
  serverConfigSchema,
} from '../../schemas/server-config-schema.ts';
import { parseConfigDocument } from './config-document.ts';
import { ConfigError, type ConfigPlace } from './config-error.ts';
import { findCrossFieldFaults } from './cross-field-rules.ts';
import { applyEnvironmentOverrides, type Override } from './environment-overrides.ts';
import { describeFileTrouble, digestOfContent, readInputFile } from './read-input-file.ts';
import { findSchemaFaults, type OptionFault } from './schema-faults.ts';
import { type ReferenceContext, ReferenceFault, referenceAnywhere, resolveSecret } from './secret-references.ts';

/** Environment of a configuration. */
export interface ConfigContext {
  /** Name of the text in errors, e.g. "user-info.yaml". */
  readonly fileName: string;
  /** Directory from which relative paths are resolved. */
  readonly baseDirectory: string;
  /** Overrides (`USER_INFO__…`) and variables that secrets refer to. */
  readonly environment: NodeJS.ProcessEnv;
}

/** A valid configuration, with the origin of its options. */
export interface ConfigReading {
  /** Frozen, with defaults, absolute paths and resolved secrets. */
  readonly config: LoadedServerConfig;
  /** The options set by environment variables. */
  readonly overrides: readonly Override[];
  /** Returns the position of an option; for a default, that of the nearest section. */
  placeOf(path: OptionPath): ConfigPlace;
  /** Digests of the contents that were read: the configuration's own file and the files of secrets. */
  readonly contentDigests: ReadonlyMap<string, string>;
}

/** Far more than any configuration needs, even one with thousands of static users. */
export const maxConfigBytes = 16 * 1024 * 1024;

/**
 * Reads a YAML or JSON file; see `readConfigText`. Paths in it are relative to the file's directory.
 *
 * @throws {ConfigError} also when the file cannot be read, is larger than 16 MiB or is not UTF-8.
 */
export function readConfig(file: string, environment: NodeJS.ProcessEnv): ConfigReading {
  const bytes = readBytes(file);
  const context = { fileName: file, baseDirectory: dirname(resolve(file)), environment };
  const reading = readConfigText(decodeConfig(bytes, file), context);
  return { ...reading, contentDigests: new Map([...reading.contentDigests, [file, digestOfContent(bytes)]]) };
}

/**
 * Parses a text, applies environment overrides, validates, fills in defaults, resolves secrets and paths, and freezes the result.
 *
 * @throws {ConfigError} with all errors at once; no other exception.
 */
export function readConfigText(text: string, { fileName, baseDirectory, environment }: ConfigContext): ConfigReading {
  const document = parseConfigDocument(text, fileName);
  const { value, overrides, faults: overrideFaults } = applyEnvironmentOverrides(document.value, environment);
  const placeOf = (path: OptionPath, isName = false): ConfigPlace => {
    const override = overrides.findLast((candidate) => candidate.path.every((key, index) => key === path[index]));
    if (override) return { file: override.variable, line: 0, column: 0 };
    return isName ? document.placeOfName(path) : document.placeOf(path);
  };

  // A copy is needed because the schema fills in defaults, and two options may share a section through an alias.
  const config = copyOf(value);
  const schemaFaults = findSchemaFaults(config);
  const contentDigests = new Map<string, string>();
  const { value: loaded, faults: textFaults } = resolveTexts(config, { environment, baseDirectory, contentDigests });
  const earlier = [...schemaFaults, ...textFaults];
  const optionFaults = [...earlier, ...findCrossFieldFaults(loaded, earlier)];

  const faults = optionFaults.map(({ path, message, isName }) => ({
    ...placeOf(path, isName),
    path: displayPath(isName ? path.slice(0, -1) : path),
    message,
  }));
  if (overrideFaults.length + faults.length > 0) throw new ConfigError([...overrideFaults, ...faults]);
  return { config: freezeDeep(loaded) as LoadedServerConfig, overrides, placeOf, contentDigests };
}

function readBytes(file: string): Buffer {
  try {
    return readInputFile(file, maxConfigBytes);
  } catch (error) {
    throw unreadable(file, `the configuration cannot be read: ${describeFileTrouble(error)}`);
  }
}

/** Decodes the bytes of a configuration. @throws {ConfigError} when they are not UTF-8. */
export function decodeConfig(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(file, 'the configuration is not UTF-8. Save it as UTF-8');
  }
}

function unreadable(file: string, message: string): ConfigError {
  return new ConfigError([{ file, line: 0, column: 0, path: '', message }]);
}

/** Resolves references to secrets and relative paths; reports references where they are not allowed. */
function resolveTexts(config: unknown, context: ReferenceContext) {
  const faults: OptionFault[] = [];
  const value = mapTexts(config, serverConfigSchema, [], (text, schema, path) => {
    if (schema['x-secret']) {
      // The schema has already reported every value that is neither a reference nor a hash, so it is not reported again.
      if (!new RegExp(schema.pattern ?? '').test(text)) return null;
      try {
        return resolveSecret(text, path.at(-1) ?? '', context);
      } catch (error) {
        if (!(error instanceof ReferenceFault)) throw error;
        faults.push({ path, message: error.message });
        return null;
      }
    }
    if (referenceAnywhere.test(text)) {
      const message =
        'a reference is allowed for secrets only; an environment variable USER_INFO__… can set this option';
      faults.push({ path, message });
    }
    const isStream = schema['x-path'] === 'output' && (text === 'stdout' || text === 'stderr');
    return schema['x-path'] && text !== '' && !isStream ? resolve(context.baseDirectory, text) : text;
  });
  return { value, faults };
}

type TextChange = (text: string, schema: OptionSchema, path: OptionPath) => unknown;

/** Returns a copy in which each string that the schema describes is transformed. */
function mapTexts(value: unknown, schema: OptionSchema | null, path: OptionPath, change: TextChange): unknown {
  if (typeof value === 'string' && schema) return change(value, schema, path);
  if (typeof value !== 'object' || value === null) return value;
  const mapChild = ([key, child]: [string, unknown]): [string, unknown] => [
    key,
    mapTexts(child, schema && findOption(schema, value, key), [...path, key], change),
  ];
  const entries = Object.entries(value).map(mapChild);
  return Array.isArray(value) ? entries.map(([, child]) => child) : Object.fromEntries(entries);
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, copyOf(child)]));
}

function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) freezeDeep(child);
    Object.freeze(value);
  }
  return value;
}
