// Samba as an Active Directory domain controller for tests: it has its own directory and its own loopback address.
import { execFile, execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scratchDirectory } from '../certificate-files.ts';
import { findProgram, type ServiceProcess, startService } from './service-process.ts';
import { acceptsConnections } from './slapd.ts';

export interface Samba {
  /** The server's own loopback address, because its LDAP ports are fixed and must be free. */
  readonly address: string;
  /** `ldap://ADDRESS`; `ldaps://ADDRESS` is available as well. */
  readonly url: string;
  readonly ldapsUrl: string;
  readonly baseDn: string;
  readonly administrator: string;
  readonly password: string;
  /** Applies changes (each with `changetype:`), as the administrator. */
  modify(ldif: string): void;
  stop(): Promise<void>;
  /** Starts the server again on the same address with the same data. */
  start(): Promise<void>;
}

export interface SambaOptions {
  /** Initial entries, which are added in one transaction; this is ten times as fast as over LDAP. */
  readonly ldif: string;
  /** Changes to the initial entries (`changetype: modify`), for references to entries that are added later. */
  readonly changes: string;
  /** PEM files. */
  readonly tls: { readonly certificate: string; readonly key: string; readonly ca: string };
}

const realm = 'AD.EXAMPLE.COM';
const password = 'A-password-of-a-test-1';
const run = promisify(execFile);

/** Script for the Python that Samba uses, which is the system's Python. */
const loadEntries = `
import sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
parameters = LoadParm()
parameters.load(sys.argv[1])
database = SamDB(url=sys.argv[2], session_info=system_session(), lp=parameters)
database.transaction_start()
database.add_ldif(open(sys.argv[3]).read())
database.modify_ldif(open(sys.argv[4]).read())
database.transaction_commit()
`;

/** Creates a domain, fills it and starts its server; takes about ten seconds. */
export async function startSamba({ ldif, changes, tls }: SambaOptions): Promise<Samba> {
  const directory = scratchDirectory();
  const address = `127.${randomInt(64, 254)}.${randomInt(1, 254)}.${randomInt(1, 254)}`;
  const interfaces = `${address}/8`;
  await run(findProgram('samba-tool'), [
    ...['domain', 'provision', '-s', '/dev/null', `--targetdir=${directory}`, `--realm=${realm}`, '--domain=AD'],
    ...['--host-name=dc1', `--host-ip=${address}`, '--server-role=dc', '--dns-backend=NONE'],
    ...['--function-level=2008_R2', `--adminpass=${password}`],
    ...[`--option=interfaces=${interfaces}`, '--option=bind interfaces only=yes'],
  ]);
  const configuration = join(directory, 'server.conf');
  writeFileSync(configuration, describeServer(directory, interfaces, tls));
  const [script, entries, changesFile] = ['load.py', 'entries.ldif', 'changes.ldif'].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  writeFileSync(script, loadEntries);
  writeFileSync(entries, ldif);
  writeFileSync(changesFile, changes);
  await run('/usr/bin/python3', [script, configuration, join(directory, 'private', 'sam.ldb'), entries, changesFile]);
  const start = () =>
    startService({
      command: findProgram('samba'),
      args: ['-F', '-s', configuration, '-M', 'single', '--no-process-group'],
      isReady: () => acceptsConnections(636, address),
    });
  let running: ServiceProcess = await start();
  const administrator = 'Administrator@ad.example.com';
  const ldapsUrl = `ldaps://${address}`;
  return {
    address,
    url: `ldap://${address}`,
    ldapsUrl,
    baseDn: 'DC=ad,DC=example,DC=com',
    administrator,
    password,
    modify(text) {
      execFileSync(findProgram('ldapmodify'), ['-x', '-H', ldapsUrl, '-D', administrator, '-w', password], {
        // A password can be set only over TLS, and the certificate is for a different address.
        env: { LDAPTLS_REQCERT: 'never' },
        input: text,
        stdio: ['pipe', 'ignore', 'pipe'],
      });
    },
    stop: () => running.stop('SIGTERM'),
    async start() {
      running = await start();
    },
  };
}

function describeServer(directory: string, interfaces: string, tls: SambaOptions['tls']): string {
  const inside = (option: string, name: string) => {
    mkdirSync(join(directory, name), { recursive: true, mode: 0o755 });
    return `${option} = ${join(directory, name)}`;
  };
  return [
    '[global]',
    'netbios name = DC1',
    `realm = ${realm}`,
    'workgroup = AD',
    'server role = active directory domain controller',
    'server services = ldap',
    `interfaces = ${interfaces}`,
    'bind interfaces only = yes',
    inside('private dir', 'private'),
    inside('lock directory', 'lock'),
    inside('state directory', 'state'),
    inside('cache directory', 'cache'),
    inside('pid directory', 'pid'),
    inside('ncalrpc dir', 'ncalrpc'),
    `log file = ${join(directory, 'samba.log')}`,
    'ldap server require strong auth = no',
    'tls enabled = yes',
    `tls certfile = ${tls.certificate}`,
    `tls keyfile = ${tls.key}`,
    `tls cafile = ${tls.ca}`,
    '',
  ].join('\n');
}
