// PostgreSQL driver: a pool of clients that have the queries prepared, and one round trip per lookup.
import pg from 'pg';
import type { PostgresqlConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type AdapterLog, type LookUpSignal, SourceError } from '../user-source.ts';
import { sourceErrorOf, withinLimit } from './driver-errors.ts';
import { WireError } from './foreign-server.ts';
import { ExecuteBatch, PrepareBatch, type WireColumn } from './postgres-batch.ts';
import { PostgresStream } from './postgres-stream.ts';
import { describeColumn, isBuiltIn, type PostgresColumn, type PostgresType } from './postgres-types.ts';
import { readSqlTls } from './read-sql-tls.ts';
import type { DriverLimits, NamedQuery, SqlDriver, SqlResult } from './sql-driver.ts';

/** All statements form one transaction: regardless of the role's defaults, it reads one state of the data and writes nothing. */
const begin = { name: 'begin', text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' };
const commit = { name: 'commit', text: 'COMMIT' };

/** Normally the database itself ends a statement; this limit is for a database that cannot do so, or cannot report it. */
const silenceGraceMs = 1000;
const idleTimeoutMs = 60_000;
const closeGraceMs = 1000;

/** @throws {SourceError} 'unavailable' if a TLS file cannot be used. Connects at the first lookup. */
export function createPostgresDriver(
  config: PostgresqlConfig,
  queries: readonly NamedQuery[],
  limits: DriverLimits,
  log: AdapterLog,
): SqlDriver {
  const streams = new Set<PostgresStream>();
  const login = loginOf(config);
  const pool = new pg.Pool({
    ...login,
    max: config.poolSize,
    // Longer than the timeouts of the stream and `acquire`, whose messages name the pending step.
    connectionTimeoutMillis: config.acquireTimeoutMs + silenceGraceMs,
    idleTimeoutMillis: idleTimeoutMs,
    statement_timeout: limits.statementTimeoutMs,
    lock_timeout: limits.lockTimeoutMs,
    idle_in_transaction_session_timeout: limits.statementTimeoutMs,
    keepAlive: true,
    stream: () => {
      const stream = login.stream();
      streams.add(stream);
      return stream.once('close', () => streams.delete(stream));
    },
  });
  // Without these two listeners, a server that restarts would stop this process: pg emits `error` on idle and on borrowed clients.
  pool.on('error', (error) =>
    log.warn({ reason: sourceErrorOf(error, 'An idle connection').message }, 'sql: idle connection lost'),
  );
  pool.on('connect', (client) => client.on('error', () => undefined));

  const statements = queries.map(({ text, option }) => ({ name: option, text }));
  const types = new Map<number, PostgresType>();
  /** Clients that have the queries prepared. */
  const prepared = new WeakMap<pg.PoolClient, readonly (readonly PostgresColumn[])[]>();
  let closed: Promise<void> | null = null;

  async function prepare(client: pg.PoolClient): Promise<readonly (readonly PostgresColumn[])[]> {
    const batch = client.query(new PrepareBatch([begin, commit, ...statements]));
    const columns = await batch.done.catch((error: unknown) => {
      throw sourceErrorOf(error, queries[batch.reached] ?? 'Preparing the queries');
    });
    const unknown = columns
      .flat()
      .map(({ dataTypeID }) => dataTypeID)
      .filter((type) => !isBuiltIn(type) && !types.has(type));
    // This query costs one additional round trip per connection.
    const { rows } = await client.query<{ oid: number | null; name: string; category: string }>(
      `SELECT NULL AS oid, pg_catalog.current_setting('server_encoding') AS name, '' AS category
       UNION ALL SELECT oid, typname, typcategory FROM pg_catalog.pg_type WHERE oid = ANY($1::oid[])`,
      [unknown],
    );
    for (const { oid, name, category } of rows) {
      if (oid !== null) types.set(Number(oid), { name, category });
      else if (name === 'SQL_ASCII') {
        throw new SourceError(
          'bad-answer',
          'The database has the encoding SQL_ASCII: the encoding of its text is unknown.',
        );
      }
    }
    const described = columns.map((list) => list.map((column) => describe(column, types)));
    prepared.set(client, described);
    return described;
  }

  async function execute(client: pg.PoolClient, userid: string): Promise<readonly SqlResult[]> {
    const columns = prepared.get(client) ?? (await prepare(client));
    const parameters = statements.map(({ name }) => ({ name, values: [userid] }));
    const batch = client.query(
      new ExecuteBatch(
        [{ name: begin.name, values: [] }, ...parameters, { name: commit.name, values: [] }],
        limits.maxRows,
      ),
    );
    const results = await batch.done.catch((error: unknown) => {
      throw sourceErrorOf(error, queries[batch.reached - 1] ?? 'The lookup');
    });
    if (results.length !== parameters.length + 2) throw new WireError('a result is missing');
    return queries.map(({ option }, index) => {
      const { rows = [], isCut = true } = results[index + 1] ?? {};
      if (isCut) throw new SourceError('bad-answer', `${option} returned more than maxRows (${limits.maxRows}) rows.`);
      return { columns: columns[index] ?? [], rows: rows.map((row) => readRow(row, columns[index] ?? [])) };
    });
  }

  async function acquire(signal: LookUpSignal): Promise<pg.PoolClient> {
    const giveBack = (client: pg.PoolClient) => client.release();
    const what = 'No connection to the database was ready';
    try {
      return await withinLimit(pool.connect(), config.acquireTimeoutMs, signal, what, giveBack);
    } catch (error) {
      throw sourceErrorOf(error, 'Connecting to the database', 'unavailable');
    }
  }

  return {
    async run(userid, signal, read) {
      const client = await acquire(signal);
      let isClean = false;
      try {
        const limitMs = limits.statementTimeoutMs + silenceGraceMs;
        const results = await withinLimit(execute(client, userid), limitMs, signal, 'The database did not respond');
        const answer = read(results);
        isClean = true;
        return answer;
      } catch (error) {
        throw sourceErrorOf(error, 'Preparing the queries');
      } finally {
        // After any failure the state of the connection, including the description of its columns, is unknown, so it is closed.
        client.release(!isClean);
      }
    },
    pool: () => ({
      open: pool.totalCount,
      busy: pool.totalCount - pool.idleCount,
      waiting: pool.waitingCount,
    }),
    close() {
      closed ??= endPool(pool, streams);
      return closed;
    },
  };
}

/** Returns how this driver logs in. @throws {SourceError} 'unavailable' if a TLS file cannot be used. */
export function loginOf(config: PostgresqlConfig): Omit<pg.ClientConfig, 'stream'> & { stream(): PostgresStream } {
  const tls = config.tls ? readSqlTls(config.tls, config.host) : null;
  return {
    host: config.host,
    port: config.port,
    database: config.database,
    user: config.user,
    // Not omitted, because pg would then look for a password file of the user who started the server.
    password: config.password?.reveal() ?? '',
    ssl: false,
    stream: () => new PostgresStream({ tls, answerTimeoutMs: config.acquireTimeoutMs }),
    application_name: 'user-info-kit',
  };
}

async function endPool(pool: pg.Pool, streams: ReadonlySet<PostgresStream>): Promise<void> {
  // A server that does not respond will not respond to the request to close either.
  const cut = setTimeout(() => {
    for (const stream of streams) stream.destroy();
  }, closeGraceMs);
  await pool.end();
  clearTimeout(cut);
}

function describe({ name, dataTypeID }: WireColumn, types: ReadonlyMap<number, PostgresType>): PostgresColumn {
  return describeColumn(name, dataTypeID, types.get(dataTypeID));
}

function readRow(row: ReadonlyArray<string | null>, columns: readonly PostgresColumn[]): ReadonlyArray<string | null> {
  if (row.length !== columns.length) throw new WireError('a row has a different number of columns than its query');
  return row.map((value, place) => (value === null ? null : (columns[place]?.read(value) ?? value)));
}
