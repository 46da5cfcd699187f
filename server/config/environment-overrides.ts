// Environment variables that override options: USER_INFO__LISTENER__PORT=9443 sets listener.port.

import { findClosestWord, suggest } from '../../schemas/closest-word.ts';
import {
  displayPath,
  findOption,
  namedOptions,
  type OptionPath,
  type OptionSchema,
  ownValue,
  resolveOption,
  serverConfigSchema,
} from '../../schemas/server-config-schema.ts';
import type { ConfigFault } from './config-error.ts';

/** Prefix of every overriding variable. */
const prefix = 'USER_INFO__';

/** An option set by an environment variable. */
export interface Override {
  readonly variable: string;
  readonly path: OptionPath;
}

export interface OverrideResult {
  readonly value: unknown;
  readonly overrides: readonly Override[];
  readonly faults: readonly ConfigFault[];
}

/** A variable does not name an option, or the option does not accept the variable's value. The message never contains the value. */
class OverrideFault extends Error {
  readonly path: OptionPath;

  constructor(path: OptionPath, message: string) {
    super(message);
    this.path = path;
  }
}

/**
 * Applies every variable with the prefix `USER_INFO__`. The parts between `__` are option names, ignoring case and underscores (`FAILED_LOGINS` is
 * failedLogins), or list indexes, starting at 0. A number, true or false is converted if the option has this type. A list or a map is JSON. Anything
 * else is used as text.
 *
 * @returns a new value; `value` is not changed. Variables that cannot be applied are included in the errors.
 */
export function applyEnvironmentOverrides(value: unknown, environment: NodeJS.ProcessEnv): OverrideResult {
  const overrides: Override[] = [];
  const faults: ConfigFault[] = [];
  let result = value;
  for (const [variable, text] of orderVariables(environment)) {
    try {
      const segments = variable.slice(prefix.length).split('__');
      const { path, schema } = findPath(variable, segments, result);
      result = replaceAt(result, path, parseValue(schema, text, path), path);
      overrides.push({ variable, path });
    } catch (error) {
      if (!(error instanceof OverrideFault)) throw error;
      faults.push({ file: variable, line: 0, column: 0, path: displayPath(error.path), message: error.message });
    }
  }
  return { value: result, overrides, faults };
}

/** Sorts the variables: sections before their options, and options that determine a section's type before those that depend on it. */
function orderVariables(environment: NodeJS.ProcessEnv): Array<[variable: string, text: string]> {
  const rank = (variable: string) => variable.split('__').length * 2 - (variable.endsWith('__TYPE') ? 1 : 0);
  return Object.entries(environment)
    .filter((entry): entry is [string, string] => entry[0].startsWith(prefix) && entry[1] !== undefined)
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function findPath(variable: string, segments: readonly string[], config: unknown) {
  const path: string[] = [];
  let schema: OptionSchema = resolveOption(serverConfigSchema);
  let value = config;
  for (const [index, segment] of segments.entries()) {
    const key = schema.items
      ? findIndex(segment, value, path)
      : findName(variable, segments, index, schema, value, path);
    const next = findOption(schema, value, key);
    if (!next) throw new OverrideFault(path, `unknown option in ${variable}`);
    path.push(key);
    schema = next;
    value = ownValue(value, key);
  }
  return { path, schema };
}

/** Returns the index of an existing entry, or the index after the last entry. */
function findIndex(segment: string, list: unknown, path: OptionPath): string {
  const length = Array.isArray(list) ? list.length : 0;
  if (!/^\d{1,6}$/.test(segment)) throw new OverrideFault(path, 'is a list: append a number, 0 for the first entry');
  if (Number(segment) <= length) return String(Number(segment));
  const has = length === 1 ? 'one entry' : `${length} entries`;
  throw new OverrideFault(path, `the list has ${has}, so the next number is ${length}`);
}

function findName(
  variable: string,
  segments: readonly string[],
  index: number,
  schema: OptionSchema,
  value: unknown,
  path: OptionPath,
): string {
  const names = [...namedOptions(schema, value).keys()].filter((name) => !name.startsWith('$'));
  const segment = segments[index] ?? '';
  const found = names.find((name) => simplify(name) === simplify(segment));
  if (found !== undefined) return found;
  if (names.length === 0) {
    throw new OverrideFault(path, `has no nested options that a variable can set. Set ${upToHere()} as a whole`);
  }
  const closest = findClosestWord(simplify(segment), names);
  const corrected = closest && prefix + segments.with(index, toVariableSegment(closest)).join('__');
  throw new OverrideFault(path, `unknown option${suggest(corrected)}`);

  function upToHere(): string {
    return variable
      .split('__')
      .slice(0, index + 1)
      .join('__');
  }
}

function simplify(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** Converts a name: failedLogins → FAILED_LOGINS. */
function toVariableSegment(name: string): string {
  return name.replace(/[A-Z]/g, '_$&').toUpperCase();
}

function parseValue(schema: OptionSchema, text: string, path: OptionPath): unknown {
  const { type } = schema;
  // A value of the wrong type stays a string, which the schema then rejects as it would in a file.
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type !== 'array' && type !== 'object') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const what = type === 'array' ? 'a list' : 'a map';
    throw new OverrideFault(path, `must be ${what} in JSON, or be set entry by entry, with a variable for each entry`);
  }
}

/** Returns a copy with a different value at `path`; missing sections are created. */
function replaceAt(value: unknown, path: OptionPath, replacement: unknown, whole: OptionPath): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replacement;
  const isIndex = /^\d+$/.test(key);
  const section = value ?? (isIndex ? [] : {});
  if (typeof section !== 'object' || Array.isArray(section) !== isIndex) {
    throw new OverrideFault(whole, 'cannot be set, since the enclosing option in the file has a different type');
  }
  const changed = replaceAt(ownValue(section, key), rest, replacement, whole);
  if (Array.isArray(section)) return section.toSpliced(Number(key), 1, changed);
  return Object.fromEntries([...Object.entries(section).filter(([name]) => name !== key), [key, changed]]);
}
