// Starts MariaDB or MySQL on a free loopback port, with TLS, in a temporary directory.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import mysql, { type RowDataPacket } from 'mysql2/promise';
import { certificateFiles } from '../certificate-files.ts';
import { findMysql } from '../install-mysql.mjs';
import { findFreePort, findProgram, type RestartableService, startRestartable } from './service-process.ts';

/** Two products, one protocol; our adapter knows both as `mysql`. */
export type MysqlProduct = 'MariaDB' | 'MySQL';

export interface MysqlService extends RestartableService {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly socket: string;
  /** Runs a statement as the administrator, or several statements at once if there are no values. */
  query<Row extends RowDataPacket>(
    database: string,
    text: string,
    values?: readonly (string | number)[],
  ): Promise<Row[]>;
}

/** Starts a server; takes several seconds. */
export async function startMysql(product: MysqlProduct): Promise<MysqlService> {
  const { listenerTls } = await certificateFiles();
  const directory = mkdtempSync(join(tmpdir(), 'user-info-mysql-'));
  const data = join(directory, 'data');
  const socket = join(directory, 'server.sock');
  const scratch = join(directory, 'tmp');
  mkdirSync(scratch);
  // When a server starts, it removes temporary tables from its tmpdir, including those of another server.
  const own = ['--no-defaults', `--datadir=${data}`, `--tmpdir=${scratch}`, `--user=${userInfo().username}`];
  if (product === 'MySQL') {
    execFileSync(mysqlProgram(), [...own, '--initialize-insecure'], { stdio: 'pipe' });
  } else {
    const install = [...own, '--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
    execFileSync(findProgram('mariadb-install-db'), install, { stdio: 'pipe' });
  }
  const port = await findFreePort();

  async function query<Row extends RowDataPacket>(
    database: string,
    text: string,
    values?: readonly (string | number)[],
  ) {
    const options = { socketPath: socket, user: 'root', database, multipleStatements: values === undefined };
    const connection = await mysql.createConnection({ ...options, charset: 'utf8mb4' });
    try {
      const [rows] = await connection.query<Row[]>(text, values && [...values]);
      return rows;
    } finally {
      await connection.end();
    }
  }

  const args = [
    ...own,
    `--port=${port}`,
    `--socket=${socket}`,
    `--pid-file=${join(directory, 'pid')}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    ...(product === 'MySQL' ? ['--mysqlx=OFF', '--secure-file-priv=NULL', '--log-bin-trust-function-creators'] : []),
    '--innodb-flush-log-at-trx-commit=0',
    `--ssl-cert=${listenerTls.certificate}`,
    `--ssl-key=${listenerTls.key}`,
    `--ssl-ca=${listenerTls.clientCa[0]}`,
  ];
  const command = product === 'MySQL' ? mysqlProgram() : findProgram('mariadbd');
  const options = { command, args, isReady: () => query('mysql', 'SELECT 1') };
  return {
    host: '127.0.0.1',
    port,
    socket,
    query,
    ...(await startRestartable(directory, 'SIGTERM', options)),
  };
}

function mysqlProgram(): string {
  const program = findMysql();
  if (program === null) throw new Error('MySQL is not installed; node tests/install-tools.mjs brings it');
  return program;
}
