// OpenLDAP server for tests: it has its own directory and free loopback ports, and is stopped with the test.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { scratchDirectory } from '../certificate-files.ts';
import { findFreePort, findProgram, type ServiceProcess, startService } from './service-process.ts';

export interface SlapdOptions {
  /** Suffix of the database; its entry is created. Default: dc=example,dc=test */
  readonly suffix?: string;
  /** Lines of slapd.conf before the database, e.g. attribute types. */
  readonly schema?: readonly string[];
  /** Lines of slapd.conf in the database, e.g. limits and rights. */
  readonly database?: readonly string[];
  /** Initial entries. */
  readonly ldif?: string;
  /** PEM files; if given, the server offers `ldapsUrl` and StartTLS. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly ca: string };
}

export interface Slapd {
  readonly url: string;
  readonly ldapsUrl: string;
  readonly port: number;
  readonly suffix: string;
  readonly adminDn: string;
  readonly adminPassword: string;
  /** Adds entries, as the administrator. */
  add(ldif: string): void;
  /** Applies changes (`changetype: modify`), as the administrator. */
  modify(ldif: string): void;
  stop(): Promise<void>;
  /** Starts the server again on the same ports with the same data. */
  start(): Promise<void>;
}

const adminPassword = 'the administrator of a test';

/** Creates a server and starts it. */
export async function startSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  const suffix = options.suffix ?? 'dc=example,dc=test';
  const adminDn = `cn=admin,${suffix}`;
  const directory = scratchDirectory();
  mkdirSync(join(directory, 'db'));
  const configuration = join(directory, 'slapd.conf');
  writeFileSync(configuration, describeServer(directory, suffix, adminDn, options));
  const [, dc = ''] = /^dc=([^,]+)/.exec(suffix) ?? [];
  const entries = `dn: ${suffix}\nobjectClass: domain\ndc: ${dc}\n\n${options.ldif ?? ''}`;
  execFileSync(findProgram('slapadd'), ['-q', '-f', configuration], {
    input: entries,
    stdio: ['pipe', 'ignore', 'pipe'],
  });

  const [port, tlsPort] = [await findFreePort(), await findFreePort()];
  const url = `ldap://127.0.0.1:${port}`;
  const ldapsUrl = `ldaps://127.0.0.1:${tlsPort}`;
  let running: ServiceProcess | null = null;

  function change(program: 'ldapadd' | 'ldapmodify', ldif: string): void {
    const account = ['-x', '-H', url, '-D', adminDn, '-w', adminPassword];
    execFileSync(program, account, { input: ldif, stdio: ['pipe', 'ignore', 'pipe'] });
  }

  const slapd: Slapd = {
    url,
    ldapsUrl,
    port,
    suffix,
    adminDn,
    adminPassword,
    add: (ldif) => change('ldapadd', ldif),
    modify: (ldif) => change('ldapmodify', ldif),
    async start() {
      const addresses = options.tls === undefined ? url : `${url} ${ldapsUrl}`;
      running = await startService({
        command: findProgram('slapd'),
        // -d 0 keeps it in the foreground, so that it ends with the test.
        args: ['-d', '0', '-f', configuration, '-h', addresses],
        isReady: () => acceptsConnections(port, '127.0.0.1'),
      });
    },
    async stop() {
      const service = running;
      running = null;
      await service?.stop('SIGTERM');
    },
  };
  await slapd.start();
  return slapd;
}

function describeServer(directory: string, suffix: string, adminDn: string, options: SlapdOptions): string {
  const schemas = ['core', 'cosine', 'nis', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema`);
  const { tls } = options;
  return [
    ...schemas,
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    'moduleload memberof',
    ...(options.schema ?? []),
    ...(tls ? [`TLSCertificateFile ${tls.certificate}`, `TLSCertificateKeyFile ${tls.key}`] : []),
    ...(tls ? [`TLSCACertificateFile ${tls.ca}`, 'TLSVerifyClient allow'] : []),
    'database mdb',
    `suffix "${suffix}"`,
    `rootdn "${adminDn}"`,
    `rootpw "${adminPassword}"`,
    `directory ${join(directory, 'db')}`,
    'maxsize 1073741824',
    'dbnosync',
    'index objectClass,uid,mail,cn,member eq',
    ...(options.database ?? []),
    'overlay memberof',
    '',
  ].join('\n');
}

/** @throws when no server listens on the port. */
export async function acceptsConnections(port: number, host: string): Promise<void> {
  const socket = connect({ port, host });
  await once(socket, 'connect');
  socket.destroy();
}
