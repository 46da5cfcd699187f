// Command `user-info init`: writes a commented configuration file for `user-info conform`, from prompts or from flags.
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { reportFormats } from '../../conformance/report/report-formats.ts';
import { invalidUsage, withoutFaults } from '../exit-codes.ts';
import { Cancelled } from '../prompts.ts';
import { replaceFile } from '../replace-file.ts';
import { toConfig, writeConfigText } from './conform-config-text.ts';
import { addConformFlags } from './conform-flags.ts';
import { type ConformFlags, readOptions } from './conform-options.ts';
import { askForOverwriting, askForSettings, type Settings, sayWritten } from './init-questions.ts';
import { findFileFaults, findReportTargets } from './report-targets.ts';

interface InitFlags extends ConformFlags {
  readonly output: string;
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** Adds `init`. */
export function addInitCommand(program: Command): void {
  const command = program
    .command('init')
    .description(
      'Write a commented configuration file for `user-info conform`, based on your answers to a few prompts.',
    )
    .argument('[url]', 'URL of the endpoint, without a query string');
  addConformFlags(command)
    .option('--output <file>', 'the file to write', 'conform.yaml')
    .option('--force', 'replace an existing file')
    .option('--yes', 'do not prompt: use the flags only')
    .addHelpText('after', help)
    .action(init);
}

const help = `
Examples:
  Prompt for everything:
    $ user-info init
  Prompt only for values that the flags do not set:
    $ user-info init https://users.example.com/user-info --auth basic --output staging.yaml
  No prompts, for scripts:
    $ user-info init https://users.example.com/user-info --auth basic --username platform \\
        --password-env USER_INFO_PASSWORD --known-user ada@example.com --report html=report.html --yes

The flags are those of \`user-info conform\`, and become options in the file. The file names the variable or file of a password and
never contains a password. Input is validated immediately, and no request is sent. Ctrl-C writes nothing.
Exit codes: 0 written; 2 invalid input, the file exists, or there is no terminal.
`;

async function init(argument: string | undefined, given: InitFlags): Promise<void> {
  const { output, yes = false, force = false, ...flags } = given;
  const asks = !yes;
  if (asks && !(process.stdin.isTTY && process.stdout.isTTY)) {
    throw invalidUsage(
      'Standard input or output is not a terminal. Add --yes with the URL, --auth and the other flags of `user-info conform`.',
    );
  }
  withoutFaults((faults) => faults.push(...findFileFaults('--output', output)));
  try {
    const mayReplace = force || (asks && existsSync(output) && (await askForOverwriting(output)));
    if (existsSync(output) && !mayReplace) throw invalidUsage(wordExisting(output));
    const settings = asks ? await askForSettings(argument, flags, dirname(output)) : { url: argument ?? '', flags };
    assertUsable(settings);
    // Another process may have created the file during the prompts.
    if (existsSync(output) && !mayReplace) throw invalidUsage(wordExisting(output));
    write(output, settings);
    sayWritten(output, settings.flags, asks);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    // Exits like every other command on Ctrl-C; shells show 130.
    process.kill(process.pid, 'SIGINT');
  }
}

const wordExisting = (file: string) =>
  `${file} already exists and was not changed. Replace it with --force, or choose another file with --output.`;

/**
 * Throws CommandFailure with the errors in options, certificates and reports that a run would report, except that of a password that is not set yet.
 */
function assertUsable({ url, flags }: Settings): void {
  const faults: string[] = [];
  const later = flags.passwordEnv === undefined ? {} : { [flags.passwordEnv]: 'to be set before a run' };
  readOptions(url, flags, faults, { ...later, ...process.env });
  findReportTargets(flags.report ?? [], reportFormats, faults);
  if (flags.proxy?.includes('@')) {
    faults.push('--proxy: the file must not contain credentials. Set the URL in USER_INFO_CONFORM_PROXY for each run.');
  }
  if (faults.length > 0) throw invalidUsage(`${faults.join('\n')}\nNothing was written.`);
}

function write(file: string, { url, flags }: Settings): void {
  try {
    replaceFile(file, writeConfigText(toConfig(url, flags, dirname(file)), basename(file)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalidUsage(
      `--output: ${file} cannot be written (${code}). Check that its directory exists and is writable.`,
    );
  }
}
