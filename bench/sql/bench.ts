// Benchmark `npm run bench -- sql`: the SQL adapter on PostgreSQL compared with pg, which runs the same queries as prepared statements.
import { parseArgs } from 'node:util';
import pg from 'pg';
import { Secret } from '../../schemas/secret.ts';
import { createSqlSource } from '../../server/adapters/sql/sql-source.ts';
import { silentLog, sqlConfig } from '../../server/adapters/sql/testing/sql-config.ts';
import { LookUpAbort } from '../../server/guards/lookup-abort.ts';
import { type PostgresService, startPostgres } from '../../tests/services/postgres.ts';
import { describeMachine, type Results, saveResult, spreadOf, summarize, versionsOf } from '../report.ts';

const users = 20_000;
const groupsPerUser = 10;
const poolSize = 8;
const inFlight = 64;
const database = 'bench';
const role = { user: 'reader', password: 'reader of the benchmark' };

const queries = {
  userQuery: 'SELECT login AS userid, disabled FROM users WHERE login = :userid',
  groupsQuery: 'SELECT group_name FROM memberships WHERE login = :userid',
  attributesQuery: 'SELECT name, value FROM attributes WHERE login = :userid',
};

const tables = `
  CREATE TABLE users (login text PRIMARY KEY, disabled boolean NOT NULL);
  CREATE TABLE memberships (login text, group_name text, PRIMARY KEY (login, group_name));
  CREATE TABLE attributes (login text, name text, value text, PRIMARY KEY (login, name, value));
  INSERT INTO users SELECT 'user' || u, false FROM generate_series(1, ${users}) u;
  INSERT INTO memberships SELECT 'user' || u, 'group ' || (u * 31 + g * 13) % 2000
    FROM generate_series(1, ${users}) u, generate_series(1, ${groupsPerUser}) g;
  INSERT INTO attributes SELECT 'user' || u, name, u % 50 || ' of ' || name
    FROM generate_series(1, ${users}) u, unnest(ARRAY['department', 'region', 'clearance']) name;
  ANALYZE;
  CREATE ROLE ${role.user} LOGIN PASSWORD '${role.password}';
  GRANT SELECT ON users, memberships, attributes TO ${role.user};
`;

/** Everything in one statement, in one round trip and therefore one snapshot. */
const everything = `
  SELECT login, disabled,
    (SELECT json_agg(group_name) FROM memberships m WHERE m.login = u.login) AS groups,
    (SELECT json_agg(json_build_array(name, value)) FROM attributes a WHERE a.login = u.login) AS attributes
  FROM users u WHERE login = $1`;

function openPool(host: string, port: number): pg.Pool {
  const pool = new pg.Pool({ host, port, database, ...role, max: poolSize });
  // The server may end before the last connection has closed, which is not a failure.
  pool.on('error', () => undefined);
  return pool;
}

interface Variant {
  /** Looks up one user. @returns the number of groups. */
  lookUp(userid: string): Promise<number>;
  close(): Promise<unknown>;
}

const variants: Readonly<Record<string, (server: PostgresService) => Variant | Promise<Variant>>> = {
  ours: async ({ host, port }) => {
    const source = await createSqlSource(
      sqlConfig(
        {
          system: 'postgresql',
          host,
          port,
          database,
          user: role.user,
          password: new Secret(role.password),
          poolSize,
          acquireTimeoutMs: 10_000,
        },
        { ...queries, disabledColumn: 'disabled' },
      ),
      { log: silentLog },
    );
    return {
      lookUp: async (userid) => (await source.findUser(userid, new LookUpAbort()))?.groups.length ?? 0,
      close: () => source.close(),
    };
  },

  /** The usual way: one query after the other, no transaction, so that a lookup may see several states of the data. */
  'bare pg, three prepared statements': ({ host, port }) => {
    const pool = openPool(host, port);
    const [user, groups, attributes] = Object.entries(queries).map(([name, text]) => ({
      name,
      text: text.replace(':userid', '$1'),
    })) as [pg.QueryConfig, pg.QueryConfig, pg.QueryConfig];
    return {
      async lookUp(userid) {
        const client = await pool.connect();
        try {
          const found = await client.query({ ...user, values: [userid] });
          if (found.rows.length !== 1) return 0;
          const memberships = await client.query<{ group_name: string }>({ ...groups, values: [userid] });
          const values = await client.query<{ name: string; value: string }>({ ...attributes, values: [userid] });
          const authorizations: Record<string, string[]> = {};
          for (const { name, value } of values.rows) {
            authorizations[name] ??= [];
            authorizations[name].push(value);
          }
          return memberships.rows.map(({ group_name }) => ({ name: group_name })).length;
        } finally {
          client.release();
        }
      },
      close: () => pool.end(),
    };
  },

  'bare pg, all in one statement': ({ host, port }) => {
    const pool = openPool(host, port);
    return {
      async lookUp(userid) {
        const { rows } = await pool.query<{ groups: string[] | null; attributes: Array<[string, string]> | null }>({
          name: 'everything',
          text: everything,
          values: [userid],
        });
        const [row] = rows;
        if (row === undefined) return 0;
        const authorizations: Record<string, string[]> = {};
        for (const [name, value] of row.attributes ?? []) {
          authorizations[name] ??= [];
          authorizations[name].push(value);
        }
        return (row.groups ?? []).map((name) => ({ name })).length;
      },
      close: () => pool.end(),
    };
  },
};

export async function run(args: string[]): Promise<void> {
  const options = { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' } } as const;
  const { values } = parseArgs({ args, options });
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const server = await startPostgres();
  try {
    await server.query('postgres', `CREATE DATABASE ${database}`);
    await server.query(database, tables);
    print(`${describeMachine()}; ${users} users, ${poolSize} connections, ${inFlight} lookups in flight`);
    const measured = new Map<string, Measurement[]>();
    for (let round = 1; round <= rounds; round++) {
      for (const [name, create] of Object.entries(variants)) {
        const measurement = await measure(await create(server), seconds);
        measured.set(name, [...(measured.get(name) ?? []), measurement]);
        print(`  round ${round}, ${name}: ${JSON.stringify(measurement)}`);
      }
    }
    const results: Results = Object.fromEntries(
      [...measured].map(([name, list]) => {
        const summaryOf = (key: keyof Measurement) => summarize(list.map((one) => one[key]));
        const rate = summaryOf('lookupsPerSecond');
        const row = {
          lookupsPerSecond: rate.median,
          ...spreadOf(rate),
          p50Ms: Number(summaryOf('p50Ms').median.toFixed(2)),
          p99Ms: Number(summaryOf('p99Ms').median.toFixed(2)),
        };
        return [name, row];
      }),
    );
    for (const [name, row] of Object.entries(results)) print(`${name}: ${JSON.stringify(row)}`);
    for (const peer of Object.keys(results).filter((name) => name !== 'ours')) {
      const ratio = (results.ours?.lookupsPerSecond ?? 0) / (results[peer]?.lookupsPerSecond ?? Number.NaN);
      print(`ours / ${peer}: ${ratio.toFixed(2)}`);
    }
    // The result of a quick run is not comparable.
    if (rounds >= 5) saveResult('sql', `npm run bench -- sql ${args.join(' ')}`.trim(), results, versionsOf('pg'));
  } finally {
    await server.stop();
  }
}

interface Measurement {
  readonly lookupsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const warmUpMs = 500;

async function measure({ lookUp, close }: Variant, seconds: number): Promise<Measurement> {
  const times: number[] = [];
  const from = performance.now() + warmUpMs;
  const until = from + seconds * 1000;
  let next = 0;
  const worker = async () => {
    for (let now = performance.now(); now < until; now = performance.now()) {
      const found = await lookUp(`user${(next++ % users) + 1}`);
      if (found !== groupsPerUser) throw new Error(`a lookup found ${found} groups instead of ${groupsPerUser}`);
      if (now >= from) times.push(performance.now() - now);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const measuredSeconds = (performance.now() - from) / 1000;
  await close();
  times.sort((a, b) => a - b);
  const at = (share: number) => Number((times[Math.floor(times.length * share)] ?? Number.NaN).toFixed(2));
  return { lookupsPerSecond: Math.round(times.length / measuredSeconds), p50Ms: at(0.5), p99Ms: at(0.99) };
}
