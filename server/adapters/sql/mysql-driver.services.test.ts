// Tests the sql adapter on a real MariaDB and a real MySQL: collations, types, TLS.
import { expect } from 'chai';
import type { MysqlConfig, SqlSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { certificateFiles } from '../../../tests/certificate-files.ts';
import { createOpenedSources, failureOf, noAbort } from './testing/open-source.ts';
import { createMysqlDatabase, fillDatabase, sharedMysql, type TestDatabase } from './testing/sql-servers.ts';

const ada = { userid: 'ada', groups: ['analysts', 'finance'], authorizations: { region: ['emea'] } };
const adaInfo = { groups: [{ name: 'analysts' }, { name: 'finance' }], authorizations: { region: ['emea'] } };
const userOnly = { userQuery: 'SELECT login AS userid FROM users WHERE login = :userid' };

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
  'NOW()': 'date or time; it has several text forms',
  CURRENT_DATE: 'date or time',
  '0.5e0': 'double; return a decimal',
  "BINARY 'a'": 'is binary; return text',
  several: 'is of the type set',
};

for (const product of ['MariaDB', 'MySQL'] as const) {
  describe(`sql on ${product}`, () => {
    const sources = createOpenedSources();
    let database: TestDatabase<MysqlConfig>;
    const open = (options: Partial<SqlSourceConfig> = {}, changed: Partial<MysqlConfig> = {}) =>
      sources.open({ ...database.connection, ...changed }, options);

    before(async () => {
      database = await createMysqlDatabase(product);
      await fillDatabase(database, [ada]);
    });
    afterEach(() => sources.closeAll());

    it('connects through the socket, too', async () => {
      const { socket } = await sharedMysql(product);
      expect(await (await open({}, { host: socket })).findUser('ada', noAbort)).to.deep.equal(adaInfo);
    });

    it('returns no user for another spelling that the collation treats as equal', async () => {
      await database.run(`CREATE TABLE loose (login VARCHAR(50) COLLATE utf8mb4_general_ci PRIMARY KEY) CHARACTER SET utf8mb4;
      INSERT INTO loose VALUES ('zoe')`);
      const source = await open({ userQuery: 'SELECT login AS userid FROM loose WHERE login = :userid' });
      for (const spelling of ['ZOE', 'zoe ', 'zoë'])
        expect(await source.findUser(spelling, noAbort), spelling).to.equal(null);
      expect(await source.findUser('zoe', noAbort)).to.not.equal(null);
    });

    it('fails for a text that a number column converts to the number of another user', async () => {
      await database.run('CREATE TABLE numbered (id BIGINT PRIMARY KEY); INSERT INTO numbered VALUES (12)');
      const source = await open({ userQuery: 'SELECT id AS userid FROM numbered WHERE id = :userid' });
      for (const text of ['12abc', '12.0', '0012']) {
        expect((await failureOf(source.findUser(text, noAbort))).message, text).to.include(
          'is not the requested userid',
        );
      }
      expect(await source.findUser(' 12', noAbort)).to.equal(null);
      expect(await source.findUser('12', noAbort)).to.not.equal(null);
    });

    it('rejects memberships of another user that a loose collation returns', async () => {
      await database.run(`CREATE TABLE loose_members (login VARCHAR(50) COLLATE utf8mb4_general_ci, name VARCHAR(50));
      INSERT INTO loose_members VALUES ('ada', 'analysts'), ('Ada', 'administrators')`);
      const source = await open({
        ...userOnly,
        groupsQuery: 'SELECT login AS userid, name FROM loose_members WHERE login = :userid',
      });
      expect((await failureOf(source.findUser('ada', noAbort))).message).to.include('a row with a different userid');
    });

    it('cannot write, whatever functions the query calls', async () => {
      await database.run(`CREATE FUNCTION forget(login TEXT) RETURNS TEXT MODIFIES SQL DATA
      BEGIN DELETE FROM memberships; RETURN login; END`);
      const { database: name } = database.connection;
      await database.run(`GRANT EXECUTE ON ${name}.* TO user_info_reader`);
      const failure = await failureOf(
        (await open({ userQuery: 'SELECT forget(:userid) AS userid' })).findUser('ada', noAbort),
      );
      expect(failure.message).to.include('ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION');
      expect(await (await open()).findUser('ada', noAbort)).to.deep.equal(adaInfo);
    });

    describe('its types', () => {
      before(() =>
        database.run(`CREATE TABLE typed (flag BIT(1), kind ENUM('happy', 'sad'), latin VARCHAR(9) CHARACTER SET latin1,
        several SET('a', 'b'), long_text TEXT); INSERT INTO typed VALUES (1, 'happy', 'zoë', 'a,b', REPEAT('x', 5000))`),
      );

      for (const [expression, text] of Object.entries(exact)) {
        it(`${expression} is ${JSON.stringify(text.slice(0, 30))}`, async () => {
          const source = await open({
            ...userOnly,
            groupsQuery: `SELECT ${expression} AS name FROM typed WHERE :userid <> ''`,
          });
          expect((await source.findUser('ada', noAbort))?.groups).to.deep.equal([{ name: text }]);
        });
      }

      for (const [expression, words] of Object.entries(refused)) {
        it(`rejects ${expression} at startup`, async () => {
          const source = await open({
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
      it(`detects ${title} at startup`, async () => {
        const failure = await failureOf((await open(options)).check());
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
        expect(await (await open({}, await connectionOf())).findUser('ada', noAbort)).to.deep.equal(adaInfo);
      });

      it('requires the name of the server where the host is an address', async () => {
        const { tls } = await connectionOf();
        const named = await open({}, { tls: { ...tls, serverName: 'localhost' } });
        expect(await named.findUser('ada', noAbort)).to.deep.equal(adaInfo);
        expect((await failureOf(open({}, { tls }))).message).to.include('needs the server');
      });

      it('rejects a certificate from another CA, and one for another name', async () => {
        const { host, tls } = await connectionOf();
        for (const wrong of [{ ca: [] }, { ...tls, serverName: 'db.example.com' }]) {
          const failure = await failureOf((await open({}, { host, tls: wrong })).check());
          expect(failure.kind).to.equal('unavailable');
          expect(failure.message).to.include('TLS failed');
        }
      });
    });
  });
}
