// Databases that the test files of the SQL adapter share.
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import type {
  MysqlConfig,
  PostgresqlConfig,
  SqlConnectionConfig,
  SqliteConfig,
} from '../../../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../../../schemas/secret.ts';
import { scratchDirectory } from '../../../../tests/certificate-files.ts';
import { type MysqlProduct, type MysqlService, startMysql } from '../../../../tests/services/mysql.ts';
import { startPostgres } from '../../../../tests/services/postgres.ts';
import { shareService } from '../../../../tests/services/shared-service.ts';
import type { SuiteUser } from '../../user-source.suite.ts';

export const sharedPostgres = shareService(startPostgres);

const mysqls: Readonly<Record<MysqlProduct, () => Promise<MysqlService>>> = {
  MariaDB: shareService(() => startMysql('MariaDB')),
  MySQL: shareService(() => startMysql('MySQL')),
};

export const sharedMysql = (product: MysqlProduct): Promise<MysqlService> => mysqls[product]();

const readerPassword = 'reader of the tests';
/** A limit only for tests that hang, because a busy machine can be slow. */
const pool = { poolSize: 4, acquireTimeoutMs: 10_000 };
const exampleSchema = (name: string) =>
  readFileSync(new URL(`../../../../examples/sql/${name}.sql`, import.meta.url), 'utf8');

/** A separate database, with the schema of examples/sql/. */
export interface TestDatabase<Config extends SqlConnectionConfig> {
  /** Connects as the reader, who may only read the tables of the schema. */
  readonly connection: Config;
  /** Runs statements as the owner; several statements at once are allowed if there are no values. The placeholder of a value is `?`. */
  run(text: string, values?: readonly (string | number)[]): Promise<void>;
}

export async function createPostgresDatabase(): Promise<TestDatabase<PostgresqlConfig>> {
  const server = await sharedPostgres();
  const database = newName();
  await server.query('postgres', `CREATE DATABASE ${database}`);
  await server.query(database, exampleSchema('postgresql'));
  await server.query(database, `ALTER ROLE user_info_reader PASSWORD '${readerPassword}'`);
  const { host, port } = server;
  const password = new Secret(readerPassword);
  return {
    connection: { system: 'postgresql', host, port, database, user: 'user_info_reader', password, ...pool },
    async run(text, values) {
      let place = 0;
      await server.query(database, values ? text.replace(/\?/g, () => `$${++place}`) : text, values);
    },
  };
}

export async function createMysqlDatabase(product: MysqlProduct): Promise<TestDatabase<MysqlConfig>> {
  const server = await sharedMysql(product);
  const database = newName();
  await server.query('mysql', `CREATE DATABASE ${database}`);
  await server.query(database, exampleSchema('mysql'));
  await server.query(database, `CREATE USER IF NOT EXISTS user_info_reader IDENTIFIED BY '${readerPassword}'`);
  await server.query(database, `GRANT SELECT ON ${database}.* TO user_info_reader`);
  const { host, port } = server;
  const password = new Secret(readerPassword);
  return {
    connection: { system: 'mysql', host, port, database, user: 'user_info_reader', password, ...pool },
    async run(text, values) {
      await server.query(database, text, values);
    },
  };
}

export async function createSqliteDatabase(): Promise<TestDatabase<SqliteConfig>> {
  const path = join(scratchDirectory(), 'users.db');
  const run = async (text: string, values?: readonly (string | number)[]) => {
    const database = new sqlite.Database(path);
    try {
      if (values) database.run(text, [...values]);
      else database.exec(text);
    } finally {
      database.close();
    }
  };
  rmSync(path, { force: true });
  await run(exampleSchema('sqlite'));
  return { connection: { system: 'sqlite', path }, run };
}

/** Writes exactly these users to a database with the schema of examples/sql/. */
export async function fillDatabase(
  { run }: Pick<TestDatabase<SqlConnectionConfig>, 'run'>,
  users: readonly SuiteUser[],
): Promise<void> {
  await run('DELETE FROM attributes; DELETE FROM memberships; DELETE FROM users;');
  const insert = async (table: string, rows: ReadonlyArray<readonly (string | number)[]>) => {
    for (let from = 0; from < rows.length; from += 200) {
      const some = rows.slice(from, from + 200);
      const places = some.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
      await run(`INSERT INTO ${table} VALUES ${places}`, some.flat());
    }
  };
  await insert(
    'users',
    users.map(({ userid, disabled = false }) => [userid, disabled ? 1 : 0]),
  );
  await insert(
    'memberships',
    users.flatMap(({ userid, groups }) => groups.map((group) => [userid, group])),
  );
  await insert(
    'attributes',
    users.flatMap(({ userid, authorizations }) =>
      Object.entries(authorizations).flatMap(([name, values]) => values.map((value) => [userid, name, value])),
    ),
  );
}

function newName(): string {
  return `test_${randomUUID().replaceAll('-', '')}`;
}
