// Setup of `serve --dev`: certificates, a password and a configuration in a temporary directory, and the printed text.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { type CreatedCertificates, createCertificates } from '../../certs/create-certificates.ts';
import { kitVersion } from '../../schemas/kit-version.ts';
import { exampleFile } from '../examples.ts';
import { colorsFor } from '../terminal-colors.ts';

/** Users of examples/csv-quickstart/users.csv, with different groups. */
const knownUsers = ['ada.lovelace@example.com', 'grace.hopper@example.com'] as const;
const username = 'immuta';
/** Relative to the configuration, which is in the same directory as the password. */
const passwordReference = `\${file:password}`;

export interface DevSetup {
  /** Generated from the sample users, the certificates and the password; can be copied as a starting point. */
  readonly configFile: string;
  readonly passwordFile: string;
  readonly password: string;
  readonly certificates: CreatedCertificates;
}

/** Creates everything that a trial server needs in a new directory, which only this user can read and which is removed when the process exits. */
export async function createDevSetup(): Promise<DevSetup> {
  const directory = await mkdtemp(join(tmpdir(), 'user-info-dev-'));
  // The directory contains keys, so it must be removed no matter how the process ends.
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const certificates = await createCertificates(join(directory, 'certs'));
  const password = randomBytes(12).toString('base64url');
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  const configFile = join(directory, 'user-info.yaml');
  await writeFile(configFile, stringify(devConfig(certificates)), { mode: 0o600 });
  return { configFile, passwordFile, password, certificates };
}

function devConfig({ listenerTls, allow }: CreatedCertificates): object {
  return {
    listener: { host: '127.0.0.1', port: 8443, path: '/user-info', tls: listenerTls },
    authentication: {
      mode: 'both',
      basic: { credentials: [{ username, password: passwordReference }] },
      clientCertificate: { allow: [allow] },
    },
    source: {
      type: 'csv',
      path: exampleFile('csv-quickstart/users.csv'),
      columns: {
        userid: 'email',
        disabled: 'disabled',
        groups: [{ column: 'groups', separator: '|' }],
        authorizations: [{ column: 'department' }, { column: 'region', separator: '|' }, { column: 'clearance' }],
      },
    },
    logging: { destination: 'stderr' },
  };
}

/** Returns how this program was called, so that the printed line works where it is pasted. */
function programName(): string {
  const [, script = 'user-info'] = process.argv;
  if (basename(script) !== 'user-info') return `node ${script}`;
  return process.env.npm_command === 'exec' ? 'npx user-info' : 'user-info';
}

/** Returns the next steps: a command line that requests a user, one that tests the endpoint, and the values for the platform's settings page. */
export function describeDevSetup(setup: DevSetup, listeningUrl: string): string {
  const { bold, dim } = colorsFor(process.stdout);
  const { key, certificate, ca } = setup.certificates.platformSettings;
  const url = listeningUrl.replace(/\/\/(127\.0\.0\.1|\[::1\])/, '//localhost');
  return `${[
    `${bold(`user-info ${kitVersion}`)}: development server with sample users and generated certificates. Not for production.`,
    '',
    `  Endpoint       ${url}`,
    `  Users          ${exampleFile('csv-quickstart/users.csv')}`,
    `  Configuration  ${setup.configFile} ${dim('(a template; deleted when the server stops)')}`,
    '',
    bold('Request a user:'),
    `  curl -sS --cacert ${ca} --cert ${certificate} --key ${key} --user ${username}:${setup.password} '${url}?userid=${encodeURIComponent(knownUsers[0])}'`,
    '',
    bold('Test the endpoint:'),
    `  ${programName()} conform ${url} --auth both --username ${username} --password-file ${setup.passwordFile} --cert ${certificate} --key ${key} --ca ${ca} --known-user ${knownUsers.join(' --known-user ')}`,
    '',
    bold('Settings of the platform (Immuta: App Settings, your IAM, External Groups and Authorizations Endpoint):'),
    `  External User Info URI    ${url}`,
    `  Use Authentication        on; username ${username}, password ${setup.password}`,
    '  Enable SSL                on',
    '  Require SSL Request Cert  on; three files:',
    `    SSL key file            ${key}`,
    `    SSL cert file           ${certificate}`,
    `    SSL CA file             ${ca}`,
    '',
    dim('Press Ctrl-C to stop. The access log follows on stderr.'),
  ].join('\n')}\n`;
}
