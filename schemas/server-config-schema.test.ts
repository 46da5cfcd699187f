// Tests that the configuration's schema is documented: every option has a description, a default or a statement about its absence, and examples.
import { expect } from 'chai';
import { readSchema } from './read-schema.ts';

interface SchemaNode {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly maxProperties?: number;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly examples?: readonly unknown[];
}

interface Option {
  readonly place: string;
  readonly node: SchemaNode;
  readonly required: boolean;
  /** One of several mutually exclusive options, whose absence needs no statement. */
  readonly alternative: boolean;
}

const schema = readSchema('server-config.schema.json') as unknown as SchemaNode & { $defs: Record<string, SchemaNode> };

/** Keywords beside a `$ref` take precedence, as in editors. */
function resolve(node: SchemaNode): SchemaNode {
  if (node.$ref === undefined) return node;
  return { ...schema.$defs[node.$ref.replace('#/$defs/', '')], ...node };
}

function optionsOf(node: SchemaNode, place: string): Option[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, property]) => {
    const option: Option = {
      place: `${place}.${name}`,
      node: resolve(property),
      required: node.required?.includes(name) ?? false,
      alternative: node.maxProperties === 1,
    };
    // Definitions under $defs are visited there; only inline schemas are visited here.
    return [option, ...optionsOf(property, option.place), ...optionsOf(property.items ?? {}, `${option.place}[]`)];
  });
}

const options = [
  ...optionsOf(schema, ''),
  ...Object.entries(schema.$defs).flatMap(([name, definition]) => optionsOf(definition, `$defs.${name}`)),
];

/** Returns whether an option is a section, a list of sections or a constant: its own options have the examples. */
function isComposed({ type, oneOf, items, const: fixed }: SchemaNode): boolean {
  return type === 'object' || oneOf !== undefined || fixed !== undefined || items?.$ref !== undefined;
}

describe('server-config.schema.json', () => {
  it('is traversed completely', () => {
    const places = options.map(({ place }) => place);
    expect(places).to.include.members([
      '.deadlineMs',
      '$defs.tls.certificate',
      '$defs.csvColumns.groups[].separator',
      '$defs.allowedCertificate.dns',
    ]);
  });

  it('describes every option', () => {
    expect(options.filter(({ node }) => !node.description).map(({ place }) => place)).to.deep.equal([]);
  });

  it('gives every option a default, requires it, or explains its absence', () => {
    const silent = options.filter(
      ({ node, required, alternative }) =>
        !required && !alternative && !('default' in node) && !/left out|omit|default:/i.test(node.description ?? ''),
    );
    expect(silent.map(({ place }) => place)).to.deep.equal([]);
  });

  it('shows an example of every scalar value', () => {
    const bare = options.filter(({ node }) => !isComposed(node) && !node.examples?.length);
    expect(bare.map(({ place }) => place)).to.deep.equal([]);
  });

  it('repeats the unit in the name of an option in its description', () => {
    const units: ReadonlyArray<[RegExp, RegExp]> = [
      [/Ms$/, /millisecond/],
      [/Seconds$/, /second/],
      [/Bytes$/, /byte/],
      [/Percent$/, /percent/],
    ];
    for (const { place, node } of options) {
      for (const [suffix, word] of units) {
        if (suffix.test(place)) expect(node.description, place).to.match(word);
      }
    }
  });
});
