// Flags of `user-info conform` that specify what is tested and how, derived from the schema of its --config file. `user-info init` accepts the same
// flags.
import type { Command } from 'commander';
import { reportFormats } from '../../conformance/report/report-formats.ts';
import type { ConformanceConfig } from '../../schemas/generated/conformance-config.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { collect, collectWords } from '../repeatable-options.ts';
import { reportOption } from './report-targets.ts';

export type OptionName = keyof ConformanceConfig;

export interface OptionSchema {
  readonly description: string;
  readonly deprecated?: boolean;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
}

const { properties } = readSchema('conformance-config.schema.json') as {
  readonly properties: Readonly<Record<OptionName, OptionSchema>>;
};

/** Options of the file, in the order of the schema. */
export const schemaOptions = Object.entries(properties) as [OptionName, OptionSchema][];

/** Placeholders for values in the help. The value of a string option without a placeholder is a file. */
const valueNames: Partial<Record<OptionName, string>> = {
  ...{ url: 'url', resolve: 'host:port:address', proxy: 'url', auth: 'mode', username: 'name', profile: 'profile' },
  ...{ passwordEnv: 'variable', passphraseEnv: 'variable', knownUsers: 'id', unknownUser: 'id', failOn: 'rule-set' },
  ...{ useridCase: 'rule', useridSpaces: 'rule', maxDuration: 'seconds', keepCertificates: 'directory' },
  ...{ break: 'command', restore: 'command', mend: 'command', only: 'check', skip: 'check' },
};

/** Options whose value is a path, relative to the directory of the file. */
export const pathOptions: ReadonlySet<string> = new Set(
  schemaOptions.flatMap(([name, { type }]) =>
    type === 'string' && ['file', 'directory'].includes(valueNames[name] ?? 'file') ? [name] : [],
  ),
);

/** Adds a flag for each option of the file except the URL, which is an argument. The values have the type that the schema specifies. */
export function addConformFlags(command: Command): Command {
  for (const [name, schema] of schemaOptions) {
    if (name === 'url' || name === 'reports') continue;
    // An option for several users becomes a repeatable flag with a singular name.
    const flag = `--${(name === 'knownUsers' ? 'knownUser' : name).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const text = describe(schema);
    const value = valueNames[name];
    if (schema.type === 'boolean') command.option(flag, text);
    else if (schema.type === 'integer') command.option(`${flag} <${value ?? 'number'}>`, text, toNumber);
    else if (schema.type !== 'array') command.option(`${flag} <${value ?? 'file'}>`, text);
    // User names may contain a comma.
    else if (name === 'knownUsers') command.option(`${flag} <${value}>`, `${text}; repeatable`, collect);
    else command.option(`${flag} <${value}>`, `${text}; repeatable, or separated by commas`, collectWords);
  }
  return command.addOption(reportOption(reportFormats));
}

/** Returns the first sentence of the description, with the possible values and the default. */
function describe({ description, deprecated, enum: values = [], default: preset = false }: OptionSchema): string {
  if (deprecated) return description;
  const [first = ''] = description.split(/\.(?= [A-Z]|$)/);
  const text = first.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());
  const listed = values.every((value) => text.includes(value)) ? '' : `: ${values.join(', ')}`;
  const [, stated] = /Default: (.+?)(?:;|\.(?: |$))/.exec(description) ?? [];
  const standard = preset === false ? stated : preset;
  return `${text}${listed}${standard === undefined ? '' : ` (default: ${standard})`}`;
}

/** Returns NaN for text that is not a number, which is reported together with all other errors. `Number` would convert an empty string to 0. */
function toNumber(text: string): number {
  return Number(text.trim() || Number.NaN);
}
