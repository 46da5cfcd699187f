// Command `user-info certs create`: its options and output.
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import { type CreatedCertificates, createCertificates } from '../../certs/create-certificates.ts';
import type { KeyType } from '../../certs/issue-certificate.ts';
import { collect } from '../repeatable-options.ts';
import { colorsFor } from '../terminal-colors.ts';
import { endOnCertificateError } from './certificate-failure.ts';

interface CreateFlags {
  readonly name?: readonly string[];
  readonly clientCn?: string;
  readonly clientEmail?: string;
  readonly clientDns?: string;
  readonly days?: number;
  readonly keyType: KeyType;
  readonly bad?: true;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `create` to `certs`. Exit codes: 0 created; 2 an option is invalid, a file already exists, or a file cannot be written. */
export function addCertsCreateCommand(certs: Command): void {
  certs
    .command('create')
    .description('Create a development CA, a server certificate and a client certificate (PEM).')
    .argument('<directory>', 'directory for the files; created if it does not exist')
    .option(
      '--name <name>',
      'DNS name or IP address of the server, in addition to localhost, 127.0.0.1 and ::1; repeatable',
      collect,
    )
    .option('--client-cn <name>', 'subject CN of the client certificate (default: platform)')
    .option('--client-email <address>', 'e-mail address of the client certificate (default: platform@example.test)')
    .option('--client-dns <name>', 'DNS name of the client certificate (default: platform.example.test)')
    .option(
      '--days <days>',
      'validity of the server and client certificates in days, 1 to 825 (default: 825)',
      parseDays,
    )
    .addOption(
      new Option('--key-type <type>', 'key type: ec (P-256) or rsa (2,048 bits)').choices(['ec', 'rsa']).default('ec'),
    )
    .option('--bad', 'also create bad/ with certificates that must be rejected, and CRLs')
    .option('--force', 'replace existing files')
    .option('--json', 'print the created files as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info certs create certs
  $ user-info certs create certs --name user-info.example.com --client-email immuta@example.com
  $ user-info certs create certs --bad         for tests: also certificates that are expired, revoked, from another CA or for another host
  $ user-info certs create certs --force       new CA and keys: install the new CA wherever the old one is trusted

For development and tests only: the CA's key is in the same directory. Only you can read the files (mode 0600).
Exit codes: 0 created, 2 nothing was created.
`,
    )
    .action(runCreate);
}

async function runCreate(directory: string, flags: CreateFlags): Promise<void> {
  const { clientCn, clientEmail, clientDns, days } = flags;
  const created = await endOnCertificateError(
    createCertificates(directory, {
      names: flags.name ?? [],
      keyType: flags.keyType,
      bad: flags.bad ?? false,
      force: flags.force ?? false,
      ...(clientCn !== undefined && { clientCommonName: clientCn }),
      ...(clientEmail !== undefined && { clientEmail }),
      ...(clientDns !== undefined && { clientDnsName: clientDns }),
      ...(days !== undefined && { validityDays: days }),
    }),
  );
  process.stdout.write(flags.json ? `${JSON.stringify(created, null, 2)}\n` : describe(created));
}

function describe({ files, platformSettings, listenerTls, allow }: CreatedCertificates): string {
  const colors = colorsFor(process.stdout);
  const width = Math.max(...files.map(({ path }) => path.length));
  // The configuration can be in any directory, and relative paths in it are resolved from there.
  const configuration = {
    listener: {
      tls: {
        certificate: resolve(listenerTls.certificate),
        key: resolve(listenerTls.key),
        clientCa: listenerTls.clientCa.map((path) => resolve(path)),
      },
    },
    authentication: { mode: 'mtls', clientCertificate: { allow: [allow] } },
  };
  return [
    colors.bold(`Created ${files.length} files:`),
    ...files.map(({ path, content }) => `  ${path.padEnd(width)}  ${content}`),
    '',
    colors.bold('For the settings page of the platform (Require SSL Request Cert):'),
    `  Key          ${platformSettings.key}`,
    `  Certificate  ${platformSettings.certificate}`,
    `  CA           ${platformSettings.ca}`,
    '',
    colors.bold('For the configuration of the server:'),
    // The text is not indented, so that it can be copied and pasted.
    stringify(configuration),
  ].join('\n');
}

function parseDays(text: string): number {
  if (!/^[0-9]{1,4}$/.test(text)) throw new InvalidArgumentError('Specify a whole number of days from 1 to 825.');
  return Number(text);
}
