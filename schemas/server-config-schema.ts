// Server configuration schema as a tree of options, with lookup by path.
import { readSchema } from './read-schema.ts';

/** Keys from the top to an option; the index of a list entry is a key too: ["authentication", "basic", "credentials", "0"]. */
export type OptionPath = readonly string[];

/** The part of JSON Schema that `server-config.schema.json` uses. */
export interface OptionSchema {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly additionalProperties?: boolean | OptionSchema;
  readonly items?: OptionSchema;
  readonly oneOf?: readonly OptionSchema[];
  readonly discriminator?: { readonly propertyName: string };
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** The value is a reference to a secret, or a hash of one: it is never shown. */
  readonly 'x-secret'?: boolean;
  /**
   * The value is a path, relative to the configuration's directory. input: must exist. live: the same, and the source watches its content itself.
   * output: created, or `stdout`, `stderr`.
   */
  readonly 'x-path'?: 'input' | 'live' | 'output';
  /** Description of `pattern` as text: "must be …". */
  readonly 'x-expects'?: string;
}

/** Custom keywords, which have to be declared to a validator. */
export const annotationKeywords = ['x-secret', 'x-path', 'x-expects'] as const;

/** The schema of the whole configuration. */
export const serverConfigSchema = readSchema('server-config.schema.json') as unknown as OptionSchema & {
  readonly $defs: Readonly<Record<string, OptionSchema>>;
};

/** Follows a `$ref`; keywords next to it take precedence. */
export function resolveOption(schema: OptionSchema): OptionSchema {
  if (schema.$ref === undefined) return schema;
  const { $ref, ...beside } = schema;
  const target = serverConfigSchema.$defs[$ref.replace('#/$defs/', '')];
  if (!target) throw new Error(`server-config.schema.json refers to ${$ref}, which is missing`);
  return { ...resolveOption(target), ...beside };
}

/** Returns the variants of a section, by the value that selects one, e.g. "csv"; empty for a section without variants. */
export function shapesOf(schema: OptionSchema): ReadonlyMap<string, OptionSchema> {
  const tag = schema.discriminator?.propertyName;
  if (tag === undefined) return new Map();
  const shapes = (schema.oneOf ?? []).map(resolveOption);
  return new Map(shapes.map((shape) => [shape.properties?.[tag]?.const ?? '', shape]));
}

/**
 * Returns the named options of a section. For a section with variants, returns the options of the variant that `value` selects, or those of all
 * variants if it selects none.
 */
export function namedOptions(schema: OptionSchema, value: unknown): ReadonlyMap<string, OptionSchema> {
  const shapes = shapesOf(schema);
  const tag = schema.discriminator?.propertyName;
  const chosen = tag === undefined ? undefined : shapes.get(String(ownValue(value, tag)));
  const sections = chosen ? [chosen] : shapes.size > 0 ? [...shapes.values()] : [schema];
  return new Map(sections.flatMap((section) => Object.entries(section.properties ?? {})));
}

/** Returns the schema of one key of a section, a list or a free map; `null`: there is no such option. */
export function findOption(schema: OptionSchema, value: unknown, key: string): OptionSchema | null {
  const named = namedOptions(schema, value).get(key);
  if (named) return resolveOption(named);
  if (schema.items) return /^\d+$/.test(key) ? resolveOption(schema.items) : null;
  return typeof schema.additionalProperties === 'object' ? resolveOption(schema.additionalProperties) : null;
}

/** Returns a path as shown to people: `authentication.basic.credentials[0].password`. Keys of free maps are data and shown as `*`. */
export function displayPath(path: OptionPath): string {
  // Without the values, the variant of a section is unknown, so all are followed. For example, `source.groups` is a list of rules in one variant and
  // a request in another.
  let schemas: readonly OptionSchema[] = [serverConfigSchema];
  let text = '';
  for (const key of path) {
    const sections = schemas.flatMap((schema) => [schema, ...shapesOf(schema).values()]);
    const named = sections.flatMap(({ properties = {} }) =>
      Object.hasOwn(properties, key) ? (properties[key] ?? []) : [],
    );
    const items = /^\d+$/.test(key) ? sections.flatMap(({ items: item }) => item ?? []) : [];
    const data = sections.flatMap(({ additionalProperties: any }) => (typeof any === 'object' ? any : []));
    const isItem = named.length === 0 && items.length > 0;
    const isData = named.length === 0 && !isItem && data.length > 0;
    text += isItem ? `[${key}]` : `${text === '' ? '' : '.'}${isData ? '*' : key}`;
    schemas = (isItem ? items : isData ? data : named).map(resolveOption);
  }
  return text;
}

/** Returns a value's own property; `undefined` if the value is not a map or list, or does not have the property. */
export function ownValue(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
