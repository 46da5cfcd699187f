// Prints a loaded configuration: every option with its value and, if an environment variable set it, the name of the variable.
import { Document, isCollection, isMap, isNode, isScalar } from 'yaml';
import { Secret } from '../../schemas/secret.ts';
import { findOption, namedOptions, type OptionSchema, serverConfigSchema } from '../../schemas/server-config-schema.ts';
import type { ConfigReading } from './read-config.ts';

/** Returns the configuration as plain values in the schema's order; secrets are printed as their references. */
export function toPlainConfig({ config }: Pick<ConfigReading, 'config'>): unknown {
  return toPlain(config, serverConfigSchema);
}

/** Prints the configuration as YAML; for each option that an environment variable set, a comment names the variable. */
export function printConfigAsYaml(reading: ConfigReading): string {
  const document = new Document(toPlainConfig(reading), { aliasDuplicateObjects: false });
  for (const { path, variable } of reading.overrides) {
    const comment = ` from ${variable}`;
    const node = document.getIn(path, true);
    if (isScalar(node)) node.comment = comment;
    else if (isCollection(node)) {
      const parent = document.getIn(path.slice(0, -1), true);
      const name = isMap(parent)
        ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))?.key
        : node;
      if (isNode(name)) name.commentBefore = comment;
    }
  }
  return document.toString({ lineWidth: 0 });
}

function toPlain(value: unknown, schema: OptionSchema | null): unknown {
  if (value instanceof Secret) return value.toJSON();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.map((item, index) => toPlain(item, schema && findOption(schema, value, String(index))));
  const order = schema ? [...namedOptions(schema, value).keys()] : [];
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const entries = Object.entries(value).sort(([a], [b]) => rank(a) - rank(b));
  return Object.fromEntries(
    entries.map(([key, child]) => [key, toPlain(child, schema && findOption(schema, value, key))]),
  );
}
