// Validates a configuration against its schema, and reports readable errors.
import type { ErrorObject } from 'ajv/dist/2020.js';
import { findClosestWord, suggest } from '../../schemas/closest-word.ts';
import { loadValidator } from '../../schemas/compile-schema.ts';
import { describeLimit, kindNames } from '../../schemas/describe-option-error.ts';
import {
  findOption,
  namedOptions,
  type OptionPath,
  type OptionSchema,
  ownValue,
  resolveOption,
  serverConfigSchema,
  shapesOf,
} from '../../schemas/server-config-schema.ts';

/** An error found by the schema or by a cross-field rule. */
export interface OptionFault {
  readonly path: OptionPath;
  readonly message: string;
  /** The error is in the option's name, not in its value. */
  readonly isName?: boolean;
  /** The option that was probably meant. */
  readonly meant?: OptionPath;
}

const validate = loadValidator('server-config');

/**
 * Validates a configuration whose secrets are still references.
 *
 * @param config is changed: defaults are set for omitted options.
 * @returns all errors; none contains a value.
 */
export function findSchemaFaults(config: unknown): OptionFault[] {
  if (validate(config)) return [];
  const faults = (validate.errors ?? []).filter(isReported).map((error) => describe(error, config));
  // One error per option is sufficient: "must be text" and "must be one of" report the same error.
  const seen = new Set<string>();
  return faults.filter(({ path, isName }) => {
    const key = JSON.stringify([path, isName]);
    return !seen.has(key) && seen.add(key);
  });
}

/** Returns false for errors that another error at the same place describes better. */
function isReported({ keyword, schemaPath, params }: ErrorObject): boolean {
  const isBranch = /\/oneOf\/\d+\/required$/.test(schemaPath);
  const isMissingTag = keyword === 'discriminator' && params.error === 'tag';
  return !isBranch && !isMissingTag && keyword !== 'propertyNames';
}

function describe(error: ErrorObject, config: unknown): OptionFault {
  const path = error.instancePath.split('/').slice(1).map(decodePointer);
  const { section, value } = resolveAt(path, config);
  const schema = (error.keyword === 'discriminator' ? section : section && shapeOf(section, value)) ?? {};
  const isSecret = schema['x-secret'] === true;
  switch (error.keyword) {
    case 'required':
      return describeMissing([...path, error.params.missingProperty as string], config);
    case 'additionalProperties':
      return describeUnknown(path, error.params.additionalProperty as string, schema, value);
    case 'discriminator': {
      const tag = error.params.tag as string;
      return describeChoice([...path, tag], [...shapesOf(schema).keys()], ownValue(value, tag));
    }
    case 'enum':
      return describeChoice(path, schema.enum ?? [], value);
    case 'oneOf':
      return { path, message: describeAlternatives(schema, value) };
    case 'minProperties':
    case 'maxProperties':
      return { path, message: `needs exactly one of ${Object.keys(schema.properties ?? {}).join(', ')}` };
    default:
      return { path, message: isSecret ? describeSecret(schema) : describeValue(error, schema, value) };
  }
}

function describeMissing(path: OptionPath, config: unknown): OptionFault {
  const { section, value } = resolveAt(path.slice(0, -1), config);
  const name = path.at(-1) ?? '';
  const option = section === null ? undefined : namedOptions(section, value).get(name);
  const isTag = section?.discriminator?.propertyName === name;
  const words = section !== null && isTag ? [...shapesOf(section).keys()] : option && resolveOption(option).enum;
  return { path, message: `is missing${words && words.length > 0 ? `; it must be one of ${words.join(', ')}` : ''}` };
}

/**
 * Returns the schema at a path, and the value there, which selects one of several variants. An error's own `parentSchema` is not used:
 * it would double the size of the compiled validator.
 */
function resolveAt(path: OptionPath, config: unknown): { section: OptionSchema | null; value: unknown } {
  let section: OptionSchema | null = serverConfigSchema;
  let value = config;
  for (const key of path) {
    section = section && findOption(section, value, key);
    value = ownValue(value, key);
  }
  return { section, value };
}

/** Returns the variant of a section that its value selects; the section itself if it has no variants, or none is selected. */
function shapeOf(section: OptionSchema, value: unknown): OptionSchema {
  const tag = section.discriminator?.propertyName;
  return (tag === undefined ? undefined : shapesOf(section).get(String(ownValue(value, tag)))) ?? section;
}

function describeUnknown(path: OptionPath, name: string, schema: OptionSchema, value: unknown): OptionFault {
  const options = Object.entries(schema.properties ?? {});
  const names = options.map(([option]) => option);
  const isFree = (option: string) => ownValue(value, option) === undefined;
  const closest = findClosestWord(name, names.filter(isFree)) ?? findClosestWord(name, names);
  const holdsSecrets = options.some(([, option]) => resolveOption(option)['x-secret'] === true);
  // `{ username: immuta, password:hunter2 }` has an option named "password:hunter2": in a section with secrets, an option's name may be a secret.
  if (holdsSecrets && closest === null) {
    const message = `unknown option; its name is not shown, since it could be a secret. Known options: ${names.join(', ')}`;
    return { path: [...path, name], message, isName: true };
  }
  const message = `unknown option ${JSON.stringify(holdsSecrets ? shorten(name) : name)}${suggest(closest)}`;
  return { path: [...path, name], message, isName: true, ...(closest === null ? {} : { meant: [...path, closest] }) };
}

function shorten(name: string): string {
  return name.replace(/[^A-Za-z0-9_-].*$/s, '…');
}

function describeChoice(path: OptionPath, words: readonly string[], value: unknown): OptionFault {
  const closest = typeof value === 'string' ? findClosestWord(value, words) : null;
  return { path, message: `must be one of ${words.join(', ')}${suggest(closest)}` };
}

function describeAlternatives(schema: OptionSchema, value: unknown): string {
  const names = (schema.oneOf ?? []).flatMap(({ required }) => required ?? []);
  const given = names.filter((name) => ownValue(value, name) !== undefined);
  return given.length > 1 ? `has both ${given.join(' and ')}. Keep one` : `needs either ${names.join(' or ')}`;
}

function describeSecret(schema: OptionSchema): string {
  return `must be ${schema['x-expects'] ?? 'a reference'}`;
}

function describeValue({ keyword, params }: ErrorObject, schema: OptionSchema, value: unknown): string {
  switch (keyword) {
    case 'type':
      return `must be ${kindNames[params.type as string] ?? params.type} (${kindOf(value, params.type as string)})`;
    case 'const':
      return `must be ${schema.const}`;
    case 'pattern': {
      const example = schema.examples?.[0] ?? schema.default;
      const form = schema['x-expects'] ?? 'in a different format';
      return `must be ${form}${example === undefined ? '' : `; for example ${String(JSON.stringify(example))}`}`;
    }
    default:
      return describeLimit(keyword, params) ?? 'is invalid';
  }
}

function kindOf(value: unknown, wanted: string): string {
  if (value === null) return 'is empty: set a value, or remove the line';
  if (Array.isArray(value)) return 'is a list';
  switch (typeof value) {
    case 'number':
      if (wanted === 'string') return 'is a number: quote it';
      return wanted === 'integer' ? 'is not an integer, or is too large' : 'is a number';
    case 'boolean':
      return `is ${value}${wanted === 'string' ? ': put it in quotes' : ''}`;
    case 'string':
      return wanted === 'integer' && /^\d+$/.test(value) ? 'is a string: remove the quotes' : 'is text';
    default:
      return 'is a map of options';
  }
}

function decodePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
