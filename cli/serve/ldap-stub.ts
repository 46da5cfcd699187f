// Command `user-info ldap-stub`: serves an LDIF file over LDAP, for demonstrations and tests on one machine.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { LdifError, parseLdif } from '../../server/adapters/ldap/ldif/ldif-text.ts';
import { CommandFailure, exitCodes, invalidUsage } from '../exit-codes.ts';
import { nextSignal } from '../stop-on-signal.ts';
import { startLdapStub } from './ldap-stub-server.ts';

export function addLdapStubCommand(program: Command): void {
  program
    .command('ldap-stub')
    .description('Serve an LDIF file over LDAP on this machine: bind, search, pages. For demonstrations and tests.')
    .argument('<file>', 'LDIF (RFC 2849), for example the output of ldapsearch')
    .option('--port <number>', 'TCP port on 127.0.0.1; 0: any free port', '1389')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info ldap-stub examples/configurations/ldap-directory.ldif --port 1389
  $ ldapsearch -x -H ldap://127.0.0.1:1389 -b dc=example,dc=com '(uid=ada)'

The server accepts anonymous binds, and binds as an entry that has a plain-text userPassword in the file. It does not support TLS, and its
entries cannot be changed. Press Ctrl-C to stop.
Exit codes: 0 stopped, 2 invalid file or port, 3 the port cannot be used.
`,
    )
    .action(serveStub);
}

async function serveStub(file: string, { port: portText }: { readonly port: string }): Promise<void> {
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : Number.NaN;
  if (!(port <= 65_535)) throw invalidUsage('--port must be a number from 0 to 65535.');
  const entries = readEntries(file);
  const stub = await startLdapStub(entries, port).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailure(
      exitCodes.unreachable,
      `Cannot listen on 127.0.0.1:${port} (${error.code}). Choose another port with --port.`,
    );
  });
  process.stdout.write(`${entries.length} entries of ${basename(file)} at ${stub.url}\n`);
  await nextSignal();
  await stub.close();
}

function readEntries(file: string) {
  try {
    return parseLdif(readFileSync(file));
  } catch (error) {
    if (error instanceof LdifError) throw invalidUsage(`${file} is rejected: ${error.message}.`);
    const { code } = error as NodeJS.ErrnoException;
    throw invalidUsage(`${file} cannot be read (${code}).`, { cause: error });
  }
}
