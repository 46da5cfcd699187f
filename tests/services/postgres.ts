// Starts PostgreSQL on a free loopback port, with TLS, in a temporary directory.
import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { certificateFiles } from '../certificate-files.ts';
import { findFreePort, findProgram, type RestartableService, startRestartable } from './service-process.ts';

export interface PostgresService extends RestartableService {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly adminPassword: string;
  /** Runs statements as the administrator; several at once when there are no values. */
  query<Row extends pg.QueryResultRow>(
    database: string,
    text: string,
    values?: readonly (string | number)[],
  ): Promise<Row[]>;
}

const adminPassword = 'admin of the tests';

/** Over TLS, the role `with_certificate` needs a client certificate in addition to its password. */
const accessRules = `
hostssl all with_certificate 127.0.0.1/32 scram-sha-256 clientcert=verify-ca
host    all all              127.0.0.1/32 scram-sha-256
local   all all                           scram-sha-256
`;

/** Starts a server; it takes about two seconds. PostgreSQL refuses to run as root, so it runs as the user that its package created. */
export async function startPostgres(): Promise<PostgresService> {
  const { good } = await certificateFiles();
  const directory = mkdtempSync(join(tmpdir(), 'user-info-postgres-'));
  const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : undefined;
  const own = (name: string, text: string) => {
    const file = join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    if (user) chownSync(file, user.uid, user.gid);
    return file;
  };
  if (user) chownSync(directory, user.uid, user.gid);
  const [certificate, key] = [own('server.pem', good.server.certificate), own('key.pem', good.server.key)];
  const ca = own('ca.pem', good.ca.certificate);
  const data = join(directory, 'data');
  const passwordFile = own('password', adminPassword);
  const initOptions = ['-D', data, '-U', 'admin', '--pwfile', passwordFile, '-A', 'scram-sha-256', '-E', 'UTF8'];
  execFileSync(findProgram('initdb'), [...initOptions, '--locale=C.UTF-8', '--no-sync'], { stdio: 'pipe', ...user });
  writeFileSync(join(data, 'pg_hba.conf'), accessRules);
  const port = await findFreePort();
  const settings = `
    port = ${port}
    listen_addresses = '127.0.0.1'
    unix_socket_directories = '${directory}'
    fsync = off
    ssl = on
    ssl_cert_file = '${certificate}'
    ssl_key_file = '${key}'
    ssl_ca_file = '${ca}'
  `;
  appendFileSync(join(data, 'postgresql.conf'), settings);

  async function query<Row extends pg.QueryResultRow>(
    database: string,
    text: string,
    values?: readonly (string | number)[],
  ) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'admin', password: adminPassword, database });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text, values ? [...values] : undefined)).rows;
    } finally {
      await client.end();
    }
  }

  const command = findProgram('postgres');
  const isReady = () => query('postgres', 'SELECT 1');
  const options = { command, args: ['-D', data], isReady, ...(user && { user }) };
  return {
    host: '127.0.0.1',
    port,
    adminPassword,
    query,
    ...(await startRestartable(directory, 'SIGINT', options)),
  };
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
}
