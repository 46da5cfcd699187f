// Owns the diagnosis of the source `sql`: the way to the database, the login, its clock, and what the role may do beyond reading.
import type { Socket } from 'node:net';
import pg from 'pg';
import type { MysqlConfig, PostgresqlConfig, SqlSourceConfig } from '../../schemas/generated/loaded-server-config.ts';
import { sourceErrorOf } from '../adapters/sql/driver-errors.ts';
import { loginOf } from '../adapters/sql/postgres-driver.ts';
import { readSqlTls } from '../adapters/sql/read-sql-tls.ts';
import { readFileState } from '../adapters/sql/sqlite-file.ts';
import { SourceError } from '../adapters/user-source.ts';
import { judgeClock } from './clock-finding.ts';
import { diagnoseFile } from './diagnose-file.ts';
import { count, doubtful, type Finding, type Findings, failure, untried, works } from './finding.ts';
import { probeHost, type ShakeHands } from './probe-host.ts';

/** Whether the queries run, and tables may be read, is the source's own check. */
export async function* diagnoseSql({ connection, statementTimeoutMs }: SqlSourceConfig): Findings {
  switch (connection.system) {
    case 'postgresql':
      return yield* diagnosePostgresql(connection, statementTimeoutMs);
    case 'mysql':
      return yield* diagnoseMysql(connection);
    case 'sqlite':
      return yield* diagnoseSqlite(connection.path);
  }
}

const loginCure =
  'compare connection.user and connection.password with the database, and its rules for who may log in from here';

async function* diagnosePostgresql(config: PostgresqlConfig, statementTimeoutMs: number): Findings {
  const target = { host: config.host, port: config.port, timeoutMs: config.acquireTimeoutMs };
  try {
    const tls = config.tls && {
      options: readSqlTls(config.tls, config.host),
      serverName: config.tls.serverName ?? config.host,
      section: 'source.connection.tls',
      negotiate: askPostgresqlForTls,
    };
    if (!(yield* probeHost({ ...target, ...(tls && { tls }) }))) return false;
  } catch (error) {
    yield failure('TLS', error);
    return false;
  }
  const client = new pg.Client({
    ...loginOf(config),
    connectionTimeoutMillis: config.acquireTimeoutMs,
    query_timeout: statementTimeoutMs,
  });
  // A server that goes away meanwhile fails the query under way; that is enough.
  client.on('error', () => undefined);
  try {
    await client.connect();
    yield works('login', `the database ${config.database} takes the role`);
  } catch (error) {
    yield failure('login', sourceErrorOf(error, 'The login', 'unavailable'), loginCure);
    return false;
  }
  try {
    yield* askPostgresql(client, config.host);
    return true;
  } catch (error) {
    yield failure('rights', sourceErrorOf(error, 'Asking the catalogue'));
    return false;
  } finally {
    await client.end();
  }
}

/** https://www.postgresql.org/docs/current/protocol-flow.html, "SSL Session Encryption". */
async function askPostgresqlForTls(plain: Socket, shakeHands: ShakeHands) {
  plain.write(Buffer.from('0000000804d2162f', 'hex'));
  const answer = await new Promise<Buffer>((resolve, reject) => {
    plain.once('data', resolve).once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
  if (answer.toString('latin1') === 'S') return shakeHands(plain);
  throw new SourceError('unavailable', 'The database does not offer TLS; set `ssl = on` there.');
}

/** Rights to change data, which nobody needs who only reads. */
const countWritable = `
  SELECT count(c.oid)::int AS writable, bool_or(r.rolsuper) AS is_superuser,
         extract(epoch FROM clock_timestamp()) * 1000 AS now_ms
  FROM pg_catalog.pg_roles r
  LEFT JOIN pg_catalog.pg_class c
    ON c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND c.relnamespace NOT IN (SELECT oid FROM pg_catalog.pg_namespace
                              WHERE nspname IN ('pg_catalog', 'information_schema') OR nspname LIKE 'pg\\_t%')
   AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
  WHERE r.rolname = current_user`;

async function* askPostgresql(client: pg.Client, host: string): AsyncGenerator<Finding> {
  const askedMs = Date.now();
  const { rows } = await client.query<{ writable: number; is_superuser: boolean; now_ms: string }>(countWritable);
  const [{ writable = 0, is_superuser: isSuperuser = false, now_ms: nowMs = '' } = {}] = rows;
  yield judgeClock(host, Number(nowMs), askedMs, Date.now());
  const cure = 'let the source log in as a role of its own that has SELECT on what the queries read, and nothing else';
  if (isSuperuser) yield doubtful('rights', 'the role is a superuser', cure);
  else if (writable > 0) yield doubtful('rights', `the role may change ${count(writable, 'table')}`, cure);
  else yield works('rights', 'the role may change no table');
}

/** Its TLS begins inside of its login, which the source's own check goes through. */
async function* diagnoseMysql({ host, port, tls, acquireTimeoutMs }: MysqlConfig): Findings {
  const canGoOn = yield* probeHost({ host, port, timeoutMs: acquireTimeoutMs });
  if (tls !== undefined) yield untried('TLS', 'is tried together with the login, below');
  return canGoOn;
}

async function* diagnoseSqlite(path: string): Findings {
  if (!(yield* diagnoseFile(path))) return false;
  try {
    const { busy } = readFileState(path);
    if (busy === null) yield works('file', 'is an SQLite file that nobody writes to now');
    else yield doubtful('file', `${path} ${busy}`, 'look-ups wait for its writer up to lockTimeoutMs');
    yield works('rights', 'it is read from a copy of our own, and never written');
    return true;
  } catch (error) {
    yield failure('file', error);
    return false;
  }
}
