// Diagnosis of `sql` over MySQL and MariaDB: connection, protocol, login, clock, snapshots, and what the account may do.
import type { Socket } from 'node:net';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import type { MysqlConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { sourceErrorOf } from './driver-errors.ts';
import { describeForeignServer } from './foreign-server.ts';
import { loginOf } from './mysql-driver.ts';
import { SourceError } from '../user-source.ts';
import { compareClocks } from '../../doctor/probes/compare-clocks.ts';
import { count, doubtful, type Finding, type Findings, failure, works } from '../../doctor/probes/finding.ts';
import { loginFailure, type ProbedDatabase, probeDatabase, readGreeting, rightsCure } from './probe-database.ts';
import type { ShakeHands } from '../../doctor/probes/probe-host.ts';

export async function* diagnoseMysql(config: MysqlConfig, statementTimeoutMs: number): Findings {
  let login: ReturnType<typeof loginOf>;
  try {
    login = loginOf(config);
  } catch (error) {
    yield failure('TLS', error);
    return false;
  }
  if (!(yield* probeDatabase(config, askForTls))) return false;
  let connection: Connection;
  let streamError: unknown;
  try {
    connection = await mysql.createConnection({
      ...login,
      // The driver makes an error of its own, which is no longer one of the stream's.
      stream: () =>
        login.stream().on('error', (error: unknown) => {
          streamError = error;
        }),
    });
    // A server that goes away meanwhile fails the query under way; that is enough.
    connection.on('error', () => undefined);
    yield works('login', `the database ${config.database} takes the account`);
  } catch (error) {
    yield loginFailure(streamError ?? error);
    return false;
  }
  try {
    yield* askServer(connection, config.host, statementTimeoutMs);
    return true;
  } catch (error) {
    yield failure('rights', sourceErrorOf(error, 'Asking the server about itself'));
    return false;
  } finally {
    connection.destroy();
  }
}

const protocol41 = 0x0200;
const ssl = 0x0800;
const secureConnection = 0x8000;

/** https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html */
async function askForTls(plain: Socket, shakeHands: ShakeHands, probed: ProbedDatabase) {
  const greeting = await readGreeting(plain, probed);
  // Behind the head of 4 bytes and the version, which ends with a NUL: 4 of a thread, 8 of a nonce, 1 filler.
  const capabilities = greeting.indexOf(0, 5) + 1 + 13;
  if (greeting[4] !== 0x0a || greeting.length < capabilities + 2) {
    if (greeting[3] !== 0 || greeting[4] !== 0xff) throw describeForeignServer('mysql', probed.place, greeting);
    throw new SourceError('unavailable', `${probed.place} accepts no connection from this machine; its log says why.`);
  }
  if ((greeting.readUInt16LE(capabilities) & ssl) === 0) {
    throw new SourceError('unavailable', 'The database does not offer TLS; give it ssl_cert and ssl_key.');
  }
  const request = Buffer.alloc(4 + 32);
  request.writeUIntLE(32, 0, 3);
  request[3] = 1;
  request.writeUInt32LE(protocol41 | ssl | secureConnection, 4);
  plain.write(request);
  return shakeHands(plain);
}

/** Of those who only read: EXECUTE is for functions in the queries. */
const readingRights: ReadonlySet<string> = new Set(['SELECT', 'USAGE', 'SHOW VIEW', 'SHOW DATABASES', 'EXECUTE']);

async function* askServer(connection: Connection, host: string, timeout: number): AsyncGenerator<Finding> {
  const ask = async (sql: string) => (await connection.query<RowDataPacket[]>({ sql, timeout }))[0];
  const askedMs = Date.now();
  const [clock] = await ask('SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS now_ms');
  yield compareClocks(host, Number(clock?.now_ms), askedMs, Date.now());

  await ask('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  await ask('COMMIT');
  const others = await ask(
    "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND engine <> 'InnoDB'",
  );
  yield others.length === 0
    ? works('snapshot', 'the queries of a lookup see one state')
    : doubtful(
        'snapshot',
        `${count(others.length, 'table')} of the database ${others.length === 1 ? 'has' : 'have'} an engine without transactions`,
        'ALTER TABLE … ENGINE = InnoDB what the queries read; else one lookup may see two states',
      );

  const grants = (await ask('SHOW GRANTS')).map((row) => String(Object.values(row)[0]));
  const excess = [...new Set(grants.flatMap(privilegesOf))].filter((right) => !readingRights.has(right));
  yield excess.length === 0
    ? works('rights', 'the account may only read')
    : doubtful('rights', `the account may do more than read: ${excess.join(', ')}`, rightsCure);
}

/** `GRANT SELECT (a, b), INSERT ON …` → SELECT, INSERT. A role that is granted has lines of its own. */
function privilegesOf(grant: string): string[] {
  const [, list = ''] = /^GRANT (.+?) ON /.exec(grant) ?? [];
  return list
    .replaceAll(/\s*\([^)]*\)/g, '')
    .split(',')
    .map((right) => right.trim())
    .filter((right) => right !== '');
}
