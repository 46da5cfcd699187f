// Settings of `user-info conform` by precedence: command line, environment, configuration file.
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadValidator } from '../../schemas/compile-schema.ts';
import type { ConformanceConfig } from '../../schemas/generated/conformance-config.ts';
import { readSchemaFile } from '../schema-file.ts';
import { pathOptions } from './conform-flags.ts';
import type { ConformFlags } from './conform-options.ts';

const variablePrefix = 'USER_INFO_CONFORM_';

/** These options are mutually exclusive; the one from the higher-precedence source wins. */
const alternatives: Readonly<Record<string, string>> = {
  passwordEnv: 'passwordFile',
  passwordFile: 'passwordEnv',
  passphraseEnv: 'passphraseFile',
  passphraseFile: 'passphraseEnv',
};

/** Adds values from the environment for flags that are not given on the command line, e.g. --known-user from USER_INFO_CONFORM_KNOWN_USER. */
function takeEnvironment(command: Command): void {
  for (const option of command.options) {
    const text = process.env[`${variablePrefix}${option.name().replaceAll('-', '_').toUpperCase()}`];
    const name = option.attributeName();
    // A variable with the value "false" would enable a flag that takes no value.
    if (!option.required || text === undefined || command.getOptionValueSource(name) === 'cli') continue;
    command.setOptionValueWithSource(name, option.parseArg ? option.parseArg(text, undefined) : text, 'env');
  }
}

function readConfigFile(file: string, faults: string[]) {
  return readSchemaFile('--config', file, loadValidator<ConformanceConfig>('conformance-config'), faults);
}

/** Returns the options of a file as flags, with absolute paths. */
function toFlags(
  { url: _url, knownUsers, reports, ...same }: ConformanceConfig,
  directory: string,
): Record<string, unknown> {
  const flags: Record<string, unknown> = { ...same };
  for (const [name, value] of Object.entries(same)) {
    if (pathOptions.has(name)) flags[name] = resolve(directory, String(value));
  }
  if (knownUsers) flags.knownUser = knownUsers;
  if (reports) {
    flags.report = Object.entries(reports).map(
      ([format, file]) => `${format}=${file === '-' ? file : resolve(directory, String(file))}`,
    );
  }
  return flags;
}

/**
 * Returns the URL and the flags of a run. For each flag, uses the first source that contains it, in this order: command line, environment, --config
 * file. All errors in the file are added to `faults`.
 */
export function mergeSettings(
  argument: string | undefined,
  command: Command,
  faults: string[],
): { readonly url: string; readonly flags: ConformFlags } {
  takeEnvironment(command);
  const given: ConformFlags = command.opts();
  const isStronger = (name: string) => ['cli', 'env'].includes(command.getOptionValueSource(name) ?? '');
  const file = given.config;
  const read = file === undefined ? null : readConfigFile(file, faults);
  const ofFile = read && file !== undefined ? toFlags(read.value, dirname(resolve(file))) : {};
  const weaker = Object.entries(ofFile).filter(
    ([name]) => !isStronger(name) && !isStronger(alternatives[name] ?? name),
  );
  const url = argument ?? process.env[`${variablePrefix}URL`] ?? read?.value.url;
  if (url === undefined && (file === undefined || read)) {
    faults.push('The URL of the endpoint is missing. Specify it as an argument, or as url in the --config file.');
  }
  return { url: url ?? '', flags: { ...given, ...Object.fromEntries(weaker) } };
}
