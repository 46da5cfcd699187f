// Command `user-info certs inspect`: prints the content of certificate files and whether they are valid.

import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  type CertificateInspection,
  type InspectedCertificate,
  type InspectedKey,
  type InspectedRevocationList,
  inspectCertificates,
} from '../../certs/inspect-certificates.ts';
import type { GivenFile } from '../../certs/read-pem.ts';
import { makeVisible } from '../../schemas/printable-text.ts';
import { exitCodes, invalidUsage } from '../exit-codes.ts';
import { type Colors, colorsFor } from '../terminal-colors.ts';
import { printJson, printText } from '../text-table.ts';
import { endOnCertificateError } from './certificate-failure.ts';

/** Adds `inspect` to `certs`. Exit codes: 0 everything is valid, 1 something is invalid, 2 a file cannot be read. */
export function addCertsInspectCommand(certs: Command): void {
  certs
    .command('inspect')
    .description('Show certificates and verify them: dates, chain, key, revocation.')
    .argument('<files...>', 'PEM files with certificates; keys and CRLs are matched to them')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info certs inspect certs/server.pem certs/ca.pem           the server's chain
  $ user-info certs inspect client.pem client-key.pem ca.pem        also verifies that the key matches
  $ user-info certs inspect client.pem ca.pem crl.pem               also verifies revocation
  $ user-info certs inspect --json *.pem | jq '.certificates[] | {file, daysLeft}'

A chain is valid if it ends at a self-signed CA among the given files: include the CA's file. The command verifies neither that this CA is trusted
nor that a host name matches.
Exit codes: 0 everything is valid; 1 an invalid chain, an expired or not yet valid certificate, an overdue CRL, or a key that matches
no certificate; 2 a file cannot be read.
`,
    )
    .action(runInspect);
}

async function runInspect(paths: readonly string[], flags: { readonly json?: true }): Promise<void> {
  const files = await Promise.all(paths.map(readGivenFile));
  const inspection = await endOnCertificateError(inspectCertificates(files, new Date()));
  if (flags.json) printJson(inspection);
  else printText(makeVisible(describe(inspection)));
  if (!inspection.holds) process.exitCode = exitCodes.negative;
}

async function readGivenFile(path: string): Promise<GivenFile> {
  try {
    return { name: path, bytes: await readFile(path) };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw invalidUsage(`${path} cannot be read (${cause}). Choose a PEM file that you can read.`);
  }
}

function describe({ holds, certificates, keys, revocationLists }: CertificateInspection): string {
  const colors = colorsFor(process.stdout);
  const parts = [
    ...certificates.map((certificate) => describeCertificate(certificate, colors)),
    ...keys.map((key) => describeKey(key, colors)),
    ...revocationLists.map((list) => describeRevocationList(list, colors)),
    holds ? colors.green('Everything is valid.') : colors.red('Not everything is valid.'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function describeCertificate(certificate: InspectedCertificate, colors: Colors): string {
  const { alternativeNames, extendedKeyUsage, chain } = certificate;
  const fields: [string, string][] = [
    ['subject', printable(certificate.subject)],
    ['names', printable(alternativeNames.map(({ type, value }) => `${type} ${value}`).join(', ')) || 'none'],
    ['issuer', printable(certificate.issuer)],
    ['valid', describeDates(certificate, colors)],
    ['key', certificate.keyType],
    ['usage', extendedKeyUsage.join(', ') || 'any (no extended key usage)'],
    ['CA', certificate.isCa ? 'yes' : 'no'],
    ['SHA-256', certificate.fingerprint256],
    [
      'chain',
      chain.holds
        ? `${colors.green('valid')}, ending at ${printable(chain.path.at(-1) ?? '')}`
        : colors.red(`invalid: ${printable(chain.reason)}`),
    ],
  ];
  return [
    colors.bold(describePlace(certificate)),
    ...fields.map(([name, value]) => `  ${name.padEnd(8)} ${value}`),
  ].join('\n');
}

function describeDates({ notBefore, notAfter, validity, daysLeft }: InspectedCertificate, colors: Colors): string {
  const dates = `${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}`;
  if (validity === 'expired') return `${dates}, ${colors.red('expired')}`;
  if (validity === 'not-yet-valid') return `${dates}, ${colors.red('not yet valid')}`;
  return `${dates}, ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'} left`;
}

function describeKey(key: InspectedKey, colors: Colors): string {
  const owners = key.certificates.map(describePlace).join(', ');
  const matching =
    key.keyType === null
      ? 'cannot be matched without its passphrase'
      : owners
        ? colors.green(`matches ${owners}`)
        : colors.red('matches none of these certificates');
  return `${colors.bold(describePlace(key))}\n  private key, ${key.keyType ?? 'encrypted'}: ${matching}`;
}

function describeRevocationList(list: InspectedRevocationList, colors: Colors): string {
  const next = list.nextUpdate?.slice(0, 10) ?? 'not stated';
  const overdue = list.overdue ? colors.red(' (overdue: a server with this CRL rejects every client)') : '';
  const body = `CRL of ${printable(list.issuer)}\n  ${list.revokedCount} revoked, next update ${next}${overdue}`;
  return `${colors.bold(describePlace(list))}\n  ${body}`;
}

function describePlace({ file, position }: { readonly file: string; readonly position: number }): string {
  return position === 1 ? file : `${file} (block ${position})`;
}

/** Replaces control characters, because those in a third party's certificate could affect the terminal. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, '\u{FFFD}');
}
