// Reader of a YAML or JSON file that has one of our schemas: reports all errors at once, each with its position and a suggestion.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { describeOptionError, describeOptionPath } from '../schemas/describe-option-error.ts';
import type { PlatformProfile } from '../schemas/generated/platform-profile.ts';
import { readSchema } from '../schemas/read-schema.ts';
import { type ConfigDocument, parseConfigDocument } from '../server/config/config-document.ts';
import { ConfigError, describeFault } from '../server/config/config-error.ts';

const require = createRequire(import.meta.url);

/** A file that is valid according to its schema. */
export interface SchemaFile<Content> {
  readonly value: Content;
  /** Returns an error of one option, in the format of configuration errors: position in the file, option, and description. */
  toFault(path: readonly string[], message: string): string;
}

function toFault(document: ConfigDocument, path: readonly string[], message: string, isName = false): string {
  const place = isName ? document.placeOfName(path) : document.placeOf(path);
  return describeFault({ ...place, path: describeOptionPath(path), message });
}

function wordError(error: ErrorObject, document: ConfigDocument): string {
  const { path, message, isName } = describeOptionError(error);
  return toFault(document, path, message, isName);
}

/** Compiles a schema of schemas/, e.g. "scenario.schema.json". */
export function compileSchema<Content>(name: string): ValidateFunction<Content> {
  // Loaded on demand, because loading the compiler takes as long as everything else that a command needs.
  const { Ajv2020 } = require('ajv/dist/2020') as typeof import('ajv/dist/2020.js');
  return new Ajv2020({ allErrors: true, verbose: true, strict: true }).compile<Content>(readSchema(name));
}

/**
 * Returns the content of a file; null if it cannot be read or is invalid, with all errors added to `faults`. `flag` is the option that names the
 * file.
 */
export function readSchemaFile<Content>(
  flag: string,
  file: string,
  validate: ValidateFunction<Content>,
  faults: string[],
): SchemaFile<Content> | null {
  let document: ConfigDocument;
  try {
    document = parseConfigDocument(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof ConfigError) faults.push(...error.faults.map(describeFault));
    else faults.push(`${flag}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
    return null;
  }
  const { value } = document;
  if (!validate(value)) {
    faults.push(...(validate.errors ?? []).map((error) => wordError(error, document)));
    return null;
  }
  return { value, toFault: (path, message) => toFault(document, path, message) };
}

/** Returns the profile; null: it cannot be used, and `errors` contains the reason. @param flag the option that names the file. */
export function readPlatformProfile(flag: string, file: string, errors: string[]): PlatformProfile | null {
  const validate = compileSchema<PlatformProfile>('platform-profile.schema.json');
  return readSchemaFile(flag, file, validate, errors)?.value ?? null;
}
