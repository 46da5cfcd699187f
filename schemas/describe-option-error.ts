// Descriptions of schema errors in settings written by people: the option, the error, and a suggestion.
import type { ErrorObject } from 'ajv/dist/2020.js';
import { findClosestWord, suggest } from './closest-word.ts';

export interface OptionError {
  /** Names of options and indices of lists, from the outside in. */
  readonly path: readonly string[];
  readonly message: string;
  /** Whether the name of the option is invalid. */
  readonly isName: boolean;
}

/** Names of JSON types in messages. */
export const kindNames: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  object: 'a map of options',
  string: 'text',
};

/** The pattern of a proxy in the configuration of a conformance run: its URL may contain a password. */
const withoutAtSign = '^[^@]+$';

/** Describes an error of a validator that was compiled with `verbose`. */
export function describeOptionError({ instancePath, keyword, params, parentSchema, data }: ErrorObject): OptionError {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const at = (message: string): OptionError => ({ path, message, isName: false });
  switch (keyword) {
    case 'additionalProperties': {
      const name = params.additionalProperty as string;
      const names = Object.keys((parentSchema?.properties as object | undefined) ?? {});
      const message = `unknown option${suggest(findClosestWord(name, names))}`;
      return { path: [...path, name], message, isName: true };
    }
    case 'required':
      return { path: [...path, params.missingProperty as string], message: 'is missing', isName: false };
    case 'enum': {
      const words = params.allowedValues as string[];
      const guess = typeof data === 'string' ? suggest(findClosestWord(data, words)) : '';
      return at(`must be one of ${words.join(', ')}${guess}`);
    }
    case 'format':
      return at('must be a date, for example 2027-03-31');
    case 'oneOf':
      return at(`does not match any form of ${titleOf(parentSchema)}`);
    case 'pattern':
      return at(
        params.pattern === withoutAtSign
          ? 'must not contain an @: credentials do not belong in this file'
          : `must match the pattern ${params.pattern}`,
      );
    default:
      return at(describeLimit(keyword, params) ?? `must be ${kindNames[params.type as string] ?? params.type}`);
  }
}

/** Describes a value beyond a limit; `null`: the keyword is not a limit. */
export function describeLimit(keyword: string, { limit }: { readonly limit?: number }): string | null {
  switch (keyword) {
    case 'minimum':
      return `must be ≥ ${limit}`;
    case 'maximum':
      return `must be ≤ ${limit}`;
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return 'must not be empty';
    case 'maxLength':
      return limit === 1 ? 'must be one character' : `must have at most ${limit} characters`;
    default:
      return null;
  }
}

/** Returns the path as shown in messages, e.g. "steps[2].expect". */
export function describeOptionPath(path: readonly string[]): string {
  return path
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
}

/** Returns a line for each error, e.g. `guesses.onNotFond: unknown option; did you mean "onNotFound"?`. */
export function describeOptionErrors(errors: readonly ErrorObject[] | null | undefined): string {
  return (errors ?? [])
    .map(describeOptionError)
    .map(({ path, message }) => {
      const place = describeOptionPath(path);
      return `${place === '' ? 'The settings' : `${place}:`} ${message}${/[?.]$/.test(message) ? '' : '.'}`;
    })
    .join('\n');
}

function titleOf(schema: object | undefined): string {
  const { title = 'this option' } = (schema ?? {}) as { readonly title?: string };
  return title;
}
