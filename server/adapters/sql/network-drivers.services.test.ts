// Tests the sql adapter on each network database: snapshot, limits, and the effects of a failing server.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type {
  MysqlConfig,
  PostgresqlConfig,
  SqlSourceConfig,
} from '../../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../../schemas/secret.ts';
import type { MysqlProduct } from '../../../tests/services/mysql.ts';
import { createOpenedSources, failureOf, noAbort } from './testing/open-source.ts';
import { startSilentServer, startTunnel } from './testing/silent-server.ts';
import {
  createMysqlDatabase,
  createPostgresDatabase,
  fillDatabase,
  sharedMysql,
  sharedPostgres,
  type TestDatabase,
} from './testing/sql-servers.ts';

type NetworkConfig = MysqlConfig | PostgresqlConfig;

interface System {
  create(): Promise<TestDatabase<NetworkConfig>>;
  server(): Promise<{ halt(): Promise<void>; resume(): Promise<void> }>;
  /** Returns an expression that takes `seconds` and is never NULL. */
  sleep(seconds: number): string;
  /** Returns an expression that takes `seconds` only for the row of `ada`, and is never NULL. */
  sleepForAda(seconds: number): string;
  /** An expression that keeps the database busy for many seconds, only for the row of `ada`: MySQL ends a sleep early without an error. */
  readonly workForAda: string;
  /** Messages for a terminated statement and for a refused login. */
  readonly words: { readonly ended: RegExp; readonly login: string };
}

const systems: Readonly<Record<string, System>> = {
  PostgreSQL: {
    create: createPostgresDatabase,
    server: sharedPostgres,
    sleep: (seconds) => `pg_sleep(${seconds}) IS NULL`,
    sleepForAda: (seconds) => `pg_sleep(CASE login WHEN 'ada' THEN ${seconds} ELSE 0 END) IS NULL`,
    workForAda: `pg_sleep(CASE login WHEN 'ada' THEN 30 ELSE 0 END) IS NULL`,
    words: { ended: /userQuery.*57014/, login: '28P01' },
  },
  MariaDB: mysqlSystem('MariaDB'),
  MySQL: mysqlSystem('MySQL'),
};

function mysqlSystem(product: MysqlProduct): System {
  return {
    create: () => createMysqlDatabase(product),
    server: () => sharedMysql(product),
    sleep: (seconds) => `SLEEP(${seconds})`,
    sleepForAda: (seconds) => `IF(login = 'ada', SLEEP(${seconds}), 0)`,
    workForAda: `IF(login = 'ada', (SELECT COUNT(*) FROM ${['a', 'b', 'c', 'd', 'e']
      .map((name) => `information_schema.collations ${name}`)
      .join()} WHERE CONCAT(a.id, b.id, c.id, d.id, e.id) <> login), 0)`,
    words: { ended: /statementTimeoutMs/, login: 'ER_ACCESS_DENIED_ERROR' },
  };
}

const ada = { userid: 'ada', groups: ['analysts', 'finance'], authorizations: { region: ['emea'] } };
const adaInfo = { groups: [{ name: 'analysts' }, { name: 'finance' }], authorizations: { region: ['emea'] } };

for (const [name, { create, server, sleep, sleepForAda, workForAda, words }] of Object.entries(systems)) {
  describe(`sql over a network: ${name}`, () => {
    const sources = createOpenedSources();
    let database: TestDatabase<NetworkConfig>;
    const open = (
      options: Partial<SqlSourceConfig> = {},
      changed: Partial<Pick<NetworkConfig, 'port' | 'poolSize' | 'acquireTimeoutMs' | 'password'>> = {},
    ) => sources.open({ ...database.connection, ...changed }, options);
    const asking = (expression: string) => ({
      userQuery: `SELECT login AS userid, ${expression} AS slept FROM users WHERE login = :userid`,
    });

    before(async () => {
      database = await create();
      await fillDatabase(database, [ada]);
    });
    afterEach(() => sources.closeAll());

    it('sees one state of the data in all queries, although another transaction commits between them', async () => {
      const groupsQuery = 'SELECT group_name FROM memberships WHERE login = :userid';
      const source = await open({ ...asking(sleep(0.4)), groupsQuery });
      await source.findUser('nobody', noAbort);
      const asked = source.findUser('ada', noAbort);
      await delay(150);
      await database.run('DELETE FROM memberships');
      const found = await asked;
      await fillDatabase(database, [ada]);
      expect(found?.groups).to.deep.equal(adaInfo.groups);
    });

    it('reports how many connections are open and busy, and how many lookups wait for one', async () => {
      const source = await open(asking(sleep(0.3)), { poolSize: 1 });
      await source.findUser('ada', noAbort);
      expect(source.pool?.()).to.deep.equal({ open: 1, busy: 0, waiting: 0 });
      const both = [source.findUser('ada', noAbort), source.findUser('ada', noAbort)];
      await new Promise((resolve) => setImmediate(resolve));
      expect(source.pool?.()).to.deep.equal({ open: 1, busy: 1, waiting: 1 });
      await Promise.all(both);
      expect(source.pool?.()).to.deep.equal({ open: 1, busy: 0, waiting: 0 });
    });

    it('stops a query as too slow after statementTimeoutMs, and recovers', async () => {
      const source = await open({ ...asking(workForAda), statementTimeoutMs: 100 }, { poolSize: 1 });
      const failure = await failureOf(source.findUser('ada', noAbort));
      expect(failure).to.include({ kind: 'too-slow' });
      expect(failure.message).to.match(words.ended);
      expect(await source.findUser('nobody', noAbort)).to.equal(null);
    });

    it('waits at most acquireTimeoutMs for a free connection', async () => {
      const source = await open(asking(sleepForAda(2)), { poolSize: 1, acquireTimeoutMs: 500 });
      // Connects in advance, so that only the second lookup of `ada` has to wait.
      await source.findUser('nobody', noAbort);
      const first = source.findUser('ada', noAbort);
      await delay(50);
      expect(await failureOf(source.findUser('ada', noAbort))).to.include({ kind: 'too-slow' });
      expect(await first).to.not.equal(null);
      expect(await source.findUser('nobody', noAbort)).to.equal(null);
    });

    it('releases the connection of a cancelled lookup for the next one', async () => {
      // The sleep is longer than a test may take: the next lookup would have to wait for it.
      const source = await open({ ...asking(sleepForAda(60)), statementTimeoutMs: 60_000 }, { poolSize: 1 });
      await source.findUser('nobody', noAbort);
      const controller = new AbortController();
      const asked = failureOf(source.findUser('ada', controller.signal));
      await delay(50);
      controller.abort();
      await asked;
      expect(await source.findUser('nobody', noAbort)).to.equal(null);
    });

    it('rejects more rows than maxRows, and accepts exactly as many', async () => {
      expect(await (await open({ maxRows: 2 })).findUser('ada', noAbort)).to.deep.equal(adaInfo);
      const failure = await failureOf((await open({ maxRows: 1 })).findUser('ada', noAbort));
      expect(failure.message).to.equal('groupsQuery returned more than maxRows (1) rows.');
      expect(failure.kind).to.equal('bad-answer');
    });

    it('is rejected with a wrong password, and no message shows the password', async () => {
      const failure = await failureOf((await open({}, { password: new Secret('wrong-password') })).check());
      expect(failure.kind).to.equal('unavailable');
      expect(failure.message).to.include(words.login).and.not.include('wrong-password');
    });

    it('closes a connection to a server that accepts it and sends nothing', async () => {
      const silent = await startSilentServer();
      const source = await open({}, { port: silent.port, acquireTimeoutMs: 100 });
      expect(await failureOf(source.findUser('ada', noAbort))).to.include({ kind: 'too-slow' });
      await source.close();
      await delay(20);
      expect(silent.connections()).to.equal(0);
      await silent.close();
    });

    it('closes a connection on which the server stops sending', async () => {
      const tunnel = await startTunnel(database.connection.port);
      const source = await open({ statementTimeoutMs: 100 }, { port: tunnel.port });
      await source.findUser('ada', noAbort);
      tunnel.freeze();
      expect(await failureOf(source.findUser('ada', noAbort))).to.include({ kind: 'too-slow' });
      await source.close();
      await delay(20);
      expect(tunnel.connections()).to.equal(0);
      await tunnel.close();
    });

    it('survives the loss of idle and busy connections', async () => {
      const tunnel = await startTunnel(database.connection.port);
      const source = await open(asking(sleep(0.2)), { port: tunnel.port });
      expect(await source.findUser('ada', noAbort)).to.not.equal(null);
      tunnel.cut();
      await delay(20);
      const asked = failureOf(source.findUser('ada', noAbort));
      await delay(100);
      tunnel.cut();
      expect(await asked).to.include({ kind: 'unavailable' });
      expect(await source.findUser('ada', noAbort)).to.not.equal(null);
      await sources.closeAll();
      await tunnel.close();
    });

    it('survives a restart of the server', async () => {
      const source = await open();
      expect(await source.findUser('ada', noAbort)).to.deep.equal(adaInfo);
      await (await server()).halt();
      expect(await failureOf(source.findUser('ada', noAbort))).to.include({ kind: 'unavailable' });
      expect(await failureOf(source.check())).to.include({ kind: 'unavailable' });
      await (await server()).resume();
      expect(await source.findUser('ada', noAbort)).to.deep.equal(adaInfo);
    });
  });
}
