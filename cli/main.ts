#!/usr/bin/env node
// Owns the program `user-info`: its subcommands, and how a failure becomes a message and an exit code.
import { Command, CommanderError } from 'commander';
import { kitVersion } from '../schemas/kit-version.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';

/** Each subcommand and its file, in the order of the help. Only the one that is asked for is loaded: all take a second. */
const subcommands: Readonly<Record<string, () => Promise<(program: Command) => void | Promise<void>>>> = {
  serve: async () => (await import('./serve.ts')).addServeCommand,
  reload: async () => (await import('./reload.ts')).addReloadCommand,
  lookup: async () => (await import('./lookup.ts')).addLookupCommand,
  doctor: async () => (await import('./doctor.ts')).addDoctorCommand,
  init: async () => (await import('./init.ts')).addInitCommand,
  conform: async () => (await import('./conform.ts')).addConformCommand,
  explain: async () => (await import('./explain.ts')).addExplainCommand,
  compare: async () => (await import('./compare.ts')).addCompareCommand,
  certs: async () => (await import('./certs.ts')).addCertsCommand,
  config: async () => (await import('./config.ts')).addConfigCommand,
  simulate: async () => (await import('./simulate.ts')).addSimulateCommand,
  'hash-password': async () => (await import('./hash-password.ts')).addHashPasswordCommand,
  'ldap-stub': async () => (await import('./ldap-stub.ts')).addLdapStubCommand,
};

const program = new Command('user-info')
  .description('The user info endpoint of data-access platforms: serve it, test it, simulate its caller.')
  .version(kitVersion)
  .exitOverride()
  .showHelpAfterError('(--help shows how it is used, with examples)');

const asked = process.argv[2] ?? '';
const wanted = Object.hasOwn(subcommands, asked) ? [asked] : Object.keys(subcommands);
for (const name of wanted) await (await subcommands[name]?.())?.(program);

// Whoever reads only the beginning, as `| head` does, has what was wanted.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error);
}

function reportFailure(error: unknown): number {
  if (error instanceof CommandFailure) {
    process.stderr.write(`user-info: ${error.message}\n`);
    return error.exitCode;
  }
  // Commander has printed its own message; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const stack = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`user-info: a bug of ours; please report it with this text:\n${stack}\n`);
  return exitCodes.bug;
}
