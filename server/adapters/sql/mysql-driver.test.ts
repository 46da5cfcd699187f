// Tests the sql adapter on a real MariaDB: snapshot, collations, limits, types, TLS, and what a broken server does to it.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { MysqlConfig, SqlSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../../schemas/secret.ts';
import { certificateFiles } from '../../../tests/certificate-files.ts';
import { createOpenedSources, failureOf, noAbort } from './testing/open-source.ts';
import { startSilentServer, startTunnel } from './testing/silent-server.ts';
import { createMariadbDatabase, fillDatabase, sharedMariadb, type TestDatabase } from './testing/sql-servers.ts';

const ada = { userid: 'ada', groups: ['analysts', 'finance'], authorizations: { region: ['emea'] } };
const adaInfo = { groups: [{ name: 'analysts' }, { name: 'finance' }], authorizations: { region: ['emea'] } };
const userOnly = { userQuery: 'SELECT login AS userid FROM users WHERE login = :userid' };

describe('sql on MariaDB', () => {
  const sources = createOpenedSources();
  let database: TestDatabase<MysqlConfig>;
  const open = (options: Partial<SqlSourceConfig> = {}, changed: Partial<MysqlConfig> = {}) =>
    sources.open({ ...database.connection, ...changed }, options);

  before(async () => {
    database = await createMariadbDatabase();
    await fillDatabase(database, [ada]);
  });
  afterEach(() => sources.closeAll());

  it('connects through the socket as well', async () => {
    const { socket } = await sharedMariadb();
    expect(await open({}, { host: socket }).findUser('ada', noAbort)).to.deep.equal(adaInfo);
  });

  it('sees one state of the data in all queries, although another transaction commits between them', async () => {
    const source = open({
      userQuery: 'SELECT login AS userid, SLEEP(0.4) AS slept FROM users WHERE login = :userid',
      groupsQuery: 'SELECT group_name FROM memberships WHERE login = :userid',
    });
    await source.findUser('nobody', noAbort);
    const asked = source.findUser('ada', noAbort);
    await delay(150);
    await database.run('DELETE FROM memberships');
    const found = await asked;
    await fillDatabase(database, [ada]);
    expect(found?.groups).to.deep.equal(adaInfo.groups);
  });

  it('answers nobody for another spelling that the collation takes for the same', async () => {
    await database.run(`CREATE TABLE loose (login VARCHAR(50) COLLATE utf8mb4_general_ci PRIMARY KEY) CHARACTER SET utf8mb4;
      INSERT INTO loose VALUES ('zoe')`);
    const source = open({ userQuery: 'SELECT login AS userid FROM loose WHERE login = :userid' });
    for (const spelling of ['ZOE', 'zoe ', 'zoë'])
      expect(await source.findUser(spelling, noAbort), spelling).to.equal(null);
    expect(await source.findUser('zoe', noAbort)).to.not.equal(null);
  });

  it('answers nobody for a text that a number column takes for the number', async () => {
    await database.run('CREATE TABLE numbered (id BIGINT PRIMARY KEY); INSERT INTO numbered VALUES (12)');
    const source = open({ userQuery: 'SELECT id AS userid FROM numbered WHERE id = :userid' });
    for (const text of ['12abc', '12.0', ' 12', '0012'])
      expect(await source.findUser(text, noAbort), text).to.equal(null);
    expect(await source.findUser('12', noAbort)).to.not.equal(null);
  });

  it('refuses memberships that a loose collation brings from another user', async () => {
    await database.run(`CREATE TABLE loose_members (login VARCHAR(50) COLLATE utf8mb4_general_ci, name VARCHAR(50));
      INSERT INTO loose_members VALUES ('ada', 'analysts'), ('Ada', 'administrators')`);
    const source = open({
      ...userOnly,
      groupsQuery: 'SELECT login AS userid, name FROM loose_members WHERE login = :userid',
    });
    expect((await failureOf(source.findUser('ada', noAbort))).message).to.include('a row of another userid');
  });

  it('tells how many connections are open, busy and waited for', async () => {
    const source = open(
      { userQuery: 'SELECT login AS userid, SLEEP(0.3) IS NULL FROM users WHERE login = :userid' },
      { poolSize: 1 },
    );
    await source.findUser('ada', noAbort);
    expect(source.pool?.()).to.deep.equal({ open: 1, busy: 0, waiting: 0 });
    const both = [source.findUser('ada', noAbort), source.findUser('ada', noAbort)];
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.pool?.()).to.deep.equal({ open: 1, busy: 1, waiting: 1 });
    await Promise.all(both);
    expect(source.pool?.()).to.deep.equal({ open: 1, busy: 0, waiting: 0 });
  });

  it('writes nothing, whatever the query calls', async () => {
    await database.run(`CREATE FUNCTION forget(login TEXT) RETURNS TEXT MODIFIES SQL DATA
      BEGIN DELETE FROM memberships; RETURN login; END`);
    const { database: name } = database.connection;
    await database.run(`GRANT EXECUTE ON ${name}.* TO user_info_reader`);
    const failure = await failureOf(open({ userQuery: 'SELECT forget(:userid) AS userid' }).findUser('ada', noAbort));
    expect(failure.message).to.include('ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION');
    expect(await open().findUser('ada', noAbort)).to.deep.equal(adaInfo);
  });

  it('ends a query after statementTimeoutMs as too slow, and goes on', async () => {
    const slow = `SELECT login AS userid, IF(login = 'ada', SLEEP(5), 0) AS slept FROM users WHERE login = :userid`;
    const source = open({ userQuery: slow, statementTimeoutMs: 100 }, { poolSize: 1 });
    const failure = await failureOf(source.findUser('ada', noAbort));
    expect(failure).to.include({ kind: 'too-slow' });
    expect(failure.message).to.include('statementTimeoutMs');
    expect(await source.findUser('nobody', noAbort)).to.equal(null);
  });

  it('waits for a free connection no longer than acquireTimeoutMs', async () => {
    const slow = 'SELECT login AS userid, SLEEP(0.6) AS slept FROM users WHERE login = :userid';
    const source = open({ userQuery: slow }, { poolSize: 1, acquireTimeoutMs: 100 });
    const first = source.findUser('ada', noAbort);
    await delay(50);
    expect(await failureOf(source.findUser('ada', noAbort))).to.include({ kind: 'too-slow' });
    expect(await first).to.not.equal(null);
    expect(await source.findUser('nobody', noAbort)).to.equal(null);
  });

  it('lets go of a look-up that is given up, and has a connection for the next', async () => {
    const slow = `SELECT login AS userid, IF(login = 'ada', SLEEP(3), 0) AS slept FROM users WHERE login = :userid`;
    const source = open({ userQuery: slow }, { poolSize: 1 });
    await source.findUser('nobody', noAbort);
    const controller = new AbortController();
    const asked = failureOf(source.findUser('ada', controller.signal));
    await delay(50);
    controller.abort();
    await asked;
    expect(await source.findUser('nobody', noAbort)).to.equal(null);
  });

  it('refuses more rows than maxRows, and takes exactly as many', async () => {
    expect(await open({ maxRows: 2 }).findUser('ada', noAbort)).to.deep.equal(adaInfo);
    const failure = await failureOf(open({ maxRows: 1 }).findUser('ada', noAbort));
    expect(failure.message).to.equal('groupsQuery returned more than maxRows (1) rows.');
  });

  const exact: Readonly<Record<string, string>> = {
    'CAST(18446744073709551615 AS UNSIGNED)': '18446744073709551615',
    'CAST(-7 AS SIGNED)': '-7',
    'CAST(12345678901234567890.10 AS DECIMAL(30, 2))': '12345678901234567890.10',
    TRUE: '1',
    "CAST('padded' AS CHAR(12))": 'padded',
    "' kept '": ' kept ',
    'flag + 0': '1',
    kind: 'happy',
    latin: 'zoë',
    'GROUP_CONCAT(long_text)': 'x'.repeat(5000),
  };
  const refused: Readonly<Record<string, string>> = {
    flag: 'is of the type bit; return a number: flag + 0',
    'NOW()': 'a date or time; these have many texts',
    CURRENT_DATE: 'a date or time',
    '0.5e0': 'double; return a decimal',
    "BINARY 'a'": 'is of bytes, which are no text',
    several: 'is of the type set',
  };

  describe('its types', () => {
    before(() =>
      database.run(`CREATE TABLE typed (flag BIT(1), kind ENUM('happy', 'sad'), latin VARCHAR(9) CHARACTER SET latin1,
        several SET('a', 'b'), long_text TEXT); INSERT INTO typed VALUES (1, 'happy', 'zoë', 'a,b', REPEAT('x', 5000))`),
    );

    for (const [expression, text] of Object.entries(exact)) {
      it(`${expression} is ${JSON.stringify(text.slice(0, 30))}`, async () => {
        const source = open({
          ...userOnly,
          groupsQuery: `SELECT ${expression} AS name FROM typed WHERE :userid <> ''`,
        });
        expect((await source.findUser('ada', noAbort))?.groups).to.deep.equal([{ name: text }]);
      });
    }

    for (const [expression, words] of Object.entries(refused)) {
      it(`${expression} is refused at the start`, async () => {
        const source = open({
          ...userOnly,
          groupsQuery: `SELECT ${expression} AS name FROM typed WHERE :userid <> ''`,
        });
        expect((await failureOf(source.check())).message).to.include(words);
      });
    }
  });

  for (const [title, options, code] of [
    [
      'a table that is not there',
      { userQuery: 'SELECT login AS userid FROM nowhere WHERE login = :userid' },
      'ER_NO_SUCH_TABLE',
    ],
    [
      'a column that is not there',
      { userQuery: 'SELECT nom AS userid FROM users WHERE login = :userid' },
      'ER_BAD_FIELD_ERROR',
    ],
    [
      'a syntax error',
      { userQuery: 'SELECT login AS userid FROM users WHERE WHERE login = :userid' },
      'ER_PARSE_ERROR',
    ],
    [
      'a table that the role may not read',
      { userQuery: 'SELECT User AS userid FROM mysql.user WHERE User = :userid' },
      'ER_TABLEACCESS_DENIED_ERROR',
    ],
  ] as const) {
    it(`finds ${title} at the start`, async () => {
      const failure = await failureOf(open(options).check());
      expect(failure.kind).to.equal('bad-answer');
      expect(failure.message).to.include(code);
    });
  }

  describe('its TLS', () => {
    const connectionOf = async () => ({
      host: 'localhost',
      tls: { ca: (await certificateFiles()).listenerTls.clientCa },
    });

    it('verifies the certificate and the name', async () => {
      expect(await open({}, await connectionOf()).findUser('ada', noAbort)).to.deep.equal(adaInfo);
    });

    it('takes the name of the certificate where the host is an address', async () => {
      const { tls } = await connectionOf();
      const named = open({}, { tls: { ...tls, serverName: 'localhost' } });
      expect(await named.findUser('ada', noAbort)).to.deep.equal(adaInfo);
      expect(() => open({}, { tls })).to.throw('needs the server');
    });

    it('refuses a certificate of another CA, and of another name', async () => {
      const { host, tls } = await connectionOf();
      for (const wrong of [{ ca: [] }, { ...tls, serverName: 'db.example.com' }]) {
        const failure = await failureOf(open({}, { host, tls: wrong }).check());
        expect(failure.kind).to.equal('unavailable');
        expect(failure.message).to.include('TLS failed');
      }
    });
  });

  it('is refused with a wrong password, which no message shows', async () => {
    const failure = await failureOf(open({}, { password: new Secret('wrong-password') }).check());
    expect(failure.kind).to.equal('unavailable');
    expect(failure.message).to.include('ER_ACCESS_DENIED_ERROR').and.not.include('wrong-password');
  });

  it('gives up on a server that takes the connection and says nothing, and closes', async () => {
    const silent = await startSilentServer();
    const source = open({}, { port: silent.port, acquireTimeoutMs: 100 });
    expect(await failureOf(source.findUser('ada', noAbort))).to.include({ kind: 'too-slow' });
    await source.close();
    await delay(20);
    expect(silent.connections()).to.equal(0);
    await silent.close();
  });

  it('gives up on a connection that falls silent in the middle', async () => {
    const tunnel = await startTunnel(database.connection.port);
    const source = open({ statementTimeoutMs: 100 }, { port: tunnel.port });
    await source.findUser('ada', noAbort);
    tunnel.freeze();
    expect(await failureOf(source.findUser('ada', noAbort))).to.include({ kind: 'too-slow' });
    await source.close();
    await delay(20);
    expect(tunnel.connections()).to.equal(0);
    await tunnel.close();
  });

  it('survives connections that are cut, idle and busy', async () => {
    const tunnel = await startTunnel(database.connection.port);
    const slow = { userQuery: 'SELECT login AS userid, SLEEP(0.2) AS slept FROM users WHERE login = :userid' };
    const source = open(slow, { port: tunnel.port });
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
    const server = await sharedMariadb();
    const source = open();
    expect(await source.findUser('ada', noAbort)).to.deep.equal(adaInfo);
    await server.halt();
    expect(await failureOf(source.findUser('ada', noAbort))).to.include({ kind: 'unavailable' });
    await server.resume();
    expect(await source.findUser('ada', noAbort)).to.deep.equal(adaInfo);
  });
});
