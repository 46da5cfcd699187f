// MySQL and MariaDB driver: a pool, sessions that are set up once, and the transaction of a lookup.
import { connect, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import mysql, { type PoolConnection, type RowDataPacket } from 'mysql2/promise';
import type { MysqlConfig, SqlTlsConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type LookUpSignal, SourceError } from '../user-source.ts';
import { sourceErrorOf, withinLimit } from './driver-errors.ts';
import { MysqlStream } from './mysql-stream.ts';
import { describeMysqlColumn } from './mysql-types.ts';
import { readSqlTls } from './read-sql-tls.ts';
import type { DriverLimits, NamedQuery, SqlDriver, SqlResult } from './sql-driver.ts';

const begin = 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY';
/** Normally the database itself ends a statement; this limit is for a database that cannot do so, or cannot report it. */
const silenceGraceMs = 1000;
const idleTimeoutMs = 60_000;
const closeGraceMs = 1000;
/** With the default limit of MySQL, GROUP_CONCAT silently truncates at 1,024 bytes. */
const groupConcatBytes = 16_777_216;

/** @throws {SourceError} 'unavailable' if a TLS file cannot be used. Connects at the first lookup. */
export function createMysqlDriver(
  config: MysqlConfig,
  queries: readonly NamedQuery[],
  limits: DriverLimits,
): SqlDriver {
  const sockets = new Set<Duplex>();
  const pool = mysql.createPool({
    ...loginOf(config),
    stream: () => {
      const socket = openSocket(config);
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket));
    },
    connectionLimit: config.poolSize,
    idleTimeout: idleTimeoutMs,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    rowsAsArray: true,
  });
  // A server that restarts must not stop this process; the pool itself releases the connection.
  pool.on('connection', (connection) => connection.on('error', () => undefined));
  const ready = new WeakSet<object>();
  let closed: Promise<void> | null = null;
  let [busy, waiting] = [0, 0];

  async function prepareSession(connection: PoolConnection): Promise<void> {
    const [rows] = await connection.query<RowDataPacket[][]>('SELECT VERSION()');
    const version = String(rows[0]?.[0]);
    const seconds = Math.ceil(limits.lockTimeoutMs / 1000);
    const statementTimeout = /mariadb/i.test(version)
      ? `max_statement_time = ${limits.statementTimeoutMs / 1000}`
      : `max_execution_time = ${limits.statementTimeoutMs}`;
    // Modes that would change the interpretation of the query's text, or pad its result.
    const mode = "REPLACE(REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', ''), 'PAD_CHAR_TO_FULL_LENGTH', '')";
    await connection.query(
      `SET SESSION ${statementTimeout}, innodb_lock_wait_timeout = ${seconds}, lock_wait_timeout = ${seconds},
       sql_select_limit = ${limits.maxRows + 1}, group_concat_max_len = ${groupConcatBytes}, sql_mode = ${mode}`,
    );
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    ready.add(connection.connection);
  }

  async function execute(connection: PoolConnection, userid: string): Promise<readonly SqlResult[]> {
    if (!ready.has(connection.connection)) await prepareSession(connection);
    // All queries are queued together: the driver sends each one as soon as it has read the response to the previous one.
    const [, ...results] = await Promise.all([
      connection.query(begin),
      ...queries.map((query) => executeQuery(connection, query, userid, limits.maxRows)),
      connection.query('COMMIT'),
    ]);
    return results.slice(0, queries.length) as SqlResult[];
  }

  async function acquire(signal: LookUpSignal): Promise<PoolConnection> {
    const giveBack = (connection: PoolConnection) => connection.release();
    waiting += 1;
    try {
      const what = 'No connection to the database was available';
      return await withinLimit(pool.getConnection(), config.acquireTimeoutMs, signal, what, giveBack);
    } catch (error) {
      throw sourceErrorOf(error, 'Connecting to the database', 'unavailable');
    } finally {
      waiting -= 1;
    }
  }

  return {
    async run(userid, signal, read) {
      const connection = await acquire(signal);
      busy += 1;
      try {
        const limitMs = limits.statementTimeoutMs + silenceGraceMs;
        const results = await withinLimit(execute(connection, userid), limitMs, signal, 'The database did not respond');
        const answer = read(results);
        connection.release();
        return answer;
      } catch (error) {
        // After any failure the state of the connection is unknown, so it is closed, and the next lookup gets a new one.
        connection.destroy();
        throw sourceErrorOf(error, 'The lookup');
      } finally {
        busy -= 1;
      }
    },
    pool: () => ({ open: sockets.size, busy, waiting }),
    close() {
      closed ??= endPool(pool, sockets);
      return closed;
    },
  };
}

/** Returns how this driver logs in. @throws {SourceError} 'unavailable' if a TLS file cannot be used. */
export function loginOf(config: MysqlConfig): mysql.ConnectionOptions & { stream(): Duplex } {
  return {
    // Used only by TLS, which compares the certificate with this name; `stream` opens the connection.
    host: config.tls?.serverName ?? config.host,
    // Declares the connection secure: MySQL then requests the password itself, instead of sending a key.
    ...(config.host.startsWith('/') && { socketPath: config.host }),
    stream: () => openSocket(config),
    database: config.database,
    user: config.user,
    ...(config.password && { password: config.password.reveal() }),
    ...(config.tls && { ssl: readMysqlTls(config.tls, config.host) }),
    charset: 'utf8mb4',
    connectTimeout: config.acquireTimeoutMs,
  };
}

function openSocket({ host, port, tls, acquireTimeoutMs }: MysqlConfig): Duplex {
  const place = host.startsWith('/') ? { path: host } : { host, port };
  // TLS already protects the data that the stream would validate, and mysql2 starts TLS on an existing connection.
  return tls ? connect(place).setNoDelay().setKeepAlive(true) : new MysqlStream(place, acquireTimeoutMs);
}

async function executeQuery(
  connection: PoolConnection,
  query: NamedQuery,
  userid: string,
  maxRows: number,
): Promise<SqlResult> {
  const { text, option, placeholders } = query;
  const values = Array.from({ length: placeholders }, () => userid);
  const [rows, fields] = await connection.execute<RowDataPacket[][]>(text, values).catch((error: unknown) => {
    throw sourceErrorOf(error, query);
  });
  if (rows.length > maxRows)
    throw new SourceError('bad-answer', `${option} returned more than maxRows (${maxRows}) rows.`);
  const columns = fields.map(describeMysqlColumn);
  return {
    columns,
    rows: rows.map((row) => columns.map(({ read }, place) => (row[place] === null ? null : read(row[place])))),
  };
}

/** Reads the TLS options. @throws {SourceError} for an address, because this driver compares the certificate with names only. */
function readMysqlTls(tls: SqlTlsConfig, host: string): mysql.SslOptions {
  const name = tls.serverName ?? host;
  if (isIP(name) !== 0 || name.startsWith('/')) {
    const remedy = 'set connection.tls.serverName to the name in its certificate';
    throw new SourceError(
      'unavailable',
      `With TLS, the MySQL driver needs the server's name, not an address: ${remedy}.`,
    );
  }
  const { ca, cert, key, passphrase } = readSqlTls(tls, host);
  return {
    ca,
    cert,
    key,
    passphrase,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    verifyIdentity: true,
  } as mysql.SslOptions;
}

async function endPool(pool: mysql.Pool, sockets: ReadonlySet<Duplex>): Promise<void> {
  // A server that does not respond will not respond to the request to close either.
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, closeGraceMs);
  await pool.end().catch(() => undefined);
  clearTimeout(cut);
}
