// The learning endpoint's address, certificates and password (given or generated), and the settings to paste into the platform.
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificates } from '../../certs/create-certificates.ts';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { isLoopbackHost } from '../../schemas/loopback.ts';
import { makeVisible, makeVisibleLine } from '../../schemas/printable-text.ts';
import type { LearningEndpointOptions } from '../../simulator/learn/learning-endpoint.ts';
import { endOnCertificateError } from '../certs/certificate-failure.ts';
import { CommandFailure, exitCodes } from '../exit-codes.ts';
import { colorsFor } from '../terminal-colors.ts';
import { readPlatformAddresses } from './intermediary-options.ts';

export interface EndpointFlags {
  readonly host?: string;
  readonly address?: string;
  readonly port: string;
  readonly path: string;
  readonly certs?: string;
  readonly username: string;
  readonly passwordEnv?: string;
  readonly prefix: string;
  readonly platformAddress?: readonly string[];
}

export interface EndpointSetup {
  readonly options: LearningEndpointOptions;
  /** Name or address at which the platform reaches the endpoint. */
  readonly address: string;
  /** Directory of the certificates; null: plain HTTP. */
  readonly certificates: string | null;
  /** Null: the operator provides the password. */
  readonly ownPassword: string | null;
}

/**
 * Reads the options of the endpoint.
 *
 * @param makesOwn whether to create the certificates and the password that are not given. They are deleted when the process ends.
 * @throws {CommandFailure} 2.
 */
export async function createEndpointSetup(flags: EndpointFlags, makesOwn: boolean): Promise<EndpointSetup> {
  const { path, username, passwordEnv, prefix } = flags;
  const host = flags.host ?? (flags.address === undefined ? '127.0.0.1' : '0.0.0.0');
  const address = flags.address ?? (/^(0\.0\.0\.0|::)$/.test(host) ? hostname() : host);
  const port = /^\d{1,5}$/.test(flags.port) ? Number(flags.port) : Number.NaN;
  if (!(port <= 65_535)) throw new CommandFailure(exitCodes.usage, '--port must be a number from 0 to 65535.');
  if (!/^\/[\w./-]*$/.test(path))
    throw new CommandFailure(
      exitCodes.usage,
      '--path must begin with a slash and contain only letters, digits, slashes, dots, hyphens and underscores.',
    );
  if (passwordEnv === undefined && !makesOwn) throw new CommandFailure(exitCodes.usage, 'Specify --password-env.');
  if (flags.certs === undefined && !makesOwn && !isLoopbackHost(host)) {
    throw new CommandFailure(
      exitCodes.usage,
      `--host ${makeVisibleLine(host)} requires HTTPS. Create certificates with \`user-info certs create\` and specify --certs.`,
    );
  }
  const platformAddresses = readPlatformAddresses(flags);
  const ownPassword = passwordEnv === undefined ? randomBytes(12).toString('base64url') : null;
  const password = ownPassword ?? readVariable('--password-env', passwordEnv ?? '');
  const certificates = flags.certs ?? (makesOwn ? await createOwnCertificates(address) : null);
  const options = {
    ...{ host, port, path, username, password, prefix, isIdling: makesOwn },
    tls: certificates === null ? null : await readTls(certificates),
    ...(platformAddresses !== undefined && { platformAddresses }),
  };
  return { options, address, certificates, ownPassword };
}

async function readTls(directory: string): Promise<LearningEndpointOptions['tls']> {
  const read = (name: string) => readPem(join(directory, name));
  // A CA that platforms do not trust.
  const { server } = await issueCertificates();
  const untrusted = { cert: server.certificate, key: server.key };
  return { cert: read('server.pem'), key: read('server-key.pem'), ca: read('ca.pem'), untrusted };
}

/** Returns a new directory that only this user can read. */
async function createOwnCertificates(address: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'user-info-learn-'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      remove();
      // Terminates the process with the signal, so that shells detect the interruption.
      process.kill(process.pid, signal);
    });
  }
  await endOnCertificateError(createCertificates(join(directory, 'certs'), { names: [address] }));
  return join(directory, 'certs');
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandFailure(exitCodes.usage, makeVisible(`--certs: ${file} cannot be read (${code}).`));
  }
}

export function readVariable(option: string, name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw new CommandFailure(
    exitCodes.usage,
    makeVisibleLine(`${option}: the environment variable ${name} is not set or is empty.`),
  );
}

/** Returns the values for the platform's settings page. @param url where the endpoint listens. */
export function describeSettings(setup: EndpointSetup, flags: EndpointFlags, url: string): string {
  const { bold } = colorsFor(process.stdout);
  const reachable = new URL(url);
  reachable.hostname = isIP(setup.address) === 6 ? `[${setup.address}]` : setup.address;
  const password = setup.ownPassword ?? `from ${flags.passwordEnv}`;
  const { certificates } = setup;
  const at = (name: string) => join(certificates ?? '', name);
  const title = 'Settings of the trial IAM in the platform (Immuta: External Groups and Authorizations Endpoint):';
  const lines = [
    `  External User Info URI    ${reachable.href}`,
    `  Use Authentication        on; user name ${flags.username}, password ${password}`,
    ...(certificates === null
      ? []
      : [
          '  Enable SSL                on',
          `  SSL CA file               ${at('ca.pem')}`,
          `  SSL cert and key file     ${at('client.pem')}, ${at('client-key.pem')} (optional)`,
        ]),
  ];
  return `${bold(title)}\n${makeVisible(lines.join('\n'))}\n`;
}
