// Tests of the diagnosis of `sql` against a real PostgreSQL, a real MariaDB and SQLite files, working and broken.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import sqlite from 'node-sqlite3-wasm';
import type { MysqlConfig, PostgresqlConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { certificateFiles, scratchDirectory } from '../../../tests/certificate-files.ts';
import { findFreePort } from '../../../tests/services/service-process.ts';
import { diagnose, linesOf, secretReference } from '../../doctor/testing/diagnose.ts';
import {
  createMysqlDatabase,
  createPostgresDatabase,
  sharedPostgres,
  type TestDatabase,
} from './testing/sql-servers.ts';

const ada = 'ada.lovelace@example.com';
const queries = {
  userQuery: 'SELECT login AS userid, disabled FROM users WHERE login = :userid',
  groupsQuery: 'SELECT login AS userid, group_name FROM memberships WHERE login = :userid',
  disabledColumn: 'disabled',
};
const subjectsOf = (lines: readonly string[]) => lines.map((line) => line.split(': ')[1]);

describe('the diagnosis of sql', () => {
  describe('over PostgreSQL', () => {
    let database: TestDatabase<PostgresqlConfig>;
    let ca: string;

    before(async () => {
      database = await createPostgresDatabase();
      ca = (await certificateFiles()).listenerTls.clientCa[0] ?? '';
    });

    function diagnosePostgres(given: object = {}, more: object = {}, secret?: string) {
      const { host, port, database: name, user, password } = database.connection;
      const connection = {
        system: 'postgresql',
        host,
        port,
        database: name,
        user,
        password: secretReference,
        tls: { ca: [ca] },
      };
      const source = { type: 'sql', connection: { ...connection, ...given }, ...queries, ...more };
      return diagnose(source, ada, secret ?? password?.reveal());
    }

    it('reports that everything works, and shows neither the secret nor the user', async () => {
      const lines = await diagnosePostgres();
      expect(subjectsOf(lines)).to.deep.equal([
        ...['works DNS', 'works TCP', 'works TLS', 'works login', 'works clock', 'works rights', 'works source'],
        'works user',
      ]);
      expect(linesOf(lines, 'user')[0]).to.include('2 groups');
      expect(lines.join('\n')).not.to.match(/\bada\b|reader of the tests|analysts/);
    });

    it('warns about a role that may write, and about a superuser', async () => {
      await database.run('GRANT INSERT ON memberships TO user_info_reader');
      const lines = await diagnosePostgres();
      expect(linesOf(lines, 'rights')[0]).to.match(/doubtful rights: the role can modify 1 table → .* SELECT/);
      await database.run('REVOKE INSERT ON memberships FROM user_info_reader');
      const { adminPassword } = await sharedPostgres();
      expect(linesOf(await diagnosePostgres({ user: 'admin' }, {}, adminPassword), 'rights')[0]).to.include(
        'superuser',
      );
    });

    it('reports that the role may not read a table, and suggests the fix', async () => {
      await database.run('REVOKE SELECT ON memberships FROM user_info_reader');
      const lines = await diagnosePostgres();
      await database.run('GRANT SELECT ON memberships TO user_info_reader');
      expect(lines.at(-1)).to.match(/fails source: .*42501.*GRANT SELECT/);
    });

    it('finds the socket in its directory', async () => {
      const { query } = await sharedPostgres();
      const [row] = await query<{ directory: string }>(
        'postgres',
        "SELECT current_setting('unix_socket_directories') AS directory",
      );
      const lines = await diagnosePostgres({ host: row?.directory, tls: undefined });
      expect(linesOf(lines, 'TCP')[0]).to.match(/works TCP: \/.*\.s\.PGSQL\.\d+ accepts connections/);
      expect(linesOf(lines, 'user')[0]).to.include('2 groups');
    });

    it('reports that the login is rejected', async () => {
      const lines = await diagnosePostgres({}, {}, 'a wrong password');
      expect(lines.at(-1)).to.match(/fails login: .*28P01.* → compare connection\.user/);
      expect(lines.join('\n')).not.to.include('a wrong password');
    });

    it('reports that the certificate is from an unknown CA, before the password is sent', async () => {
      const lines = await diagnosePostgres({ tls: {} });
      expect(lines.at(-1)).to.match(/fails TLS: .* → add the issuing CA to source\.connection\.tls\.ca/);
    });

    it('reports that nothing listens', async () => {
      expect((await diagnosePostgres({ port: await findFreePort() })).at(-1)).to.match(/fails TCP: .*ECONNREFUSED/);
    });
  });

  describe('over MariaDB', () => {
    let database: TestDatabase<MysqlConfig>;
    let ca: string;

    before(async () => {
      database = await createMysqlDatabase('MariaDB');
      ca = (await certificateFiles()).listenerTls.clientCa[0] ?? '';
    });

    function diagnoseMariadb(given: object = {}, secret?: string) {
      const { host, port, database: name, user, password } = database.connection;
      const own = { system: 'mysql', host, port, database: name, user, password: secretReference };
      const connection = { ...own, tls: { ca: [ca], serverName: 'localhost' }, ...given };
      return diagnose({ type: 'sql', connection, ...queries }, ada, secret ?? password?.reveal());
    }

    it('reports that nothing listens at a socket, without a port', async () => {
      const lines = await diagnoseMariadb({ host: '/nowhere/mysqld.sock', tls: undefined });
      expect(lines.at(-1)).to.match(
        /fails TCP: \/nowhere\/mysqld\.sock does not accept connections .*→ .*its socket has this path/,
      );
    });

    it('reports that everything works, and shows neither the secret nor the user', async () => {
      const lines = await diagnoseMariadb();
      expect(subjectsOf(lines)).to.deep.equal([
        ...['works DNS', 'works TCP', 'works TLS', 'works login', 'works clock', 'works snapshot', 'works rights'],
        ...['works source', 'works user'],
      ]);
      expect(linesOf(lines, 'user')[0]).to.include('2 groups');
      expect(lines.join('\n')).not.to.match(/\bada\b|reader of the tests|analysts/);
    });

    it('warns about an account that may do more than read, directly or by a role', async () => {
      const { database: name } = database.connection;
      await database.run(`GRANT INSERT, UPDATE (group_name) ON ${name}.memberships TO user_info_reader`);
      const [line] = linesOf(await diagnoseMariadb(), 'rights');
      await database.run(`REVOKE INSERT, UPDATE (group_name) ON ${name}.memberships FROM user_info_reader`);
      expect(line).to.match(
        /doubtful rights: the account has privileges other than read access: INSERT, UPDATE → .* SELECT/,
      );
      await database.run(`CREATE ROLE writers; GRANT DELETE ON ${name}.* TO writers; GRANT writers TO user_info_reader;
        SET DEFAULT ROLE writers FOR user_info_reader`);
      const [byRole] = linesOf(await diagnoseMariadb(), 'rights');
      await database.run('DROP ROLE writers');
      expect(byRole).to.include('privileges other than read access: DELETE');
    });

    it('warns about a table that does not support transactions, because it has no snapshots', async () => {
      await database.run('CREATE TABLE notes (text varchar(10)) ENGINE = MyISAM');
      const [line] = linesOf(await diagnoseMariadb(), 'snapshot');
      await database.run('DROP TABLE notes');
      // The reader has access to the tables of the whole database.
      expect(line).to.match(
        /doubtful snapshot: 1 table of the database has an engine other than InnoDB, which may not support snapshots → .*InnoDB/,
      );
    });

    const refused: Record<string, [given: object, secret: string | undefined, last: RegExp]> = {
      'that the login is rejected': [
        {},
        'a wrong one',
        /fails login: .*ER_ACCESS_DENIED_ERROR.* → compare connection\.user/,
      ],
      'that the database does not exist': [
        { database: 'nothing' },
        undefined,
        /fails login: .* → check that connection\.database exists/,
      ],
      'that the certificate is of an unknown CA': [
        { tls: { serverName: 'localhost' } },
        undefined,
        /fails TLS: .* → add the issuing CA to source\.connection\.tls\.ca/,
      ],
      'that the certificate has another name': [
        { tls: { ca: ['CA'], serverName: 'db.example.com' } },
        undefined,
        /fails TLS: .*ALTNAME.* → connect with a name in the certificate/,
      ],
    };
    for (const [title, [given, secret, last]] of Object.entries(refused)) {
      it(`reports ${title}`, async () => {
        const lines = await diagnoseMariadb(
          JSON.parse(JSON.stringify(given).replace('"CA"', JSON.stringify(ca))),
          secret,
        );
        expect(lines.at(-1)).to.match(last);
        expect(lines.join('\n')).not.to.include('a wrong one');
      });
    }

    it('reports that nothing, or another kind of server, listens at the port', async () => {
      expect((await diagnoseMariadb({ port: await findFreePort() })).at(-1)).to.match(/fails TCP: .*ECONNREFUSED/);
      const silent = createServer((socket) => {
        // The probe of the port closes its connection without reading.
        socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.2\r\n');
      }).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const lines = await diagnoseMariadb({ port });
      silent.close();
      expect(lines.at(-1)).to.match(
        /fails protocol: .*does not speak the protocol of MySQL or MariaDB: it responds like an SSH server/,
      );
    });
  });

  describe('when another kind of server listens on the port', () => {
    const http = 'HTTP server';
    const silent = 'silent server';
    const tls = 'TLS server';
    const words: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
      postgresql: {
        [http]: /does not speak the protocol of PostgreSQL: it responds like an HTTP server/,
        [silent]: /accepted the connection but sent nothing within 700 ms\. Check that PostgreSQL listens/,
        [tls]: /it responds like a server that expects TLS from the first byte|closed the connection without a reply/,
        mysql: /it responds like a MySQL or MariaDB server\. Set connection\.system to mysql/,
      },
      mysql: {
        // Unlike MySQL, these servers wait for the client to send first.
        [http]: /sent nothing within 700 ms|closed the connection without a reply|it responds like an HTTP server/,
        [silent]: /accepted the connection but sent nothing within 700 ms\. Check that MySQL or MariaDB listens/,
        [tls]: /sent nothing within 700 ms/,
        postgresql: /sent nothing within 700 ms\. Check that MySQL or MariaDB listens/,
      },
    };
    const ports = new Map<string, number>();
    const opened: Server[] = [];

    before(async () => {
      const { good } = await certificateFiles();
      const { certificate: cert, key } = good.server;
      const listen = async (name: string, server: Server) => {
        opened.push(server.listen(0, '127.0.0.1'));
        await once(server, 'listening');
        ports.set(name, (server.address() as AddressInfo).port);
      };
      await listen(
        http,
        createHttpServer((_request, response) => response.end('a page')),
      );
      await listen(
        silent,
        createServer((socket) => socket.resume()),
      );
      await listen(
        tls,
        createHttpsServer({ cert, key }, (_request, response) => response.end('a page')),
      );
      ports.set('postgresql', (await createPostgresDatabase()).connection.port);
      ports.set('mysql', (await createMysqlDatabase('MariaDB')).connection.port);
    });
    after(() => {
      for (const server of opened) server.close();
    });

    for (const [system, others] of Object.entries(words)) {
      for (const [other, wanted] of Object.entries(others)) {
        for (const usesTls of [false, true]) {
          it(`${system}${usesTls ? ' with TLS' : ''}: reports that the server is another kind of server (${other})`, async () => {
            const connection = {
              ...{ system, host: '127.0.0.1', port: ports.get(other), database: 'users', user: 'reader' },
              ...{ password: secretReference, acquireTimeoutMs: 700 },
              ...(usesTls && { tls: { serverName: 'localhost' } }),
            };
            const last = (await diagnose({ type: 'sql', connection, ...queries }, ada)).at(-1);
            expect(last).to.match(wanted).and.to.include('fails protocol: ');
            expect(last).to.not.match(/password/);
          });
        }
      }
    }
  });

  describe('with a query that names missing objects', () => {
    const missing: Readonly<Record<string, [option: object, found: RegExp]>> = {
      column: [
        { groupsQuery: 'SELECT login AS userid, grp FROM memberships WHERE login = :userid' },
        /fails source: groupsQuery failed \((42703|ER_BAD_FIELD_ERROR)\): the column grp in the query does not exist/,
      ],
      table: [
        { groupsQuery: 'SELECT login AS userid, group_name FROM members WHERE login = :userid' },
        /fails source: groupsQuery failed \((42P01|ER_NO_SUCH_TABLE)\): the table (\w+\.)?members in the query does not exist/,
      ],
    };
    for (const [kind, [option, found]] of Object.entries(missing)) {
      for (const [name, create] of Object.entries({
        PostgreSQL: createPostgresDatabase,
        MariaDB: () => createMysqlDatabase('MariaDB'),
      })) {
        it(`${name}: names the query and the ${kind}`, async () => {
          const { system, host, port, database, user, password } = (await create()).connection;
          const connection = { system, host, port, database, user, password: secretReference };
          const lines = await diagnose({ type: 'sql', connection, ...queries, ...option }, ada, password?.reveal());
          expect(lines.at(-1)).to.match(found);
        });
      }
    }
  });

  describe('over SQLite', () => {
    function makeFile(change = ''): string {
      const path = join(scratchDirectory(), 'users.db');
      const database = new sqlite.Database(path);
      database.exec(readFileSync(new URL('../../../examples/sql/sqlite.sql', import.meta.url), 'utf8') + change);
      database.close();
      return path;
    }
    const diagnoseFile = (path: string) =>
      diagnose({ type: 'sql', connection: { system: 'sqlite', path }, ...queries }, ada);

    it('names the mismatch between the compared and the returned column', async () => {
      const path = makeFile("ALTER TABLE users ADD mail TEXT; UPDATE users SET mail = 'someone@example.net';");
      const mismatched = { ...queries, userQuery: 'SELECT mail AS userid, disabled FROM users WHERE login = :userid' };
      const lines = await diagnose({ type: 'sql', connection: { system: 'sqlite', path }, ...mismatched }, ada);
      expect(lines.at(-1)).to.match(
        /fails user: userQuery returned a row whose userid is not the requested userid\. Its WHERE clause/,
      );
      expect(lines.join('\n')).not.to.match(/someone|lovelace/);
    });

    it('reports that everything works', async () => {
      const lines = await diagnoseFile(makeFile());
      expect(subjectsOf(lines)).to.deep.equal([
        'works file',
        'works file',
        'works rights',
        'works source',
        'works user',
      ]);
    });

    it('reports why a file cannot be used', async () => {
      const other = join(scratchDirectory(), 'users.txt');
      writeFileSync(other, 'no database at all');
      expect((await diagnoseFile(other)).at(-1)).to.match(/fails file: .* is not an SQLite file/);
      expect((await diagnoseFile(`${other}.gone`)).at(-1)).to.match(/fails file: .*ENOENT.* → compare the path/);
      expect((await diagnoseFile(makeFile('DROP TABLE memberships;'))).at(-1)).to.include('no such table: memberships');
    });
  });
});
