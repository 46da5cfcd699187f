// Text of a configuration file for `user-info conform`: the given options, and all others as comments.
import { isAbsolute, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import { quoteShellWord } from '../../simulator/platforms/shell-word.ts';
import { type OptionName, type OptionSchema, pathOptions, schemaOptions } from './conform-flags.ts';
import type { ConformFlags } from './conform-options.ts';

const columns = 110;

/** Returns a path for the file: relative to its directory, unless the path was absolute. */
function fromDirectory(directory: string, path: string): string {
  return path === '-' || isAbsolute(path) ? path : relative(resolve(directory), resolve(path));
}

/** Returns the values of --report as a map for the file. */
function toReports(values: readonly string[], directory: string): Record<string, string> {
  return Object.fromEntries(
    values.map((value) => {
      const [format = '', ...file] = value.split('=');
      return [format, fromDirectory(directory, file.join('='))];
    }),
  );
}

/** Returns the flags of a run as options of a file in `directory`; paths in flags are relative to the working directory. */
export function toConfig(url: string, flags: ConformFlags, directory: string): Partial<Record<OptionName, unknown>> {
  const { knownUser, report, ...same } = flags;
  const given: Partial<Record<string, unknown>> = {
    ...same,
    url,
    knownUsers: knownUser,
    reports: report && toReports(report, directory),
  };
  const entries = schemaOptions.flatMap(([name]) => {
    const value = given[name];
    if (value === undefined) return [];
    return [[name, pathOptions.has(name) ? fromDirectory(directory, String(value)) : value] as const];
  });
  return Object.fromEntries(entries);
}

/** Returns the lines of a comment, wrapped at spaces. */
function comment(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines;
}

/** Returns the comment above an option. */
function describe({ description, default: preset }: OptionSchema): string[] {
  return comment(preset === undefined ? description : `${description} Default: ${preset}.`);
}

/**
 * Returns YAML in the order of the schema: first the options of `config`, then all others as comments with their default or an example. Uncommenting
 * a line results in a valid option. Deprecated options are left out. `file` is the name for the first line.
 */
export function writeConfigText(config: Partial<Record<OptionName, unknown>>, file: string): string {
  const isSet = ([name]: (typeof schemaOptions)[number]) => config[name] !== undefined;
  const set = schemaOptions.filter(isSet).map(([name, schema]) => {
    return ['', ...describe(schema), stringify({ [name]: config[name] }, { lineWidth: 0 }).trimEnd()];
  });
  const unset = schemaOptions
    .filter((option) => !isSet(option) && !option[1].deprecated)
    .map(([name, schema]) => {
      // On one line, so that only one comment mark has to be removed.
      const value = stringify(schema.default ?? schema.examples?.[0], { lineWidth: 0, collectionStyle: 'flow' });
      return ['', ...describe(schema), `#${name}: ${value.trimEnd()}`];
    });
  return [
    ...comment(`Settings of a conformance run: user-info conform --config ${quoteShellWord(file)}`),
    ...comment('Passwords are referenced, never stored. File names are relative to the directory of this file.'),
    ...set.flat(),
    '',
    ...comment('Further options, each with its default or an example.'),
    ...unset.flat(),
    '',
  ].join('\n');
}
