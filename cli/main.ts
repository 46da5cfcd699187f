#!/usr/bin/env node
// Program `user-info`: its subcommands, and the conversion of a failure to a message and an exit code.
import { Command, CommanderError } from 'commander';
import { kitVersion } from '../schemas/kit-version.ts';
import { makeVisible } from '../schemas/printable-text.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { subcommands } from './subcommands.ts';

const program = new Command('user-info')
  .description('User info endpoint for data-access platforms: serve it, test it, simulate the platform.')
  .version(kitVersion)
  .exitOverride()
  .showHelpAfterError('(--help shows usage and examples)');

const [first = '', second = ''] = process.argv.slice(2);
const asked = first === 'help' ? second : first;
if (Object.hasOwn(subcommands, asked)) {
  const { [asked]: wanted } = subcommands;
  await (await wanted?.load())?.(program);
} else {
  // Used for the list of commands and for suggestions when a command is misspelled. Commander treats "[options]" as an argument, and shows it.
  for (const [name, { usage, description }] of Object.entries(subcommands))
    program.command(`${name} ${usage}`.trim()).description(description);
}

// A reader that closes the pipe early, such as `| head`, is not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

// Node's exit code for a program that waits for something that can no longer happen. Node prints nothing in this case.
process.once('exit', (code) => {
  if (code !== 13) return;
  process.stderr.write(
    'user-info: stopped early, because a pending operation never completed. If you do not use a custom module, report this.\n',
  );
  process.exitCode = exitCodes.bug;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error);
}

function reportFailure(error: unknown): number {
  if (error instanceof CommandFailure) {
    process.stderr.write(`user-info: ${makeVisible(error.message)}\n`);
    return error.exitCode;
  }
  // Commander has already printed its own message; help and version exit with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const stack = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`user-info: internal error. Please report it with this text:\n${makeVisible(String(stack))}\n`);
  return exitCodes.bug;
}
