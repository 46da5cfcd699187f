// Command `user-info certs` with its subcommands.
import type { Command } from 'commander';
import { addCertsCreateCommand } from './certs-create.ts';
import { addCertsInspectCommand } from './certs-inspect.ts';

export function addCertsCommand(program: Command): void {
  const certs = program
    .command('certs')
    .description('Create certificates for development and tests, and inspect certificates.')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info certs create certs           a CA, a server certificate and a client certificate
  $ user-info certs inspect certs/*.pem    show and verify them
`,
    );
  addCertsCreateCommand(certs);
  addCertsInspectCommand(certs);
}
