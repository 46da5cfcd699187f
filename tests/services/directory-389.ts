// 389 Directory Server for tests, with its memberOf plug-in: it has its own directory and free loopback ports, and is stopped with the test.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { scratchDirectory } from '../certificate-files.ts';
import { findFreePort, findProgram, type ServiceProcess, startService } from './service-process.ts';
import { acceptsConnections } from './slapd.ts';

export interface Directory389Options {
  /** Suffix of the database; its entry is created. */
  readonly suffix: string;
  /** Lines of the schema, as values of `cn=schema`: `attributeTypes: (…)`. */
  readonly schema?: readonly string[];
  /** Initial entries; added one after the other, so that the plug-in processes each. */
  readonly ldif: string;
  /** PEM files. */
  readonly tls: { readonly certificate: string; readonly key: string; readonly ca: string };
}

export interface Directory389 {
  readonly url: string;
  readonly ldapsUrl: string;
  /** The directory manager, to whom no access rule applies. */
  readonly adminDn: string;
  readonly adminPassword: string;
  /** Adds entries, as the directory manager. */
  add(ldif: string): void;
  /** Applies changes (`changetype: modify`), as the directory manager. */
  modify(ldif: string): void;
  stop(): Promise<void>;
}

const adminDn = 'cn=Directory Manager';
const adminPassword = 'the administrator of a test';
const systemDirectory = '/usr/share/dirsrv/data';

/** Creates a server and starts it; takes about two seconds. Does not use `dscreate`, which writes to /etc and requires systemd. */
export async function startDirectory389({
  suffix,
  schema = [],
  ldif,
  tls,
}: Directory389Options): Promise<Directory389> {
  const directory = scratchDirectory();
  const [port, tlsPort] = [await findFreePort(), await findFreePort()];
  for (const name of ['conf/schema', 'log', 'db', 'lock', 'run', 'ldif', 'bak', 'tmp']) {
    mkdirSync(join(directory, name), { recursive: true });
  }
  const configuration = join(directory, 'conf');
  for (const name of ['slapd-collations.conf', 'certmap.conf']) {
    copyFileSync(join('/etc/dirsrv/config', name), join(configuration, name));
  }
  writeFileSync(
    join(configuration, 'schema', '99user.ldif'),
    ['dn: cn=schema', 'objectClass: top', 'objectClass: subschema', 'cn: schema', ...schema, ''].join('\n'),
  );
  writeFileSync(join(configuration, 'dse.ldif'), describeServer(directory, suffix, port, tlsPort));
  makeKeyStore(configuration, tls);
  const [, dc = ''] = /^dc=([^,]+)/.exec(suffix) ?? [];
  const rootFile = join(directory, 'root.ldif');
  writeFileSync(rootFile, `dn: ${suffix}\nobjectClass: domain\ndc: ${dc}\n`);
  const program = findProgram('ns-slapd');
  execFileSync(program, ['ldif2db', '-D', configuration, '-n', 'userRoot', '-i', rootFile], { stdio: 'pipe' });
  const service: ServiceProcess = await startService({
    command: program,
    // -d 0 keeps it in the foreground, so that it ends with the test. Without -i, the server uses /dev/null as its PID file and, if run as root,
    // makes it unwritable for everyone else.
    args: ['-D', configuration, '-d', '0', '-i', join(directory, 'run', 'pid')],
    isReady: () => acceptsConnections(port, '127.0.0.1'),
  });
  const url = `ldap://127.0.0.1:${port}`;
  const change = (more: readonly string[], text: string) => {
    const account = ['-x', '-H', url, '-D', adminDn, '-w', adminPassword];
    execFileSync(findProgram('ldapmodify'), [...account, ...more], { input: text, stdio: ['pipe', 'ignore', 'pipe'] });
  };
  change(['-a'], ldif);
  return {
    url,
    ldapsUrl: `ldaps://127.0.0.1:${tlsPort}`,
    adminDn,
    adminPassword,
    add: (text) => change(['-a'], text),
    modify: (text) => change([], text),
    stop: () => service.stop('SIGTERM'),
  };
}

/** Fills in the template that the server's own setup uses, and adds the database for the suffix, which the setup would add later. */
function describeServer(directory: string, suffix: string, port: number, tlsPort: number): string {
  const inside = (name: string) => join(directory, name);
  const values: Readonly<Record<string, string>> = {
    schema_dir: inside('conf/schema'),
    lock_dir: inside('lock'),
    tmp_dir: inside('tmp'),
    cert_dir: inside('conf'),
    config_dir: inside('conf'),
    ldif_dir: inside('ldif'),
    bak_dir: inside('bak'),
    run_dir: inside('run'),
    inst_dir: directory,
    log_dir: inside('log'),
    db_dir: inside('db'),
    db_home_dir: inside('db'),
    // Takes a tenth of the time and disk space of the other database.
    db_lib: 'mdb',
    fqdn: 'localhost',
    ds_port: String(port),
    ds_user: userInfo().username,
    ds_suffix: suffix,
    rootdn: adminDn,
    ds_passwd: hashPassword(adminPassword),
    ldapi: inside('run/socket'),
    ldapi_enabled: 'off',
    ldapi_autobind: 'off',
  };
  const template = readFileSync(join(systemDirectory, 'template-dse.ldif'), 'utf8')
    .replaceAll(/%(\w+)%/g, (_whole, name: string) => values[name] ?? '')
    .replace(/^nsslapd-port:.*$/m, `$&\nnsslapd-security: on\nnsslapd-securePort: ${tlsPort}`)
    // This plug-in rejects names with letters beyond ASCII; every site with such names turns it off.
    .replace(/(cn: 7-bit check\n(?:.+\n)*?nsslapd-pluginenabled: )on/, '$1off')
    .replace(/(cn: MemberOf Plugin\n(?:.+\n)*?nsslapd-pluginenabled: )off/, '$1on');
  return [
    template.trimEnd(),
    '',
    'dn: cn=userRoot,cn=ldbm database,cn=plugins,cn=config',
    'objectClass: top',
    'objectClass: extensibleObject',
    'objectClass: nsBackendInstance',
    'cn: userRoot',
    `nsslapd-suffix: ${suffix}`,
    `nsslapd-directory: ${inside('db/userRoot')}`,
    '',
    `dn: cn="${suffix}",cn=mapping tree,cn=config`,
    'objectClass: top',
    'objectClass: extensibleObject',
    'objectClass: nsMappingTree',
    `cn: ${suffix}`,
    'nsslapd-state: backend',
    'nsslapd-backend: userRoot',
    '',
    '',
  ].join('\n');
}

/** Returns the password as a salted SHA-512 hash, because the server rejects a clear-text password in dse.ldif. */
function hashPassword(text: string): string {
  const salt = randomBytes(8);
  const digest = createHash('sha512').update(text).update(salt).digest();
  return `{SSHA512}${Buffer.concat([digest, salt]).toString('base64')}`;
}

/** Creates an NSS store with the key and the certificates. The server reads its key only from such a store. */
function makeKeyStore(directory: string, { certificate, key, ca }: Directory389Options['tls']): void {
  const bundle = join(directory, 'server.p12');
  const run = (command: string, ...args: string[]) =>
    execFileSync(findProgram(command), args, { cwd: directory, stdio: 'pipe' });
  const asBundle = ['-export', '-in', certificate, '-inkey', key, '-name', 'Server-Cert'];
  run('openssl', 'pkcs12', ...asBundle, '-out', bundle, '-passout', 'pass:x');
  run('certutil', '-N', '-d', directory, '--empty-password');
  run('certutil', '-A', '-d', directory, '-n', 'ca', '-t', 'CT,,', '-a', '-i', ca);
  run('pk12util', '-i', bundle, '-d', directory, '-W', 'x');
}
