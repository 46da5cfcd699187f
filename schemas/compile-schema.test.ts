// Tests that validators compiled at build time return exactly the same errors as those compiled at run time.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { parse } from 'yaml';
import { type CompiledSchema, compiledSchemas, compileSchema, compileSchemaModule } from './compile-schema.ts';
import { readSchema } from './read-schema.ts';

function loadModule(text: string): ValidateFunction {
  const module = { exports: {} };
  const run = compileFunction(text, ['require', 'module', 'exports']);
  run(createRequire(import.meta.url), module, module.exports);
  return module.exports as ValidateFunction;
}

const configurations = new URL('../examples/configurations/', import.meta.url);
const exampleConfigurations = readdirSync(configurations)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => parse(readFileSync(new URL(name, configurations), 'utf8')) as unknown);

/** Valid and invalid values; values with several errors also reveal the order of errors. */
const texts: Readonly<Record<CompiledSchema, readonly unknown[]>> = {
  'user-info': [{ groups: [{ name: 'a' }], authorizations: {} }, { groups: ['a'], authorizations: { b: 'c' } }, null],
  'user-info-lenient': [{ groups: [], authorizations: {}, more: 1 }, { groups: [{ name: '' }] }],
  problem: [
    ...(readSchema('problem.schema.json').examples as unknown[]),
    {},
    { type: 'x', title: '', status: 200, code: 'a', requestId: 'b c' },
  ],
  'conformance-report': [{}, { kit: { name: 1 }, checks: [{}] }],
  'conformance-config': [{ url: 'https://127.0.0.1/user-info' }, { url: 1, nothing: 2, timeoutMs: 'x' }],
  'expected-user': [
    { groups: [{ name: 'staff', iam: 'bim' }], authorizations: {}, allowKept: true },
    { groups: ['staff'], authorizations: { region: 'emea' }, kept: 1 },
  ],
  'conformance-baseline': [{ knownFailures: [] }, { knownFailures: [{ check: 1, until: 'tomorrow' }] }],
  'iam-settings': [{}, { url: 1, nothing: 2 }],
  'integration-settings': [{}, { nothing: 2 }],
  'server-config': [
    ...exampleConfigurations,
    {},
    { listener: { port: 'x', nothing: 1 }, source: { type: 'cvs' } },
    { source: { type: 'csv', path: '', columns: { userid: 1 } }, authentication: { mode: 'both', basic: {} } },
    { source: { type: 'sql', connection: { system: 'oracle' } }, guards: { cache: { ttlSeconds: -1 } } },
  ],
};

describe('a precompiled validator', () => {
  for (const name of compiledSchemas) {
    it(`evaluates ${name} like a validator that is compiled on demand`, () => {
      const built = loadModule(compileSchemaModule(name));
      const compiled = compileSchema(name);
      const seen = new Set<boolean>();
      for (const text of texts[name]) {
        // Defaults are applied.
        const [one, other] = [structuredClone(text), structuredClone(text)];
        seen.add(built(one));
        expect(compiled(other), JSON.stringify(text)).to.equal(built.errors === null);
        expect(built.errors).to.deep.equal(compiled.errors);
        expect(one).to.deep.equal(other);
      }
      expect(seen, 'invalid values were evaluated').to.include(false);
    });
  }
});
