// Faults of statements and filters into which the userid is concatenated: real SQL in SQLite and real LDAP filters.
import { FilterParser } from 'ldapts';
import sqlite from 'node-sqlite3-wasm';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { EndpointOptions, Steps } from './conformant-endpoint.ts';
import type { Fault } from './fault.ts';

type FindUser = Steps['findUser'];

/** Returns the fault of an endpoint with the lookup `create(options)`. A lookup that throws gets a 500, as frameworks respond. */
function looksUp(name: string, trips: readonly string[], create: (options: EndpointOptions) => FindUser): Fault {
  return { name, auth: 'none', trips, alter: (_good, options) => ({ findUser: create(options) }) };
}

/** Returns the fault of an endpoint with its users in SQLite. `where` returns the condition for a userid, as a program writes it. */
function inSqlite(name: string, trips: readonly string[], where: (userid: string) => string): Fault {
  return looksUp(name, trips, ({ users }) => {
    const database = new sqlite.Database();
    database.exec('create table users (userid text primary key, info text)');
    for (const [userid, info] of users) database.run('insert into users values (?, ?)', [userid, JSON.stringify(info)]);
    return (userid) => {
      const condition = where(userid);
      // Passes a parameter if the condition contains a placeholder for one, as in a program that prevents injection.
      const values = condition.includes('?') ? [userid] : [];
      const row = database.get(`select info from users where ${condition} limit 1`, values);
      return row === null || row === undefined ? null : (JSON.parse(String(row.info)) as UserInfo);
    };
  });
}

/** Returns the fault of an endpoint that searches an LDAP directory with a filter. */
function inDirectory(name: string, trips: readonly string[], filter: (userid: string) => string): Fault {
  return looksUp(name, trips, ({ users }) => (userid) => {
    const parsed = FilterParser.parseString(filter(userid));
    return [...users].find(([uid]) => parsed.matches({ objectClass: 'person', uid }))?.[1] ?? null;
  });
}

/** A quote ends the text, and the rest is a syntax error. */
const breaksOnQuotes = 'userid-odd-no-5xx';

export const queryFaults: readonly Fault[] = [
  inSqlite('sql-concatenated', ['userid-sql-refused', breaksOnQuotes], (userid) => `userid = '${userid}'`),
  inSqlite('sql-concatenated-in-a-list', ['userid-sql-refused', breaksOnQuotes], (userid) => `userid in ('${userid}')`),
  inSqlite('sql-like', ['userid-like-refused', 'userid-letter-case'], () => 'userid like ?'),
  inSqlite('sql-glob', ['userid-wildcard-refused'], () => 'userid glob ?'),
  inSqlite('sql-collation-nocase', ['userid-letter-case'], () => 'userid = ? collate nocase'),
  inSqlite('sql-collation-rtrim', ['userid-spaces-refused'], () => 'userid = ? collate rtrim'),
  inDirectory(
    'ldap-filter-concatenated',
    // LDAP ignores the letter case of a uid.
    ['userid-wildcard-refused', 'userid-filter-refused', 'userid-escape-refused', 'userid-letter-case', breaksOnQuotes],
    (userid) => `(&(objectClass=person)(uid=${userid}))`,
  ),
];
