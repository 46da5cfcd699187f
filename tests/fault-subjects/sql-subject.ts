// Columns sql of the fault matrix: PostgreSQL, MariaDB and MySQL behind the fault proxy, and an SQLite file.
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { SqlConnectionConfig } from '../../schemas/generated/loaded-server-config.ts';
import {
  createMysqlDatabase,
  createPostgresDatabase,
  createSqliteDatabase,
  sharedMysql,
  sharedPostgres,
  type TestDatabase,
} from '../../server/adapters/sql/testing/sql-servers.ts';
import { certificateFiles } from '../certificate-files.ts';
import {
  ada,
  adaId,
  type FaultCell,
  type FaultSubject,
  limitMs,
  networkCells,
  none,
  type Outcome,
} from '../fault-matrix.ts';
import { startFaultProxy, type TlsOpening } from '../fault-proxy.ts';
import type { MysqlProduct } from '../services/mysql.ts';
import { secretReference } from '../test-server.ts';

/** The tables have no keys, so that they can contain invalid data; `traps` makes one row of `teams` fail when it is read. */
const tables = `
  CREATE TABLE people (login varchar(100), disabled varchar(10));
  CREATE TABLE teams (login varchar(100), team varchar(100));
  CREATE TABLE regions (login varchar(100), region varchar(100));
  CREATE TABLE traps (number bigint, team varchar(100));
  INSERT INTO people VALUES ('${adaId}', 'no'), ('grace@example.test', 'no');
  INSERT INTO teams VALUES ${ada.groups.map((team) => `('${adaId}', '${team}')`).join(', ')};
  INSERT INTO regions VALUES ${ada.authorizations.region.map((region) => `('${adaId}', '${region}')`).join(', ')};
  INSERT INTO traps VALUES (1, NULL);`;

/** @param trapped a subquery that fails for the team in the second row of `traps`. */
function queriesOf(trapped: string): object {
  return {
    userQuery: 'SELECT login AS userid, disabled FROM people WHERE login = :userid',
    disabledColumn: 'disabled',
    groupsQuery: `SELECT team FROM teams WHERE login = :userid AND ${trapped} IS NOT NULL`,
    attributesQuery: "SELECT 'region' AS name, region FROM regions WHERE login = :userid",
  };
}

type Run = TestDatabase<SqlConnectionConfig>['run'];

function rowCells(run: Run, trap: string): Pick<Record<string, FaultCell>, string> {
  const cell = (expected: Outcome, inflict: string, heal: string): FaultCell => ({
    expected,
    inflict: () => run(inflict),
    heal: () => run(heal),
  });
  return {
    'half a page, then an error': cell(
      '502',
      `INSERT INTO traps VALUES (${trap}, '${ada.groups[1]}')`,
      'DELETE FROM traps WHERE team IS NOT NULL',
    ),
    'malformed response': cell(
      '502',
      `INSERT INTO teams VALUES ('${adaId}', NULL)`,
      'DELETE FROM teams WHERE team IS NULL',
    ),
    'duplicate entry': cell(
      '502',
      `INSERT INTO people VALUES ('${adaId}', '0')`,
      "DELETE FROM people WHERE disabled = '0'",
    ),
  };
}

interface DatabaseServer {
  readonly port: number;
  halt(): Promise<void>;
  resume(): Promise<void>;
}

interface System {
  readonly server: DatabaseServer;
  readonly database: TestDatabase<Extract<SqlConnectionConfig, { host: string }>>;
  readonly opening: TlsOpening;
  /** Result of garbage bytes after TLS: another protocol, or a length that is never reached. */
  readonly garbage: Outcome;
  setPassword(text: string): Promise<unknown>;
}

async function databaseSubject({ server, database, opening, garbage, setPassword }: System): Promise<FaultSubject> {
  const { good, bad, listenerTls } = await certificateFiles();
  await database.run(tables);
  const proxy = await startFaultProxy(server.port, opening);
  const { 'wrong-host-name-server': wrongName, 'expired-server': expired } = bad.certificates;
  const { system, host, database: name, user, password = null } = database.connection;
  const known = password?.reveal() ?? '';
  // The subquery returns more than the one row that is expected.
  const trapped = '(SELECT number FROM traps WHERE traps.team IS NULL OR traps.team = teams.team)';
  return {
    source: {
      type: 'sql',
      connection: {
        ...{ system, host, port: proxy.port, database: name, user },
        password: secretReference('SQL_PASSWORD'),
        tls: { ca: listenerTls.clientCa, serverName: 'localhost' },
        poolSize: 4,
        acquireTimeoutMs: limitMs,
      },
      ...queriesOf(trapped),
      statementTimeoutMs: limitMs,
      lockTimeoutMs: limitMs,
    },
    environment: { SQL_PASSWORD: known },
    proxy,
    maxConnections: 4,
    cells: {
      ...networkCells(proxy, { good: good.server, wrongName, expired }, { 'garbage bytes': garbage }),
      ...rowCells(database.run, '2'),
      'rejected bind or password': {
        expected: '503',
        isOutage: true,
        async inflict() {
          await setPassword('another one');
          proxy.dropIdle();
        },
        heal: () => setPassword(known),
      },
      'server restart': { expected: '503', isOutage: true, inflict: server.halt, heal: server.resume },
      ...none('a result has no pages', 'one complete page, then an error', 'empty page with a cookie'),
      ...none('the disk of the database', 'file half-written, or disk full', 'file removed'),
    } as FaultSubject['cells'],
    close: () => proxy.close(),
  };
}

export async function postgresqlSubject(): Promise<FaultSubject> {
  const [server, database] = [await sharedPostgres(), await createPostgresDatabase()];
  return databaseSubject({
    server,
    database: {
      ...database,
      run: async (text) => {
        await database.run(text);
        if (text === tables) await database.run('GRANT SELECT ON people, teams, regions, traps TO user_info_reader');
      },
    },
    opening: 'postgresql',
    garbage: '503',
    setPassword: (text) => server.query('postgres', `ALTER ROLE user_info_reader PASSWORD '${text}'`),
  });
}

export async function mysqlSubject(product: MysqlProduct): Promise<FaultSubject> {
  const [server, database] = [await sharedMysql(product), await createMysqlDatabase(product)];
  return databaseSubject({
    server,
    database,
    opening: 'mysql',
    garbage: '504',
    setPassword: (text) => server.query('mysql', `ALTER USER user_info_reader IDENTIFIED BY '${text}'`),
  });
}

export async function sqliteSubject(): Promise<FaultSubject> {
  const { connection, run } = await createSqliteDatabase();
  const { path } = connection;
  const backup = `${path}.backup`;
  await run(tables);
  copyFileSync(path, backup);
  const restore = async () => writeFileSync(path, readFileSync(backup));
  // The smallest integer has no absolute value.
  const trapped = '(SELECT max(abs(number)) FROM traps WHERE traps.team IS NULL OR traps.team = teams.team)';
  return {
    source: { type: 'sql', connection: { system: 'sqlite', path }, ...queriesOf(trapped), statementTimeoutMs: limitMs },
    cells: {
      ...none(
        'no network',
        'connection refused',
        'server accepts connections and never responds',
        'connection reset during a response',
        'response sent one byte at a time',
        'certificate for another name',
        'expired certificate',
        'rejected bind or password',
        'server restart',
        'idle connections closed',
        'idle connections discarded silently',
        'garbage bytes',
        'response for another user repeated',
      ),
      ...none('a result has no pages', 'one complete page, then an error', 'empty page with a cookie'),
      ...rowCells(run, '-9223372036854775808'),
      'file half-written, or disk full': {
        expected: '502',
        isOutage: true,
        inflict: async () => truncateSync(path, 8192 + 100),
        heal: restore,
      },
      'file removed': { expected: '503', isOutage: true, inflict: async () => rmSync(path), heal: restore },
    } as FaultSubject['cells'],
    close: async () => undefined,
  };
}
