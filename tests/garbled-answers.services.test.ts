// Tests of every network adapter behind a proxy that corrupts what the backend sends: the result is an error or the correct response.
import { expect } from 'chai';
import type { MysqlConfig, PostgresqlConfig } from '../schemas/generated/loaded-server-config.ts';
import { sendJson, startLocalServer, urlOf } from '../server/adapters/http-proxy/testing/local-server.ts';
import {
  createMysqlDatabase,
  createPostgresDatabase,
  createSqliteDatabase,
  fillDatabase,
  type TestDatabase,
} from '../server/adapters/sql/testing/sql-servers.ts';
import { type Answer, ask } from './ask-server.ts';
import { certificateFiles } from './certificate-files.ts';
import { settle } from './fault-matrix.ts';
import { type FaultProxy, startFaultProxy, type TlsOpening } from './fault-proxy.ts';
import { createGarbler } from './garbled-bytes.ts';
import { startRedis } from './services/redis.ts';
import { startSlapd } from './services/slapd.ts';
import { type ConfigSections, secretReference, startTestServer, type TestServer } from './test-server.ts';

const ada = { userid: 'ada', groups: ['analysts', 'finance'], authorizations: { region: ['emea'] } };
const eve = { userid: 'eve', groups: ['intruders'], authorizations: { region: ['nowhere'] } };
const whole = JSON.stringify([ada.groups, ada.authorizations]);
const values = [...ada.groups, ...ada.authorizations.region, ...eve.groups, ...eve.authorizations.region, 'region'];
const seeds = Number(process.env.GARBLE_SEEDS ?? 6);
const limitMs = 900;

interface Subject {
  readonly proxy: FaultProxy;
  readonly sections: ConfigSections;
  readonly environment?: NodeJS.ProcessEnv;
  /** Whether the proxy terminates TLS, so that the corruption affects the decrypted data. */
  readonly isWithinTls?: boolean;
  /** Texts, in addition to the values, that are not corrupted. */
  readonly spared?: readonly string[];
  readonly neverFails?: boolean;
  close(): Promise<unknown>;
}

const queries = {
  userQuery: 'SELECT login AS userid, disabled FROM users WHERE login = :userid',
  groupsQuery: 'SELECT login AS userid, group_name FROM memberships WHERE login = :userid',
  attributesQuery: 'SELECT login AS userid, name, value FROM attributes WHERE login = :userid',
  disabledColumn: 'disabled',
};

async function sqlSubject(
  database: TestDatabase<PostgresqlConfig | MysqlConfig>,
  opening: TlsOpening,
  isWithinTls: boolean,
): Promise<Subject> {
  await fillDatabase(database, [ada, eve]);
  const { listenerTls } = await certificateFiles();
  const { system, host, port, database: name, user, password } = database.connection;
  const proxy = await startFaultProxy(port, opening);
  const tls = { ca: listenerTls.clientCa, serverName: 'localhost' };
  const connection = { system, host, port: proxy.port, database: name, user, ...(isWithinTls && { tls }) };
  return {
    proxy,
    isWithinTls,
    sections: {
      source: {
        type: 'sql',
        connection: { ...connection, password: secretReference('PASSWORD'), poolSize: 2, acquireTimeoutMs: limitMs },
        ...queries,
        statementTimeoutMs: limitMs,
        lockTimeoutMs: limitMs,
      },
    },
    environment: { PASSWORD: password?.reveal() },
    close: () => proxy.close(),
  };
}

async function ldapSubject(): Promise<Subject> {
  const base = 'dc=example,dc=test';
  const person = ({ userid, authorizations }: typeof ada) =>
    `dn: uid=${userid},${base}\nobjectClass: inetOrgPerson\nuid: ${userid}\ncn: a\nsn: b\ndepartmentNumber: ${authorizations.region[0]}\n`;
  const group = (name: string, member: string) =>
    `dn: cn=${name},${base}\nobjectClass: groupOfNames\ncn: ${name}\nmember: uid=${member},${base}\n`;
  const groups = [ada, eve].flatMap(({ userid, groups }) => groups.map((name) => group(name, userid)));
  const slapd = await startSlapd({ ldif: [person(ada), person(eve), ...groups].join('\n') });
  const proxy = await startFaultProxy(slapd.port);
  return {
    proxy,
    sections: {
      source: {
        type: 'ldap',
        urls: [`ldap://127.0.0.1:${proxy.port}`],
        allowPlaintext: true,
        bind: { dn: slapd.adminDn, password: secretReference('PASSWORD') },
        connectTimeoutMs: limitMs,
        operationTimeoutMs: limitMs,
        preset: 'openldap',
        user: { base, attributes: ['uid'] },
        groups: { base },
        authorizations: [{ name: 'region', attribute: 'departmentNumber' }],
      },
    },
    environment: { PASSWORD: slapd.adminPassword },
    // The DNs are spared, because a search for the groups of a different DN would find none.
    spared: [ada, eve].map(({ userid }) => `uid=${userid},${base}`),
    async close() {
      await proxy.close();
      await slapd.stop();
    },
  };
}

async function httpSubject(): Promise<Subject> {
  const upstream = await startLocalServer((request, response) => {
    const login = urlOf(request).searchParams.get('login');
    const people = [ada, eve].filter(({ userid }) => userid === login);
    sendJson(response, 200, { people: people.map(({ userid, ...rest }) => ({ login: userid, ...rest })) });
  });
  const proxy = await startFaultProxy(Number(new URL(upstream.url).port));
  return {
    proxy,
    sections: {
      source: {
        type: 'http-proxy',
        baseUrl: `http://127.0.0.1:${proxy.port}`,
        auth: { type: 'none' },
        connectTimeoutMs: limitMs,
        headersTimeoutMs: limitMs,
        bodyTimeoutMs: limitMs,
        maxRetryAfterMs: 100,
        user: { path: 'people?login={userid}', list: '/people' },
        mapping: {
          identity: '/login',
          groups: [{ from: 'user', list: '/groups', name: '' }],
          authorizations: { region: { path: '/authorizations/region' } },
        },
      },
    },
    async close() {
      await proxy.close();
      await upstream.close();
    },
  };
}

async function redisSubject(): Promise<Subject> {
  const database = await createSqliteDatabase();
  await fillDatabase(database, [ada, eve]);
  const redis = await startRedis();
  const proxy = await startFaultProxy(Number(new URL(redis.url).port));
  const shared = {
    url: `redis://127.0.0.1:${proxy.port}`,
    password: secretReference('PASSWORD'),
    key: secretReference('KEY'),
    timeoutMs: limitMs,
  };
  return {
    proxy,
    neverFails: true,
    sections: {
      source: { type: 'sql', connection: { system: 'sqlite', path: database.connection.path }, ...queries },
      guards: { cache: { ttlSeconds: 1, shared } },
    },
    environment: { PASSWORD: redis.password, KEY: 'a key that is long enough for the tests' },
    async close() {
      await proxy.close();
      await redis.stop();
    },
  };
}

const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  PostgreSQL: async () => sqlSubject(await createPostgresDatabase(), 'postgresql', false),
  'PostgreSQL, within TLS': async () => sqlSubject(await createPostgresDatabase(), 'postgresql', true),
  MariaDB: async () => sqlSubject(await createMysqlDatabase('MariaDB'), 'mysql', false),
  'MariaDB, within TLS': async () => sqlSubject(await createMysqlDatabase('MariaDB'), 'mysql', true),
  MySQL: async () => sqlSubject(await createMysqlDatabase('MySQL'), 'mysql', false),
  'MySQL, within TLS': async () => sqlSubject(await createMysqlDatabase('MySQL'), 'mysql', true),
  ldap: ldapSubject,
  'http-proxy': httpSubject,
  'shared cache in Redis': redisSubject,
};

describe('garbled responses of backends', () => {
  const uncaught: unknown[] = [];
  const onUncaught = (error: unknown) => uncaught.push(error);
  before(() => {
    process.on('uncaughtExceptionMonitor', onUncaught);
    process.on('unhandledRejection', onUncaught);
  });
  after(() => {
    process.off('uncaughtExceptionMonitor', onUncaught);
    process.off('unhandledRejection', onUncaught);
  });

  for (const [name, create] of Object.entries(subjects)) {
    describe(name, () => {
      let subject: Subject;
      let server: TestServer;
      before(async function () {
        this.timeout(120_000);
        subject = await create();
        server = await startTestServer({ ...subject.sections, deadlineMs: 2000 }, subject.environment);
      });
      after(async () => {
        await server?.stop();
        await subject?.close();
      });
      const lookUp = (userid: string) => ask(`${server.url}?userid=${userid}`);

      it('result in an error or the right response, and the server recovers', async function () {
        this.timeout(300_000);
        const { good } = await certificateFiles();
        const { proxy, isWithinTls = false, neverFails = false } = subject;
        const counts = { right: 0, errors: 0 };
        const wrongs: string[] = [];
        for (let seed = 1; seed <= seeds; seed++) {
          const createAlter = createGarbler({
            seed,
            distance: 1 << (8 + (seed % 6)),
            afterBytes: (seed % 3) * 600,
            spared: [...values, 'ada', 'eve', ...(subject.spared ?? [])],
          });
          await proxy.set({ kind: 'altered', createAlter, ...(isWithinTls && { shown: good.server }) });
          proxy.dropIdle();
          for (let round = 0; round < 3; round++) {
            const answers = await Promise.all(['ada', 'ada', 'nobody'].map(lookUp));
            for (const [index, answer] of answers.entries()) {
              const isRight =
                index === 2 ? answer.status === 404 : answer.status === 200 && contentOf(answer) === whole;
              if (isRight) counts.right++;
              else if (answer.status >= 500 && !neverFails) counts.errors++;
              else wrongs.push(`seed ${seed}: ${answer.status} ${answer.body}`);
            }
          }
        }
        await proxy.set({ kind: 'none' });
        let last = '';
        const isWell = await settle(async () => {
          const answers = await Promise.all(['ada', 'nobody', 'ada', 'ada'].map(lookUp));
          last = answers.map(({ status, body }) => `${status} ${body}`).join('\n');
          return answers.every(({ status }, index) => status === (index === 1 ? 404 : 200));
        });
        expect(wrongs.join('\n')).to.equal('');
        expect(isWell, last).to.equal(true);
        expect(uncaught).to.deep.equal([]);
        // If there were no errors, nothing was corrupted.
        if (!neverFails) expect(counts.errors).to.be.greaterThan(0);
      });
    });
  }
});

function contentOf({ body }: Answer): string {
  const { groups, authorizations } = JSON.parse(body) as { groups: { name: string }[]; authorizations: object };
  return JSON.stringify([groups.map(({ name }) => name).sort(), authorizations]);
}
