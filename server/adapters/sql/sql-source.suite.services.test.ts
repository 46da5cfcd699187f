// Adapter suite for `sql`, run with PostgreSQL, MariaDB, MySQL, and an SQLite file.
import type { SqlConnectionConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { describeUserSource } from '../user-source.suite.ts';
import { createSqlSource } from './sql-source.ts';
import { silentLog, sqlConfig } from './testing/sql-config.ts';
import {
  createMysqlDatabase,
  createPostgresDatabase,
  createSqliteDatabase,
  fillDatabase,
  type TestDatabase,
} from './testing/sql-servers.ts';

const systems: Readonly<Record<string, () => Promise<TestDatabase<SqlConnectionConfig>>>> = {
  PostgreSQL: createPostgresDatabase,
  MariaDB: () => createMysqlDatabase('MariaDB'),
  MySQL: () => createMysqlDatabase('MySQL'),
  SQLite: createSqliteDatabase,
};

for (const [system, create] of Object.entries(systems)) {
  describeUserSource(`sql (${system})`, {
    async open(users) {
      const database = await create();
      await fillDatabase(database, users);
      const source = await createSqlSource(sqlConfig(database.connection), { log: silentLog });
      return { source, close: () => source.close() };
    },
  });
}
