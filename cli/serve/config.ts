// Commands `user-info config check` and `user-info config print`.
import type { Command } from 'commander';
import { checkConfigFiles, type FileFindings } from '../../server/config/check-config-files.ts';
import { ConfigError, type ConfigFault, describeFault } from '../../server/config/config-error.ts';
import { openConfigOrigin } from '../../server/config/config-origin.ts';
import { printConfigAsYaml, toPlainConfig } from '../../server/config/print-config.ts';
import type { ConfigReading } from '../../server/config/read-config.ts';
import { type CommandFailure, invalidUsage } from '../exit-codes.ts';
import { colorsFor } from '../terminal-colors.ts';

interface OutputOptions {
  readonly json?: boolean;
}

/** Adds `config` with its subcommands. */
export function addConfigCommand(program: Command): void {
  const config = program.command('config').description('Check a configuration, or show the effective options.');
  config
    .command('check')
    .description(
      'Check a configuration and, if its options are valid, the files that it refers to; errors are reported together.',
    )
    .argument('<file>', 'the configuration, YAML or JSON')
    .option('--json', 'print JSON')
    .action(checkConfig)
    .addHelpText('after', checkHelp);
  config
    .command('print')
    .description('Show the effective configuration: with defaults and environment overrides, and without secrets.')
    .argument('<file>', 'the configuration, YAML or JSON')
    .option('--json', 'print JSON')
    .action(printConfig)
    .addHelpText('after', printHelp);
  config.addHelpText(
    'after',
    `\nExamples:\n  $ user-info config check user-info.yaml\n  $ user-info config print user-info.yaml`,
  );
}

const checkHelp = `
Examples:
  Before you start or deploy the server:
    $ user-info config check user-info.yaml
  With an option from the environment:
    $ USER_INFO__LISTENER__PORT=9443 user-info config check user-info.yaml
  For a program:
    $ user-info config check user-info.yaml --json

The command validates the options and the entries of the htpasswd file. It verifies that each secret and each file can be read, and that the log
can be written. It also verifies that certificates and keys are valid and match. \`serve\` does the same before it starts and at each reload.
The configuration can be a pipe, such as <(envsubst < template.yaml); relative paths are then resolved from the working directory.
Exit codes: 0 valid, possibly with warnings, 2 errors, each with file, line, column and option.`;

const printHelp = `
Examples:
  The effective options, and those from environment variables:
    $ user-info config print user-info.yaml
  One option:
    $ user-info config print user-info.yaml --json | jq .listener.port

Secrets are shown as their references, \${env:NAME} or \${file:PATH}; a literal hash is shown as [passwordHash].
Exit codes: 0 printed, 2 the configuration has errors.`;

async function checkConfig(file: string, { json = false }: OutputOptions): Promise<void> {
  const { faults, warnings, reading } = await findEverything(file);
  if (reading && faults.length === 0) reportValid(file, reading, warnings, json);
  else {
    if (json) process.stdout.write(`${JSON.stringify({ valid: false, file, faults, warnings }, null, 2)}\n`);
    throw refuse(file, faults);
  }
}

/** Returns all findings. `reading` is null if the configuration itself is invalid; its files are not read in that case. */
async function findEverything(file: string): Promise<FileFindings & { readonly reading: ConfigReading | null }> {
  try {
    const reading = (await openConfigOrigin(file, process.env)).read();
    return { reading, ...checkConfigFiles(reading) };
  } catch (error) {
    if (error instanceof ConfigError) return { reading: null, faults: error.faults, warnings: [] };
    throw error;
  }
}

function reportValid(file: string, { config }: ConfigReading, warnings: readonly ConfigFault[], json: boolean): void {
  const { host, port, path, tls } = config.listener;
  const url = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
  const source = config.source.type === 'csv' ? `csv, ${config.source.path}` : config.source.type;
  if (json) {
    const summary = { url, mode: config.authentication.mode, source: config.source.type };
    process.stdout.write(`${JSON.stringify({ valid: true, file, ...summary, warnings }, null, 2)}\n`);
    return;
  }
  for (const warning of warnings) {
    process.stderr.write(`${colorsFor(process.stderr).yellow('warning')} ${describeFault(warning)}\n`);
  }
  const lines = [
    `${colorsFor(process.stdout).green(`${file} is valid`)}`,
    `  listener        ${url}`,
    `  authentication  ${config.authentication.mode}`,
    `  source          ${source}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function printConfig(file: string, { json }: OutputOptions): Promise<void> {
  let reading: ConfigReading;
  try {
    reading = (await openConfigOrigin(file, process.env)).read();
  } catch (error) {
    throw error instanceof ConfigError ? refuse(file, error.faults) : error;
  }
  const text = json ? `${JSON.stringify(toPlainConfig(reading), null, 2)}\n` : printConfigAsYaml(reading);
  process.stdout.write(text);
}

function refuse(file: string, faults: readonly ConfigFault[]): CommandFailure {
  const count = faults.length === 1 ? 'one error' : `${faults.length} errors`;
  return invalidUsage([`${file} has ${count}`, ...faults.map(describeFault)].join('\n'));
}
