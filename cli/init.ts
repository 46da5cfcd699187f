// Command `user-info init`: writes a commented configuration file for `user-info conform`, from prompts or from flags.
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { reportFormats } from '../conformance/report/report-formats.ts';
import { toConfig, writeConfigText } from './conform-config-text.ts';
import { addConformFlags } from './conform-flags.ts';
import { type ConformFlags, readOptions } from './conform-options.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { askForOverwriting, askForSettings, type Settings, sayWritten } from './init-questions.ts';
import { Cancelled } from './prompts.ts';
import { replaceFile } from './replace-file.ts';
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
    .description('Write a commented configuration file for `user-info conform`, by asking a few questions.')
    .argument('[url]', 'the endpoint, without query');
  addConformFlags(command)
    .option('--output <file>', 'the file to write', 'conform.yaml')
    .option('--force', 'replace the file if it is there')
    .option('--yes', 'ask nothing: all answers are the flags')
    .addHelpText('after', help)
    .action(init);
}

const help = `
Examples:
  Asks for all that it needs:
    $ user-info init
  Asks for the rest only:
    $ user-info init https://users.example.com/user-info --auth basic --output staging.yaml
  Asks nothing, as in a script:
    $ user-info init https://users.example.com/user-info --auth basic --username platform \\
        --password-env USER_INFO_PASSWORD --known-user ada@example.com --report html=report.html --yes

The flags are those of \`user-info conform\`, and become options of the file. No password is asked for or written: the file says in
which variable or file it will be. Every answer is checked, and nothing is sent. Ctrl-C leaves nothing behind.
Exit codes: 0 written; 2 an answer is wrong, the file is there, or nobody is there to be asked.
`;

async function init(argument: string | undefined, given: InitFlags): Promise<void> {
  const { output, yes = false, force = false, ...flags } = given;
  const asks = !yes;
  if (asks && !(process.stdin.isTTY && process.stdout.isTTY)) {
    throw new CommandFailure(
      exitCodes.usage,
      'There is no terminal to ask on: give --yes with the URL, --auth and the other flags of `user-info conform`.',
    );
  }
  assertWritable(output);
  try {
    const mayReplace = force || (asks && existsSync(output) && (await askForOverwriting(output)));
    if (existsSync(output) && !mayReplace) throw new CommandFailure(exitCodes.usage, wordExisting(output));
    const settings = asks ? await askForSettings(argument, flags, dirname(output)) : { url: argument ?? '', flags };
    assertUsable(settings);
    // Somebody may have written it while questions were answered.
    if (existsSync(output) && !mayReplace) throw new CommandFailure(exitCodes.usage, wordExisting(output));
    write(output, settings);
    sayWritten(output, settings.flags, asks);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    // As Ctrl-C ends every other command: shells show 130.
    process.kill(process.pid, 'SIGINT');
  }
}

const wordExisting = (file: string) =>
  `${file} is there already and was left as it is: give --force, or another --output.`;

function assertWritable(file: string): void {
  const faults = findFileFaults('--output', file);
  if (faults.length > 0) throw new CommandFailure(exitCodes.usage, faults.join('\n'));
}

/** Throws CommandFailure with all that a run would refuse, but for a password that is not there yet. */
function assertUsable({ url, flags }: Settings): void {
  const faults: string[] = [];
  const later = flags.passwordEnv === undefined ? {} : { [flags.passwordEnv]: 'to be set before a run' };
  readOptions(url, flags, faults, { ...later, ...process.env });
  findReportTargets(flags.report ?? [], reportFormats, faults);
  if (flags.proxy?.includes('@')) {
    faults.push('--proxy: the file has no place for credentials: give the URL in USER_INFO_CONFORM_PROXY at each run.');
  }
  if (faults.length > 0) throw new CommandFailure(exitCodes.usage, `${faults.join('\n')}\nNothing was written.`);
}

function write(file: string, { url, flags }: Settings): void {
  try {
    replaceFile(file, writeConfigText(toConfig(url, flags, dirname(file)), basename(file)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandFailure(exitCodes.usage, `--output: ${file} can not be written (${code}).`);
  }
}
