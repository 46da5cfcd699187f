// Generator of schemas/generated/*.ts, the TypeScript types of the contract, and of the examples of errors in openapi.yaml.
import { readFile, writeFile } from 'node:fs/promises';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { isMap, parseDocument, stringify } from 'yaml';

type SchemaNode = { [key: string]: unknown };

const here = (name: string) => new URL(name, import.meta.url);
const banner = (source: string) => `// Made by \`npm run generate:types\` from schemas/${source}. Do not edit.`;

async function readJson(name: string): Promise<SchemaNode> {
  return JSON.parse(await readFile(here(name), 'utf8')) as SchemaNode;
}

function isNode(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Applies `change` to every node of a schema, innermost first. */
function rewriteSchema(value: unknown, change: (node: SchemaNode) => SchemaNode): unknown {
  if (Array.isArray(value)) return value.map((item) => rewriteSchema(item, change));
  if (!isNode(value)) return value;
  return change(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rewriteSchema(item, change)])));
}

/**
 * Removes `oneOf` beside `properties`, for which the compiler would create an empty type. Also removes a description next to a reference, which would
 * make the compiler copy the type.
 */
function withoutRestrictions(node: SchemaNode): SchemaNode {
  if (typeof node.$ref === 'string' && Object.keys(node).join() === 'description,$ref') return { $ref: node.$ref };
  if (!('properties' in node)) return node;
  const { oneOf: _restriction, ...shape } = node;
  return shape;
}

/** Returns a function that converts a node to its form after loading: defaults are applied, and secrets are resolved. */
function asLoaded(definitions: SchemaNode): (node: SchemaNode) => SchemaNode {
  const definitionOf = (node: SchemaNode) =>
    typeof node.$ref === 'string' ? (definitions[node.$ref.replace('#/$defs/', '')] as SchemaNode) : {};
  return (node) => {
    if (node['x-secret'] === true) return { tsType: 'Secret', description: node.description };
    if (!isNode(node.properties)) return node;
    const required = Object.entries(node.properties)
      .filter(([, property]) => isNode(property) && ('default' in property || 'default' in definitionOf(property)))
      .map(([name]) => name);
    return { ...node, required: [...new Set([...((node.required as string[] | undefined) ?? []), ...required])] };
  };
}

async function compileTypes(schema: unknown, title: string, bannerComment: string): Promise<string> {
  return compile(schema as JSONSchema, title, {
    bannerComment,
    additionalProperties: false,
    style: { singleQuote: true, printWidth: 120 },
  });
}

async function compileLoaded(name: string, title: string): Promise<string> {
  const schema = await readJson(name);
  const loaded = rewriteSchema(schema, (node) =>
    withoutRestrictions(asLoaded(schema.$defs as SchemaNode)(node)),
  ) as SchemaNode;
  const importSecret = `\nimport type { Secret } from '../secret.ts';`;
  const hasSecrets = JSON.stringify(schema).includes('"x-secret":true');
  return compileTypes({ ...loaded, title }, title, banner(name) + (hasSecrets ? importSecret : ''));
}

function unionOf(name: string, members: string[]): string {
  return `export type ${name} =\n${members.map((member) => `  | '${member}'`).join('\n')};\n`;
}

/** Returns the text of each generated file, by its name in schemas/generated/. */
export async function generateTypes(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of [
    'user-info',
    'problem',
    'audit-entry',
    'conformance-report',
    'conformance-baseline',
    'expected-user',
    'conformance-config',
    'platform-profile',
    'learn-answers',
    'learn-experiments',
  ]) {
    const source = `${name}.schema.json`;
    const schema = rewriteSchema(await readJson(source), withoutRestrictions);
    files.set(`${name}.ts`, await compileTypes(schema, name, banner(source)));
  }
  files.set('loaded-server-config.ts', await compileLoaded('server-config.schema.json', 'LoadedServerConfig'));
  files.set('loaded-scenario.ts', await compileLoaded('scenario.schema.json', 'LoadedScenario'));
  files.set('loaded-iam-settings.ts', await compileLoaded('iam-settings.schema.json', 'LoadedIamSettings'));
  files.set(
    'loaded-integration-settings.ts',
    await compileLoaded('integration-settings.schema.json', 'LoadedIntegrationSettings'),
  );
  const codes = Object.keys(await readJson('error-codes.json'));
  files.set('error-code.ts', `${banner('error-codes.json')}\n\n${unionOf('ErrorCode', codes)}`);
  return files;
}

interface OpenApiResponses {
  readonly paths: Readonly<
    Record<string, { readonly get: { readonly responses: Readonly<Record<string, { $ref?: string }>> } }>
  >;
}

const exampleRequestId = '0b6f2c1e4f0a4d3e9a516d1f7f1f2a10';

/** Returns openapi.yaml with one example for each error code, in the response of its status. */
export async function generateOpenApi(): Promise<string> {
  let text = await readFile(here('openapi.yaml'), 'utf8');
  const document = parseDocument(text);
  const { paths } = document.toJS() as OpenApiResponses;
  const codes = Object.entries(
    (await readJson('error-codes.json')) as Record<string, { status: number; title: string }>,
  );
  const sections = Object.values(paths)
    .flatMap(({ get }) => Object.entries(get.responses))
    .flatMap(([status, { $ref = '' }]) => {
      const name = $ref.replace('#/components/responses/', '');
      const place = ['components', 'responses', name, 'content', 'application/problem+json', 'examples'];
      const node = document.getIn(place, true);
      const range = isMap(node) ? node.range : null;
      return range ? [{ status: Number(status), start: range[0], end: range[1] }] : [];
    });
  // Backwards, so that earlier positions remain valid.
  for (const { status, start, end } of sections.sort((a, b) => b.start - a.start)) {
    const own = codes.filter(([, description]) => description.status === status);
    const examples = own.map(([code, { title }]) => {
      const type = `urn:user-info-kit:problem:${code}`;
      return [code, { value: { type, title, status, code, requestId: exampleRequestId } }];
    });
    const indent = ' '.repeat(start - text.lastIndexOf('\n', start) - 1);
    const block = stringify(Object.fromEntries(examples), { lineWidth: 0 }).trimEnd().replaceAll('\n', `\n${indent}`);
    text = text.slice(0, start) + block + (text[end - 1] === '\n' ? '\n' : '') + text.slice(end);
  }
  return text;
}

if (process.argv[1] === import.meta.filename) {
  await writeFile(here('openapi.yaml'), await generateOpenApi());
  for (const [name, text] of await generateTypes()) await writeFile(here(`generated/${name}`), text);
}
