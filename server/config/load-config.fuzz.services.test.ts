// Tests with generated configurations: whatever the file or the environment contains, the only error is a ConfigError.
import { expect } from 'chai';
import fc from 'fast-check';
import { stringify } from 'yaml';
import {
  namedOptions,
  type OptionSchema,
  resolveOption,
  serverConfigSchema,
} from '../../schemas/server-config-schema.ts';
import { parseConfig } from '../../tests/start-server.ts';
import { ConfigError } from './config-error.ts';

/** No error may contain a value, so wrong texts contain this one. */
const canary = 'canary-9f3b';
const wrongValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e30,
    '',
    canary,
    `\${env:${canary}}`,
    `\${file:/${canary}}`,
    [],
    {},
  ),
  fc.constant([canary, { password: canary }]),
);

/** Generates values of an option's own type, with some parts wrong, missing or unknown. `around`: the enclosing definitions. */
function optionValue(option: OptionSchema, around: readonly string[] = []): fc.Arbitrary<unknown> {
  const { $ref } = option;
  // A merge contains sources, which may be merges: one inside another is enough.
  if (around.filter((definition) => definition === $ref).length > 1) return wrongValue;
  const inside = $ref === undefined ? around : [...around, $ref];
  return fc.oneof(
    { weight: 1, arbitrary: wrongValue },
    { weight: 6, arbitrary: shapeOf(resolveOption(option), inside) },
  );
}

function shapeOf(schema: OptionSchema, around: readonly string[]): fc.Arbitrary<unknown> {
  if (schema.properties || schema.oneOf) {
    const parts = [...namedOptions(schema, undefined)].map(
      ([name, part]) => [name, optionValue(part, around)] as const,
    );
    const section = fc.record(Object.fromEntries(parts), { requiredKeys: [...(schema.required ?? [])] });
    return schema.discriminator
      ? fc.tuple(section, fc.constantFrom('csv', 'static', 'merge')).map(([value, type]) => ({ ...value, type }))
      : section;
  }
  if (schema.items) return fc.array(optionValue(schema.items, around), { maxLength: 2 });
  if (typeof schema.additionalProperties === 'object')
    return fc.dictionary(fc.string(), optionValue(schema.additionalProperties, around));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === 'integer') return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 0 });
  if (schema.type === 'boolean') return fc.boolean();
  return fc.constantFrom(...(schema.examples ?? ['text']));
}

const anyConfig = optionValue(serverConfigSchema);

/** Returns true for an accepted configuration; rethrows any error except ConfigError. */
function isAccepted(text: string, environment: NodeJS.ProcessEnv): boolean {
  try {
    parseConfig(text, { fileName: 'c.yaml', baseDirectory: '/base', environment });
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const stated = JSON.stringify([error.message, error.faults]);
    // The name of a reference is shown, but never a value.
    const rest = stated.replaceAll(`the environment variable ${canary}`, '').replaceAll(`the file /${canary}`, '');
    expect(rest).not.to.include(canary);
    return false;
  }
}

describe('loading arbitrary input', () => {
  it('succeeds or throws a ConfigError that shows no value, for options of right and wrong types', () => {
    fc.assert(
      fc.property(anyConfig, (config) => void isAccepted(stringify(config) ?? '', {})),
      { numRuns: 300 },
    );
  });

  it('succeeds or throws a ConfigError, for any text', () => {
    const pieces = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '"',
      "'",
      '&a ',
      '*a',
      '{',
      '}',
      '[',
      ']',
      '!',
      '#',
      '\t',
      '|',
      '%',
      '---',
    );
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(anyText, (text) => void isAccepted(text, {})),
      { numRuns: 1000 },
    );
  });

  it('succeeds or throws a ConfigError that shows no value, for any variable', () => {
    const segment = fc.constantFrom(
      'LISTENER',
      'PORT',
      'TLS',
      'KEY',
      'SOURCE',
      'TYPE',
      'COLUMNS',
      'BASIC',
      'AUTHENTICATION',
      'CREDENTIALS',
      'PASSWORD',
      'USERS',
      '0',
      '1',
      '',
      '_',
      'constructor',
      '__proto__',
    );
    const variable = fc.array(segment, { maxLength: 5 }).map((segments) => `USER_INFO__${segments.join('__')}`);
    const value = fc.oneof(fc.constantFrom('csv', '1', 'true', '{}', '[]', 'null', canary, `["${canary}"]`), fc.json());
    const variables = fc.dictionary(variable, value, { maxKeys: 4 });
    fc.assert(
      fc.property(anyConfig, variables, (config, environment) => void isAccepted(stringify(config) ?? '', environment)),
      { numRuns: 300 },
    );
  });

  it('succeeds for some inputs, so that the properties above are not vacuous', () => {
    const good = { authentication: { mode: 'none' }, source: { type: 'static', users: {} } };
    expect(isAccepted(stringify(good), {})).to.equal(true);
  });
});
