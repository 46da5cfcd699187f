// Tests that every JSON Schema of the contract compiles strictly, that its own examples are valid, and that the generated types are up to date.
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { generateOpenApi, generateTypes } from './generate.ts';
import { readSchema } from './read-schema.ts';
import { maxTimeLimitMs } from './time-limit.ts';
import { describeSchemaErrors } from './validators.ts';

type SchemaNode = Record<string, unknown>;

const here = import.meta.dirname;
const schemaFiles = readdirSync(here).filter((name) => name.endsWith('.schema.json'));

function isNode(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the custom keywords of a schema, "x-…". They mark secrets, paths and the like for the loader, and validate nothing. */
function ownKeywords(file: string): string[] {
  return subschemas(readSchema(file)).flatMap(([, node]) => Object.keys(node).filter((key) => key.startsWith('x-')));
}

/** Creates a strict validator, which rejects a schema with a misspelled keyword. */
function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, discriminator: true, allErrors: true });
  addFormats.default(ajv);
  ajv.addVocabulary([...new Set(schemaFiles.flatMap(ownKeywords))]);
  for (const file of schemaFiles) ajv.addSchema(readSchema(file));
  return ajv;
}

/** Returns pairs of JSON Pointer and node, for the schema and for each subschema below properties, items, $defs and the like. */
function subschemas(node: unknown, pointer = ''): Array<[string, SchemaNode]> {
  if (Array.isArray(node)) return node.flatMap((item, index) => subschemas(item, `${pointer}/${index}`));
  if (!isNode(node)) return [];
  const inside = Object.entries(node)
    // These keywords contain data, not schemas.
    .filter(([key]) => !['examples', 'default', 'const', 'enum', 'required'].includes(key))
    .flatMap(([key, value]) => subschemas(value, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`));
  return [[pointer, node], ...inside];
}

describe('the JSON Schemas', () => {
  it('are all found', () => {
    expect(schemaFiles).to.include.members([
      'problem.schema.json',
      'server-config.schema.json',
      'user-info.schema.json',
    ]);
  });

  for (const file of schemaFiles) {
    describe(file, () => {
      const schema = readSchema(file);
      const id = String(schema.$id);

      it('names its dialect, its own id, a title and a description', () => {
        expect(schema.$schema).to.equal('https://json-schema.org/draft/2020-12/schema');
        expect(id).to.equal(`urn:user-info-kit:schema:${file.replace('.schema.json', '')}`);
        expect(schema.title).to.be.a('string').that.is.not.empty;
        expect(schema.description).to.be.a('string').that.is.not.empty;
      });

      it('compiles under ajv in strict mode', () => {
        expect(createAjv().getSchema(id)).to.be.a('function');
      });

      it('has only valid examples and defaults', () => {
        const ajv = createAjv();
        for (const [pointer, node] of subschemas(schema)) {
          const values = [...((node.examples as unknown[] | undefined) ?? [])];
          // `{}` as the default of a section stands for "each option's own default".
          if ('default' in node) values.push(node.default);
          const validate = values.length > 0 ? ajv.compile({ $ref: `${id}#${encodeURI(pointer)}` }) : null;
          for (const value of values) {
            const verdict = validate?.(value);
            const complaint = `${pointer}: ${JSON.stringify(value)}: ${describeSchemaErrors(validate?.errors)}`;
            expect(verdict, complaint).to.equal(true);
          }
        }
      });
    });
  }
});

describe('time limits in the JSON Schemas', () => {
  /** Measured by the kit, not configured. */
  const measured = new Set(['durationMs']);
  const limits = schemaFiles.flatMap((file) =>
    subschemas(readSchema(file)).flatMap(([pointer, node]) => {
      const [, name = '', unit = ''] = /\/properties\/(\w+(Ms|Seconds))$/.exec(pointer) ?? [];
      if (unit === '' || measured.has(name) || node.type !== 'integer') return [];
      return [{ place: `${file}${pointer}`, longestMs: Number(node.maximum) * (unit === 'Ms' ? 1 : 1000) }];
    }),
  );

  it('have a maximum at which neither a timer nor the sum of two overflows', () => {
    expect(limits.length).to.be.greaterThan(40);
    expect(limits.filter(({ longestMs }) => !(longestMs <= 2 ** 30 - 1))).to.deep.equal([]);
  });

  it('are at most one day when a command-line option can also set them', () => {
    const isShared = ({ place }: { readonly place: string }) => place.startsWith('conformance-config.');
    const shared = limits.filter(isShared).map(({ longestMs }) => longestMs);
    expect(shared).to.deep.equal([maxTimeLimitMs, maxTimeLimitMs, maxTimeLimitMs]);
  });
});

describe('the generated types', () => {
  it('match the output of `npm run generate:types`, without further files', async () => {
    const fresh = await generateTypes();
    expect(readdirSync(`${here}/generated`).sort()).to.deep.equal([...fresh.keys()].sort());
    for (const [name, text] of fresh) {
      const onDisk = readFileSync(`${here}/generated/${name}`, 'utf8');
      expect(onDisk === text, `schemas/generated/${name} is stale: run npm run generate:types`).to.equal(true);
    }
  });

  it('and the examples of errors in openapi.yaml come from the same catalogue', async () => {
    const onDisk = readFileSync(`${here}/openapi.yaml`, 'utf8');
    expect(onDisk === (await generateOpenApi()), 'openapi.yaml is stale: run npm run generate:types').to.equal(true);
  });
});
