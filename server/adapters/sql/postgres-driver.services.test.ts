// Tests the sql adapter on a real PostgreSQL: round trips, locks, types, TLS.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { PostgresqlConfig, SqlSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../../schemas/secret.ts';
import { certificateFiles, scratchDirectory } from '../../../tests/certificate-files.ts';
import { createOpenedSources, failureOf, noAbort } from './testing/open-source.ts';
import { startTunnel } from './testing/silent-server.ts';
import { createPostgresDatabase, fillDatabase, sharedPostgres, type TestDatabase } from './testing/sql-servers.ts';

const ada = { userid: 'ada', groups: ['analysts', 'finance'], authorizations: { region: ['emea'] } };
const adaInfo = { groups: [{ name: 'analysts' }, { name: 'finance' }], authorizations: { region: ['emea'] } };
const userOnly = { userQuery: 'SELECT login AS userid FROM users WHERE login = :userid' };

describe('sql on PostgreSQL', () => {
  const sources = createOpenedSources();
  let database: TestDatabase<PostgresqlConfig>;
  const open = (options: Partial<SqlSourceConfig> = {}, changed: Partial<PostgresqlConfig> = {}) =>
    sources.open({ ...database.connection, ...changed }, options);

  before(async () => {
    database = await createPostgresDatabase();
    await fillDatabase(database, [ada]);
    const { query } = await sharedPostgres();
    await query(database.connection.database, "CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('happy')");
  });
  afterEach(() => sources.closeAll());

  it('performs a lookup in one round trip, once a connection exists', async () => {
    const tunnel = await startTunnel(database.connection.port);
    const source = await open({}, { port: tunnel.port, poolSize: 1 });
    await source.findUser('ada', noAbort);
    const before = tunnel.roundTrips();
    for (let look = 0; look < 5; look++) expect(await source.findUser('ada', noAbort)).to.deep.equal(adaInfo);
    expect(tunnel.roundTrips() - before).to.equal(5);
    await sources.closeAll();
    await tunnel.close();
  });

  it('cannot write, whatever the query calls', async () => {
    await database.run(`CREATE OR REPLACE FUNCTION forget(login text) RETURNS text LANGUAGE sql SECURITY DEFINER
      AS 'DELETE FROM memberships; SELECT login'`);
    const source = await open({ userQuery: 'SELECT forget(:userid) AS userid' });
    const failure = await failureOf(source.findUser('ada', noAbort));
    expect(failure).to.include({ kind: 'bad-answer' });
    expect(failure.message).to.include('25006').and.include('read-only');
    expect(await (await open()).findUser('ada', noAbort)).to.deep.equal(adaInfo);
  });

  it('waits at most lockTimeoutMs for a lock', async () => {
    const server = await sharedPostgres();
    const locked = server.query(
      database.connection.database,
      'BEGIN; LOCK TABLE memberships IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0.6); COMMIT',
    );
    await delay(100);
    const failure = await failureOf((await open({ lockTimeoutMs: 50 })).findUser('ada', noAbort));
    await locked;
    expect(failure).to.include({ kind: 'too-slow' });
    expect(failure.message).to.include('55P03').and.include('lockTimeoutMs');
  });

  const exact: Readonly<Record<string, string>> = {
    "'9007199254740993'::bigint": '9007199254740993',
    '(-7)::smallint': '-7',
    "'12345678901234567890.10'::numeric": '12345678901234567890.10',
    true: 'true',
    "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid": 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    "'padded'::char(12)": 'padded',
    "' kept '::text": ' kept ',
    "'happy'::mood": 'happy',
    "'MiXed'::citext": 'MiXed',
    "'a_name'::name": 'a_name',
  };
  const refused: Readonly<Record<string, string>> = {
    'now()': 'timestamptz; dates and times have several text forms',
    current_date: 'date; dates and times',
    "'1 day'::interval": 'interval; dates and times',
    '0.5::float8': 'float8; return numeric',
    "'\\x00'::bytea": 'bytea; the column is binary',
    "ARRAY['a']": '_text; return a row for each entry',
    "'{}'::jsonb": 'jsonb; return text',
  };

  describe('its types', () => {
    for (const [expression, text] of Object.entries(exact)) {
      it(`${expression} is ${JSON.stringify(text)}`, async () => {
        const source = await open({ ...userOnly, groupsQuery: `SELECT ${expression} AS name WHERE :userid <> ''` });
        expect((await source.findUser('ada', noAbort))?.groups).to.deep.equal([{ name: text }]);
      });
    }

    for (const [expression, words] of Object.entries(refused)) {
      it(`${expression} is rejected at the start`, async () => {
        const source = await open({ ...userOnly, groupsQuery: `SELECT ${expression} AS name WHERE :userid <> ''` });
        expect((await failureOf(source.check())).message).to.include(`the type ${words}`);
      });
    }
  });

  it('compares as text where the column would ignore letter case', async () => {
    await database.run(
      "CREATE TABLE loose (login citext PRIMARY KEY); INSERT INTO loose VALUES ('Ada'); GRANT SELECT ON loose TO user_info_reader",
    );
    const source = await open({ userQuery: 'SELECT login AS userid FROM loose WHERE login = :userid' });
    expect(await source.findUser('ada', noAbort)).to.equal(null);
    expect(await source.findUser('Ada', noAbort)).to.not.equal(null);
  });

  it('reports once that a loose comparison found another spelling, and returns no user', async () => {
    const warnings: string[] = [];
    const log = { info() {}, error() {}, warn: (_details: object, message: string) => void warnings.push(message) };
    const userQuery = 'SELECT login AS userid FROM users WHERE lower(login) = lower(:userid)';
    const source = await sources.open(database.connection, { userQuery }, log);
    expect(await source.findUser('ADA', noAbort)).to.equal(null);
    expect(await source.findUser('aDa', noAbort)).to.equal(null);
    expect(warnings).to.have.lengthOf(1);
    expect(warnings[0]).to.include('caseInsensitive').and.not.include('ADA');
    const loose = await open({ userQuery, caseInsensitive: true });
    expect(await loose.findUser('ADA', noAbort)).to.not.equal(null);
  });

  for (const [title, options, code] of [
    ['a missing table', { userQuery: 'SELECT login AS userid FROM nowhere WHERE login = :userid' }, '42P01'],
    ['a missing column', { userQuery: 'SELECT name AS userid FROM users WHERE login = :userid' }, '42703'],
    ['a type that does not fit', { userQuery: 'SELECT login AS userid FROM users WHERE disabled = :userid' }, '42883'],
    [
      'a table that the role may not read',
      { userQuery: 'SELECT rolname AS userid FROM pg_authid WHERE rolname = :userid' },
      '42501',
    ],
  ] as const) {
    it(`finds ${title} at the start`, async () => {
      const failure = await failureOf((await open(options)).check());
      expect(failure.kind).to.equal('bad-answer');
      expect(failure.message).to.include(code);
    });
  }

  it('shows no user data in a message, although the message of the database does', async () => {
    await database.run(`CREATE OR REPLACE FUNCTION blame(login text) RETURNS text LANGUAGE plpgsql
      AS 'BEGIN RAISE EXCEPTION ''no % here'', login; END'`);
    const failure = await failureOf(
      (await open({ userQuery: 'SELECT blame(:userid) AS userid' })).findUser('secret-name', noAbort),
    );
    expect(failure.message).to.include('P0001').and.not.include('secret-name');
    expect(failure.cause).to.equal(undefined);
  });

  it('prepares the statement again after a lookup fails because a table changed', async () => {
    await database.run(
      "CREATE TABLE changing (name varchar(20)); INSERT INTO changing VALUES ('a'); GRANT SELECT ON changing TO user_info_reader",
    );
    const source = await open(
      { ...userOnly, groupsQuery: "SELECT name FROM changing WHERE :userid <> ''" },
      { poolSize: 1 },
    );
    expect((await source.findUser('ada', noAbort))?.groups).to.deep.equal([{ name: 'a' }]);
    await database.run('ALTER TABLE changing ALTER name TYPE numeric USING 1');
    expect(await failureOf(source.findUser('ada', noAbort))).to.include({ kind: 'unavailable' });
    expect((await source.findUser('ada', noAbort))?.groups).to.deep.equal([{ name: '1' }]);
  });

  it('rejects a database with an unknown encoding', async () => {
    const server = await sharedPostgres();
    const options = "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
    await server.query('postgres', `CREATE DATABASE no_encoding ${options}`);
    await server.query('no_encoding', 'CREATE TABLE users (login text); GRANT SELECT ON users TO user_info_reader');
    const failure = await failureOf((await open(userOnly, { database: 'no_encoding' })).check());
    expect(failure.message).to.include('SQL_ASCII');
  });

  describe('its TLS', () => {
    const host = 'localhost';
    const tlsOf = async (): Promise<{ tls: { ca: string[] } }> => {
      const { listenerTls } = await certificateFiles();
      return { tls: { ca: listenerTls.clientCa } };
    };

    it('verifies the certificate and the name', async () => {
      const source = await open({}, { host, ...(await tlsOf()) });
      expect(await source.findUser('ada', noAbort)).to.deep.equal(adaInfo);
    });

    it('verifies an address as well', async () => {
      const source = await open({}, await tlsOf());
      expect(await source.findUser('ada', noAbort)).to.deep.equal(adaInfo);
    });

    it('rejects a certificate from another CA', async () => {
      const failure = await failureOf((await open({}, { host, tls: { ca: [] } })).check());
      expect(failure.kind).to.equal('unavailable');
      expect(failure.message).to.include('TLS failed');
    });

    it('rejects a certificate for another name', async () => {
      const { tls } = await tlsOf();
      const failure = await failureOf(
        (await open({}, { host, tls: { ...tls, serverName: 'db.example.com' } })).check(),
      );
      expect(failure.message).to.include('ERR_TLS_CERT_ALTNAME_INVALID');
    });

    it('presents the client certificate where the database requires one', async () => {
      const { good, listenerTls } = await certificateFiles();
      const server = await sharedPostgres();
      const password = 'a password';
      await server.query(
        database.connection.database,
        `CREATE ROLE with_certificate LOGIN PASSWORD '${password}' IN ROLE user_info_reader`,
      );
      const login = { host, user: 'with_certificate', password: new Secret(password) };
      const ca = listenerTls.clientCa;
      expect(
        await (await open({}, { ...login, tls: { ca, ...writeClientFiles(good.client) } })).findUser('ada', noAbort),
      ).to.deep.equal(adaInfo);
      expect(await failureOf((await open({}, { ...login, tls: { ca } })).check())).to.include({ kind: 'unavailable' });
    });
  });
});

function writeClientFiles(client: { readonly certificate: string; readonly key: string }) {
  const directory = scratchDirectory();
  const [certificate, key] = [join(directory, 'client.pem'), join(directory, 'client-key.pem')];
  writeFileSync(certificate, client.certificate);
  writeFileSync(key, client.key, { mode: 0o600 });
  return { certificate, key };
}
