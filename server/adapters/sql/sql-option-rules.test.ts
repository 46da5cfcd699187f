// Tests of the option rules of SQL sources, which are evaluated before the server connects to a database.
import { expect } from 'chai';
import { configOf } from '../../../tests/test-server.ts';

const query = 'SELECT login AS userid FROM users WHERE login = :userid';
const postgresql = { system: 'postgresql', database: 'identity', user: 'reader' };
const mysql = { system: 'mysql', database: 'identity', user: 'reader' };

const load = (source: object) => configOf({ source: { type: 'sql', userQuery: query, ...source } });

const refused: Readonly<Record<string, readonly [source: object, words: string]>> = {
  'a query that interpolates': [
    { connection: postgresql, userQuery: "SELECT login FROM users WHERE login = ':userid'" },
    'source.userQuery: has a placeholder inside quotes',
  ],
  'a query of groups without the userid': [
    { connection: postgresql, groupsQuery: 'SELECT name FROM groups' },
    'source.groupsQuery: has no :userid',
  ],
  'two statements': [
    { connection: mysql, attributesQuery: 'SELECT :userid, 1; SELECT 2' },
    'source.attributesQuery: has more than one statement',
  ],
  'another machine without TLS': [
    { connection: { ...postgresql, host: 'db.example.com' } },
    'source.connection.tls: is required: db.example.com is another machine',
  ],
  'a client certificate without its key': [
    { connection: { ...postgresql, host: 'db.example.com', tls: { certificate: 'client.pem' } } },
    'source.connection.tls: needs both certificate and key',
  ],
  'MySQL with TLS to an address': [
    { connection: { ...mysql, host: '192.0.2.1', tls: {} } },
    'source.connection.tls.serverName: must be set to a name',
  ],
  'an unknown system': [{ connection: { ...postgresql, system: 'postgres' } }, 'did you mean "postgresql"'],
};

describe('the rules of an SQL source', () => {
  for (const [title, [source, words]] of Object.entries(refused)) {
    it(`reject ${title}`, () => {
      expect(() => load(source)).to.throw(words);
    });
  }

  it('accept a socket, a loopback address, and another machine with TLS', () => {
    load({ connection: { ...postgresql, host: '/run/postgresql' } });
    load({ connection: { ...mysql, host: '127.0.0.1' } });
    load({ connection: { ...mysql, host: '192.0.2.1', tls: { serverName: 'db.example.com' } } });
    load({ connection: { ...postgresql, host: '192.0.2.1', tls: {} } });
    load({ connection: { system: 'sqlite', path: 'users.db' } });
  });
});
