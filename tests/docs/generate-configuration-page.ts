// Generator of docs/reference/configuration.md: every option of the server, from the schema.
import {
  namedOptions,
  type OptionSchema,
  resolveOption,
  serverConfigSchema,
  shapesOf,
} from '../../schemas/server-config-schema.ts';

const head = `<!-- Made by \`npm run generate:docs\` from schemas/server-config.schema.json. Do not edit. -->

# Configuration

\`user-info serve --config FILE\` reads one YAML or JSON file. \`user-info config check FILE\` reports all errors with line and column;
\`user-info config print FILE\` shows the effective options. Complete examples are in
[examples/configurations](../../examples/configurations/). An editor completes the options when the file begins with:

\`\`\`yaml
# yaml-language-server: $schema=node_modules/user-info-kit/dist/schemas/server-config.schema.json
\`\`\`

Only \`authentication.mode\` and \`source\` have no default. An unknown option is an error.

## Secrets

The file never contains a secret. It contains a reference:

| reference | the secret is |
|---|---|
| \`\${env:NAME}\` | the value of the environment variable NAME |
| \`\${file:PATH}\` | the content of a file (UTF-8, at most 64 KiB) without its last line break |

The variable or file must exist and must not be empty. References are for options marked *secret* only. Any other option can be
set directly with an environment variable.

## Environment variables

A variable whose name is \`USER_INFO__\` and the option's path, joined by \`__\`, overrides the option. Letter case and single underscores
are ignored. List entries are numbered from 0; the number after the last one adds an entry.

| variable | option |
|---|---|
| \`USER_INFO__LISTENER__PORT=9443\` | \`listener.port\` |
| \`USER_INFO__AUTHENTICATION__FAILED_LOGINS__MAX=5\` | \`authentication.failedLogins.max\` |
| \`USER_INFO__AUTHENTICATION__BASIC__CREDENTIALS__0__USERNAME=immuta\` | \`authentication.basic.credentials[0].username\` |
| \`USER_INFO__LISTENER__TLS__CLIENT_CA='["ca.pem"]'\` | \`listener.tls.clientCa\`: lists and maps are JSON |

A secret that is set this way must also be a reference. A variable that names no option is an error.

## Paths

Paths are relative to the directory of the configuration file, even in environment variables.
`;

/** Returns the text of the page. */
export function generateConfigurationPage(): string {
  return `${head}\n${describeSection('', serverConfigSchema).join('\n')}`;
}

/** Returns the table of a section, followed by its nested sections. */
function describeSection(path: string, schema: OptionSchema, shape = ''): string[] {
  const options = [...namedOptions(schema, undefined)].filter(([name]) => !name.startsWith('$'));
  const rows = options.map(([name, option]) => describeOption(name, option, schema.required?.includes(name) === true));
  const title = path === '' ? 'Options' : `${path}${shape === '' ? '' : `, type ${shape}`}`;
  const text = [
    `## ${title}\n`,
    ...(path !== '' && schema.description ? [`${schema.description}\n`] : []),
    '| option | value | default | |',
    '|---|---|---|---|',
    ...rows,
    '',
  ];
  const inner = options.flatMap(([name, option]) => describeInside(path === '' ? name : `${path}.${name}`, option));
  return [...text, ...inner];
}

/** Top-level sections; a section that occurs again within a merge is not described twice. */
const topLevelSections = new Set(Object.values(serverConfigSchema.properties ?? {}).map(({ $ref }) => $ref));

/** Returns the sections of an option: its own, those of its entries, or one per variant. */
function describeInside(path: string, option: OptionSchema): string[] {
  if (path.includes('.') && option.$ref !== undefined && topLevelSections.has(option.$ref)) return [];
  const schema = resolveOption(option);
  const shapes = [...shapesOf(schema)];
  if (shapes.length > 0) return shapes.flatMap(([word, shape]) => describeSection(path, shape, word));
  if (schema.properties) return describeSection(path, schema);
  if (schema.items) return describeInside(`${path}[]`, schema.items);
  return typeof schema.additionalProperties === 'object'
    ? describeInside(`${path}.*`, schema.additionalProperties)
    : [];
}

function describeOption(name: string, option: OptionSchema, isRequired: boolean): string {
  const schema = resolveOption(option);
  const isSection = schema.properties !== undefined || schema.oneOf !== undefined;
  const examples = (isSection ? [] : (schema.examples ?? [])).map(code);
  const fallback = isRequired ? '*required*' : isSection || schema.default === undefined ? '' : code(schema.default);
  const meaning = [schema.description ?? '', ...(examples.length > 0 ? [`Example: ${examples.join(', ')}`] : [])].join(
    ' ',
  );
  return `| ${[`\`${name}\``, describeValue(schema), fallback, escapeCell(meaning)].join(' | ')} |`;
}

function describeValue(schema: OptionSchema): string {
  if (schema['x-secret']) return '*secret*';
  if (schema['x-path']) return 'path';
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.const !== undefined) return code(schema.const);
  switch (schema.type) {
    case 'integer':
      return `${schema.minimum} … ${schema.maximum}`;
    case 'boolean':
      return '`true`, `false`';
    case 'string':
      return schema['x-expects'] ?? (schema.maxLength === 1 ? 'one character' : 'text');
    case 'array':
      return schema.items && resolveOption(schema.items)['x-path'] ? 'list of paths' : 'list';
    default:
      return schema.properties || schema.oneOf ? 'section' : 'map';
  }
}

/** Returns a value as code, in JSON unless it is a plain string. */
function code(value: unknown): string {
  const text = typeof value === 'string' && /^[!-~]+$/.test(value) ? value : JSON.stringify(value);
  return escapeCell(text.includes('`') ? text : `\`${text}\``);
}

function escapeCell(text: string): string {
  return text.replace(/(?<!\\)\|/g, '\\|');
}
