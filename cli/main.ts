#!/usr/bin/env node
// Owns the program `user-info`: its subcommands, and how a failure becomes a message and an exit code.
import { Command, CommanderError } from 'commander';
import { kitVersion } from '../schemas/kit-version.ts';
import { addCertsCommand } from './certs.ts';
import { addCompareCommand } from './compare.ts';
import { addConfigCommand } from './config.ts';
import { addConformCommand } from './conform.ts';
import { addDoctorCommand } from './doctor.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { addExplainCommand } from './explain.ts';
import { addHashPasswordCommand } from './hash-password.ts';
import { addLdapStubCommand } from './ldap-stub.ts';
import { addLookupCommand } from './lookup.ts';
import { addServeCommand } from './serve.ts';

const program = new Command('user-info')
  .description('The user info endpoint of data-access platforms: serve it, test it, simulate its caller.')
  .version(kitVersion)
  .exitOverride()
  .showHelpAfterError('(--help shows how it is used, with examples)');

addServeCommand(program);
addLookupCommand(program);
addDoctorCommand(program);
addConformCommand(program);
addExplainCommand(program);
addCompareCommand(program);
addCertsCommand(program);
addConfigCommand(program);
addHashPasswordCommand(program);
addLdapStubCommand(program);

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
