// Compiles a schema into a validator: at build time, or at run time if nothing was built.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Ajv2020, Options, ValidateFunction } from 'ajv/dist/2020.js';
import { readSchema } from './read-schema.ts';
import { annotationKeywords } from './server-config-schema.ts';

const strictly: Options = { strict: true, allowUnionTypes: true };
/** For files written by people: all errors at once, with the details that messages need. */
const forPeople: Options = { strict: true, allErrors: true, verbose: true };
const withDefaults: Options = { strict: true, allErrors: true, useDefaults: true, verbose: true };

/** Options of the validators, by the name of the schema's file. */
const optionsOfSchema = {
  'user-info': strictly,
  'user-info-lenient': strictly,
  problem: strictly,
  'conformance-report': strictly,
  'conformance-config': forPeople,
  'conformance-baseline': forPeople,
  'expected-user': forPeople,
  'iam-settings': withDefaults,
  'integration-settings': withDefaults,
  'server-config': {
    allErrors: true,
    useDefaults: true,
    discriminator: true,
    strict: true,
    // This option would reject `oneOf: [{required: …}]` beside the properties to which it refers.
    strictRequired: false,
    // server/config/schema-faults.ts writes the messages. With ajv's messages and `verbose`, the validator would be twice as large.
    messages: false,
    inlineRefs: false,
  },
} satisfies Readonly<Record<string, Options>>;

export type CompiledSchema = keyof typeof optionsOfSchema;

export const compiledSchemas = Object.keys(optionsOfSchema) as readonly CompiledSchema[];

/** The schemas whose validators the build compiles: those that a command needs before it starts its work. */
export const builtSchemas = compiledSchemas.filter((name) => name !== 'problem' && name !== 'conformance-report');

// Loading and running the compiler takes as long as the rest of the startup, so it is not loaded if the validators were built.
const require = createRequire(import.meta.url);
const compiledFile = (name: CompiledSchema) => new URL(`compiled/${name}.cjs`, import.meta.url);

/** Returns the validator of a schema: the built one, or one compiled now. */
export function loadValidator<Content>(name: CompiledSchema): ValidateFunction<Content> {
  const file = compiledFile(name);
  return existsSync(file) ? require(fileURLToPath(file)) : compileSchema(name);
}

/** In a source tree, each process needs several schemas; reading all of them for each one takes longer than compiling. */
const compilers = new Map<Options, Ajv2020>();

/** Compiles the validator of a schema in memory. */
export function compileSchema<Content>(name: CompiledSchema): ValidateFunction<Content> {
  const options = optionsOfSchema[name];
  const compiler = compilers.get(options) ?? createCompiler(options);
  compilers.set(options, compiler);
  return validatorOf<Content>(compiler, name);
}

/** Compiles a schema into the source text of a CommonJS validator module, for the build. */
export function compileSchemaModule(name: CompiledSchema): string {
  const { default: writeModule } = require('ajv/dist/standalone') as typeof import('ajv/dist/standalone/index.js');
  const compiler = createCompiler({ ...optionsOfSchema[name], code: { source: true } });
  return writeModule(compiler, validatorOf(compiler, name));
}

function validatorOf<Content>(compiler: Ajv2020, name: CompiledSchema): ValidateFunction<Content> {
  const id = `urn:user-info-kit:schema:${name}`;
  const validate = compiler.getSchema<Content>(id);
  if (validate === undefined) throw new Error(`${name}.schema.json has a different $id from ${id}`);
  return validate;
}

/** Creates a compiler with all schemas, because some refer to others. */
function createCompiler(options: Options): Ajv2020 {
  const ajv = require('ajv/dist/2020') as typeof import('ajv/dist/2020.js');
  const { default: addFormats } = require('ajv-formats') as typeof import('ajv-formats');
  const compiler = new ajv.Ajv2020(options);
  addFormats.default(compiler);
  compiler.addVocabulary([...annotationKeywords]);
  for (const name of compiledSchemas) compiler.addSchema(withoutTexts(readSchema(`${name}.schema.json`)));
  return compiler;
}

/** Returns the schema without texts for readers, because the validator contains a copy of its parts. */
function withoutTexts(schema: object): object {
  const isText = (key: string, value: unknown) =>
    (key === 'description' && typeof value === 'string') || (key === 'examples' && Array.isArray(value));
  return JSON.parse(JSON.stringify(schema, (key, value) => (isText(key, value) ? undefined : value)));
}
