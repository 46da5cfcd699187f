// Users of the simulator's benchmark in PostgreSQL: tables of users, memberships and attributes.
import { type PostgresService, startPostgres } from '../../tests/services/postgres.ts';
import { type Dataset, userInfoOf, useridOf } from '../http/dataset.ts';

export interface PostgresUsers {
  /** The `source` of the server's configuration. The environment variable BENCH_DATABASE_PASSWORD contains its password. */
  readonly source: object;
  readonly environment: Readonly<Record<string, string>>;
  /** Changes the cost center of one in this number of users, starting with the first; null restores all of them. */
  moveOneIn(users: number | null): Promise<void>;
  stop(): Promise<void>;
}

const database = 'bench';
/** Number of users per statement. */
const batch = 5000;

const tables = `
  CREATE TABLE users (login text PRIMARY KEY, disabled boolean NOT NULL);
  CREATE TABLE memberships (login text, group_name text, PRIMARY KEY (login, group_name));
  CREATE TABLE attributes (login text, name text, value text, PRIMARY KEY (login, name, value));
`;

/** Starts its own server and fills it, in about a minute for 100,000 users. */
export async function startPostgresUsers(dataset: Dataset): Promise<PostgresUsers> {
  const server = await startPostgres();
  await server.query('postgres', `CREATE DATABASE ${database}`);
  await server.query(database, tables);
  for (let first = 0; first < dataset.users; first += batch) await addUsers(server, dataset, first);
  await server.query(database, 'ANALYZE');
  const { host, port, adminPassword } = server;
  return {
    source: {
      type: 'sql',
      connection: {
        ...{ system: 'postgresql', host, port, database, user: 'admin', poolSize: 8 },
        password: `\${env:BENCH_DATABASE_PASSWORD}`,
      },
      userQuery: 'SELECT login AS userid, disabled FROM users WHERE login = :userid',
      disabledColumn: 'disabled',
      groupsQuery: 'SELECT login AS userid, group_name FROM memberships WHERE login = :userid',
      attributesQuery: 'SELECT login AS userid, name, value FROM attributes WHERE login = :userid',
    },
    environment: { BENCH_DATABASE_PASSWORD: adminPassword },
    async moveOneIn(users) {
      const value = users === null ? "'cc-' || n % 900" : "'cc-moved'";
      const people = `SELECT substring(login, 5, 7)::int AS n, login FROM users`;
      await server.query(
        database,
        `UPDATE attributes a SET value = ${value} FROM (${people}) AS people
         WHERE a.login = people.login AND name = 'costCenter' AND n % ${users ?? 1} = 0`,
      );
    },
    stop: () => server.stop(),
  };
}

async function addUsers(server: PostgresService, dataset: Dataset, first: number): Promise<void> {
  const users = Array.from({ length: Math.min(batch, dataset.users - first) }, (_, n) => {
    const { groups, authorizations } = userInfoOf(first + n, dataset);
    const names = groups.map(({ name }) => name);
    const values = Object.entries(authorizations).flatMap(([name, list]) => list.map((value) => ({ name, value })));
    return { login: useridOf(first + n), names, values };
  });
  await server.query(
    database,
    `WITH people AS (SELECT * FROM json_to_recordset($1) AS p (login text, names json, values json)),
       logins AS (INSERT INTO users SELECT login, false FROM people),
       members AS (INSERT INTO memberships SELECT login, json_array_elements_text(names) FROM people)
     INSERT INTO attributes SELECT login, v ->> 'name', v ->> 'value' FROM people, json_array_elements(values) AS v`,
    [JSON.stringify(users)],
  );
}
