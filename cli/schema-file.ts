// Owns reading a YAML or JSON file that a schema of ours describes: every fault at once, each with its place and a guess.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { findClosestWord, suggest } from '../schemas/closest-word.ts';
import { readSchema } from '../schemas/read-schema.ts';
import { type ConfigDocument, parseConfigDocument } from '../server/config/config-document.ts';
import { ConfigError, describeFault } from '../server/config/config-error.ts';

const require = createRequire(import.meta.url);

/** A file that holds under its schema. */
export interface SchemaFile<Content> {
  readonly value: Content;
  /** A fault of one option, in the form of a configuration's faults: where in the file, which option, and what. */
  toFault(path: readonly string[], message: string): string;
}

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  object: 'a map of options',
  string: 'text',
};

function toFault(document: ConfigDocument, path: readonly string[], message: string, isName = false): string {
  const place = isName ? document.placeOfName(path) : document.placeOf(path);
  const shown = path.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join('');
  return describeFault({ ...place, path: shown.replace(/^\./, ''), message });
}

function wordError(
  { instancePath, keyword, params, parentSchema, data }: ErrorObject,
  document: ConfigDocument,
): string {
  const path = instancePath.split('/').slice(1);
  switch (keyword) {
    case 'additionalProperties': {
      const name = params.additionalProperty as string;
      const names = Object.keys((parentSchema?.properties as object | undefined) ?? {});
      return toFault(document, [...path, name], `unknown option${suggest(findClosestWord(name, names))}`, true);
    }
    case 'required':
      return toFault(document, [...path, params.missingProperty as string], 'is missing');
    case 'enum': {
      const words = params.allowedValues as string[];
      const guess = typeof data === 'string' ? suggest(findClosestWord(data, words)) : '';
      return toFault(document, path, `must be one of ${words.join(', ')}${guess}`);
    }
    case 'format':
      return toFault(document, path, 'must be a day, for example 2027-03-31');
    case 'minimum':
      return toFault(document, path, `must be ≥ ${params.limit}`);
    case 'maximum':
      return toFault(document, path, `must be ≤ ${params.limit}`);
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return toFault(document, path, 'must not be empty');
    case 'oneOf':
      return toFault(document, path, `has none of the forms of ${schemaTitle(parentSchema)}`);
    case 'pattern':
      // The one option with a form: a proxy, whose URL could hold a password.
      return toFault(document, path, 'must hold no @: credentials have no place in this file');
    default:
      return toFault(document, path, `must be ${kinds[params.type as string] ?? params.type}`);
  }
}

function schemaTitle(schema: object | undefined): string {
  const { title = 'this option' } = (schema ?? {}) as { readonly title?: string };
  return title;
}

/** Compiles a schema of schemas/, e.g. "scenario.schema.json". */
export function compileSchema<Content>(name: string): ValidateFunction<Content> {
  // Here, since it takes as long to load as all that a command needs besides.
  const { Ajv2020 } = require('ajv/dist/2020') as typeof import('ajv/dist/2020.js');
  return new Ajv2020({ allErrors: true, verbose: true, strict: true }).compile<Content>(readSchema(name));
}

/** The content of a file; null, and all that is wrong added to `faults`, when it can't be read or does not hold. `flag` names it. */
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
    else faults.push(`${flag}: ${file} can not be read (${(error as NodeJS.ErrnoException).code}).`);
    return null;
  }
  const { value } = document;
  if (!validate(value)) {
    faults.push(...(validate.errors ?? []).map((error) => wordError(error, document)));
    return null;
  }
  return { value, toFault: (path, message) => toFault(document, path, message) };
}
