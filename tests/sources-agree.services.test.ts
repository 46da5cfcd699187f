// Tests that the sources csv, ldif and sql return the same results for the same users, written in the format of each.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import sqlite from 'node-sqlite3-wasm';
import type { SourceConfig } from '../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import { createCsvSource } from '../server/adapters/csv/csv-source.ts';
import { toCsv } from '../server/adapters/csv/testing/csv-config.ts';
import { createLdifSource } from '../server/adapters/ldap/ldif/ldif-source.ts';
import { suiteDirectory } from '../server/adapters/ldap/testing/suite-directory.ts';
import { createSqlSource } from '../server/adapters/sql/sql-source.ts';
import type { SuiteUser } from '../server/adapters/user-source.suite.ts';
import type { AdapterContext, UserSource } from '../server/adapters/user-source.ts';
import { scratchDirectory } from './certificate-files.ts';
import { parseConfig } from './start-server.ts';

const context: AdapterContext = { log: { info() {}, warn() {}, error() {} } };
const signal = new AbortController().signal;

/**
 * Normalizes texts, so that userids that an LDAP directory could treat as equal are not used together here. Other tests cover the rejection of one of
 * them.
 */
const loosely = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\s]/gu, '')
    .toLowerCase();
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((one) => !/\p{Cc}/u.test(one) && loosely(one) !== '');
const distinct = (minLength: number, maxLength: number) =>
  fc.uniqueArray(text, { minLength, maxLength, selector: loosely });
const stores = fc
  .record({ ids: distinct(1, 6), groups: distinct(1, 5), names: distinct(1, 3), values: distinct(1, 4) })
  .chain(({ ids, groups, names, values }) =>
    fc.tuple(
      ...ids.map((userid) =>
        fc.record({
          userid: fc.constant(userid),
          disabled: fc.boolean(),
          groups: fc.subarray(groups),
          authorizations: fc
            .tuple(...names.map((name) => fc.tuple(fc.constant(name), fc.subarray(values))))
            .map((entries) => Object.fromEntries(entries.filter(([, held]) => held.length > 0))),
        }),
      ),
    ),
  ) as fc.Arbitrary<SuiteUser[]>;

function load<Type extends SourceConfig['type']>(type: Type, source: object): Extract<SourceConfig, { type: Type }> {
  const document = JSON.stringify({ authentication: { mode: 'none' }, source: { type, ...source } });
  const config = parseConfig(document, { fileName: 'c.json', baseDirectory: '/', environment: {} });
  return config.source as Extract<SourceConfig, { type: Type }>;
}

/** Returns rows with one membership or one value each, and one row with the user only. */
function rowsOf(users: readonly SuiteUser[]): string[][] {
  return users.flatMap(({ userid, disabled, groups, authorizations }) => {
    const row = (group: string, attribute: string, value: string) => [
      userid,
      String(disabled),
      group,
      attribute,
      value,
    ];
    const values = Object.entries(authorizations).flatMap(([name, held]) => held.map((value) => row('', name, value)));
    return [row('', '', ''), ...groups.map((group) => row(group, '', '')), ...values];
  });
}

function openCsv(users: readonly SuiteUser[], directory: string): Promise<UserSource> {
  const path = join(directory, 'users.csv');
  writeFileSync(path, toCsv([['userid', 'disabled', 'group', 'attribute', 'value'], ...rowsOf(users)]));
  const columns = { userid: 'userid', disabled: 'disabled', group: 'group', attribute: 'attribute', value: 'value' };
  return createCsvSource(load('csv', { path, layout: 'long', columns }), context);
}

function openLdif(users: readonly SuiteUser[], directory: string): Promise<UserSource> {
  const path = join(directory, 'directory.ldif');
  const { ldif, mapping } = suiteDirectory(users, 'o=store');
  writeFileSync(path, ldif);
  return createLdifSource(
    { type: 'ldif', path, ...mapping, maxShrinkPercent: 20, pollSeconds: 30 },
    { ...context, allowsNoGroups: true },
  );
}

async function openSql(users: readonly SuiteUser[], directory: string): Promise<UserSource> {
  const path = join(directory, 'users.db');
  const database = new sqlite.Database(path);
  database.exec(
    'CREATE TABLE users (userid TEXT, disabled INTEGER); CREATE TABLE rows (userid, name, attribute, value)',
  );
  for (const { userid, disabled } of users) database.run('INSERT INTO users VALUES (?, ?)', [userid, disabled ? 1 : 0]);
  for (const [userid = '', , group = '', attribute = '', value = ''] of rowsOf(users)) {
    database.run('INSERT INTO rows VALUES (?, ?, ?, ?)', [userid, group, attribute, value]);
  }
  database.close();
  const source = await createSqlSource(
    load('sql', {
      connection: { system: 'sqlite', path },
      userQuery: 'SELECT userid, disabled FROM users WHERE userid = :userid',
      disabledColumn: 'disabled',
      groupsQuery: "SELECT name FROM rows WHERE userid = :userid AND name <> ''",
      attributesQuery: "SELECT attribute AS name, value FROM rows WHERE userid = :userid AND attribute <> ''",
    }),
    context,
  );
  await source.check();
  return source;
}

/** Returns the response without the order, which has no meaning. */
function contentOf(user: UserInfo | null): unknown {
  if (user === null) return null;
  const values = Object.entries(user.authorizations).map(([name, held]) => [name, [...held].sort()]);
  return { groups: user.groups.map(({ name }) => name).sort(), authorizations: values.sort() };
}

function expectedOf({ disabled, groups, authorizations }: SuiteUser): unknown {
  if (disabled) return null;
  const copied = Object.entries(authorizations).map(([name, held]): [string, string[]] => [name, [...held]]);
  return contentOf({ groups: groups.map((name) => ({ name })), authorizations: Object.fromEntries(copied) });
}

describe('the same set of users', () => {
  it('produces the same responses from CSV, LDIF and SQL', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(stores, async (users) => {
        const directory = scratchDirectory();
        for (const open of [openCsv, openLdif, openSql]) {
          const source = await open(users, directory);
          try {
            for (const user of users) {
              expect(contentOf(await source.findUser(user.userid, signal)), open.name).to.deep.equal(expectedOf(user));
            }
            expect(await source.findUser('an unknown user', signal)).to.equal(null);
          } finally {
            await source.close();
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
