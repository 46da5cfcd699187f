// Tests that our server conforms, according to the kit: every adapter × every auth mode, from configuration files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import sqlite from 'node-sqlite3-wasm';
import { stringify } from 'yaml';
import { type DevelopmentCertificates, defaultClientEmail, issueCertificates } from '../certs/issue-certificates.ts';
import type { Need } from '../conformance/check.ts';
import { catalogue } from '../conformance/checks/catalogue.ts';
import { type AuthMode, type ConformanceOptions, runConformance } from '../conformance/run-conformance.ts';
import { resolveOption, serverConfigSchema, shapesOf } from '../schemas/server-config-schema.ts';
import type { RunningServer } from '../server/start.ts';
import { ask, basicHeader } from './ask-server.ts';
import { scratchDirectory } from './certificate-files.ts';
import { startSlapd } from './services/slapd.ts';
import { loadConfig, startServer } from './start-server.ts';
import { secretReference, startTestServer } from './test-server.ts';

const login = { username: 'platform', password: 'pass:word with a colon, and ü' };
/** Two users with different access, so that swapped responses are detected. */
const knownUsers = ['ada@example.test', 'grace@example.test'];

/** Their expected user info, for every adapter. */
const expectedData = {
  'ada@example.test': {
    groups: [{ name: 'Zürich' }, { name: 'analysts' }],
    authorizations: { region: ['apac', 'emea'] },
  },
  'grace@example.test': { groups: [{ name: 'engineering' }], authorizations: {} },
};

const staticUsers = {
  users: {
    'ada@example.test': { groups: ['analysts', 'Zürich'], authorizations: { region: ['emea', 'apac'] } },
    'grace@example.test': { groups: ['engineering'] },
    'former@example.test': { disabled: true, groups: ['analysts'] },
  },
};

const people = 'ou=people,dc=example,dc=test';
const directory = [
  `dn: ${people}\nobjectClass: organizationalUnit\nou: people\n`,
  ...['ada', 'grace', 'former'].map((uid) =>
    [
      `dn: uid=${uid},${people}`,
      ...['objectClass: inetOrgPerson', `uid: ${uid}`, `cn: ${uid}`, 'sn: user', `mail: ${uid}@example.test`],
      ...(uid === 'ada' ? ['departmentNumber: emea', 'departmentNumber: apac'] : []),
      `employeeType: ${uid === 'former' ? 'former' : 'staff'}\n`,
    ].join('\n'),
  ),
  `dn: cn=analysts,${people}\nobjectClass: groupOfNames\ncn: analysts\nmember: uid=ada,${people}\nmember: uid=former,${people}\n`,
  `dn: cn=Z\\C3\\BCrich,${people}\nobjectClass: groupOfNames\ncn:: WsO8cmljaA==\nmember: uid=ada,${people}\n`,
  `dn: cn=engineering,${people}\nobjectClass: groupOfNames\ncn: engineering\nmember: uid=grace,${people}\n`,
].join('\n');
const directoryOptions = {
  preset: 'openldap',
  user: { base: people, enabledFilter: '(!(employeeType=former))' },
  groups: { base: people },
  authorizations: [{ name: 'region', attribute: 'departmentNumber' }],
};

/** The backend of an adapter. */
interface Backend {
  /** The section `source`. */
  readonly source: object;
  /** Beside the configuration. */
  readonly files?: Readonly<Record<string, string>>;
  close?(): Promise<unknown>;
}

/** The same users for every adapter; a function starts the backend service. */
const adapters: Readonly<Record<string, Backend | (() => Promise<Backend>)>> = {
  static: { source: staticUsers },
  csv: {
    source: {
      path: 'users.csv',
      columns: {
        userid: 'email',
        disabled: 'disabled',
        groups: [{ column: 'groups', separator: '|' }],
        authorizations: [{ column: 'region', separator: '|' }],
      },
    },
    files: {
      'users.csv': [
        'email,disabled,groups,region',
        'ada@example.test,no,analysts|Zürich,emea|apac',
        'grace@example.test,no,engineering,',
        'former@example.test,yes,analysts,emea',
      ].join('\n'),
    },
  },
  merge: {
    source: {
      identity: 'all',
      sources: [
        {
          name: 'groups',
          source: { type: 'static', ...staticUsers },
          gives: 'groups',
          guards: {
            coalesce: true,
            cache: { negativeTtlSeconds: 60 },
            shrink: {},
            breaker: {},
            bulkhead: {},
            retry: {},
          },
        },
        { name: 'attributes', source: { type: 'static', ...staticUsers }, gives: 'authorizations' },
      ],
    },
  },
  module: {
    source: { path: 'people.mjs', options: staticUsers },
    files: {
      'people.mjs': `export default ({ users }) => ({
        async findUser(userid) {
          const { disabled, groups, authorizations = {} } = Object.hasOwn(users, userid) ? users[userid] : { disabled: true };
          return disabled ? null : { groups: groups.map((name) => ({ name })), authorizations };
        },
        async check() {},
        async close() {},
      });`,
    },
  },
  sql: async () => {
    const path = join(scratchDirectory(), 'users.db');
    const database = new sqlite.Database(path);
    database.exec(`CREATE TABLE users (userid TEXT PRIMARY KEY, disabled INTEGER); CREATE TABLE members (userid, name);
      CREATE TABLE regions (userid, name, value);
      INSERT INTO users VALUES ('ada@example.test', 0), ('grace@example.test', 0), ('former@example.test', 1);
      INSERT INTO members VALUES ('ada@example.test', 'analysts'), ('ada@example.test', 'Zürich'),
        ('grace@example.test', 'engineering'), ('former@example.test', 'analysts');
      INSERT INTO regions VALUES ('ada@example.test', 'region', 'emea'), ('ada@example.test', 'region', 'apac')`);
    database.close();
    return {
      source: {
        connection: { system: 'sqlite', path },
        userQuery: 'SELECT userid, disabled FROM users WHERE userid = :userid',
        disabledColumn: 'disabled',
        groupsQuery: 'SELECT name FROM members WHERE userid = :userid',
        attributesQuery: 'SELECT name, value FROM regions WHERE userid = :userid',
      },
    };
  },
  ldif: { source: { path: 'directory.ldif', ...directoryOptions }, files: { 'directory.ldif': directory } },
  ldap: async () => {
    const slapd = await startSlapd({ ldif: directory });
    return {
      source: { urls: [slapd.url], bind: { method: 'anonymous' }, ...directoryOptions },
      close: () => slapd.stop(),
    };
  },
  'http-proxy': async () => {
    const upstream = await startTestServer({ source: { type: 'static', ...staticUsers } });
    return { source: { preset: 'passthrough', baseUrl: upstream.url }, close: () => upstream.stop() };
  },
};

interface ModeCase {
  readonly name: string;
  readonly mode: AuthMode;
  readonly overTls: boolean;
  /** Option of the section `authentication.clientCertificate`; if missing, the mode decides. */
  readonly request?: 'optional';
}

const modes: readonly ModeCase[] = [
  { name: 'basic over HTTPS', mode: 'basic', overTls: true },
  { name: 'mtls', mode: 'mtls', overTls: true },
  {
    name: 'mtls, refused by status',
    mode: 'mtls',
    overTls: true,
    request: 'optional',
  },
  { name: 'both', mode: 'both', overTls: true },
  { name: 'both, refused by status', mode: 'both', overTls: true, request: 'optional' },
  { name: 'either', mode: 'either', overTls: true },
  { name: 'basic over HTTP on loopback', mode: 'basic', overTls: false },
  { name: 'none over HTTP on loopback', mode: 'none', overTls: false },
];

const needsPassword = (mode: AuthMode) => mode === 'basic' || mode === 'both' || mode === 'either';
const needsCertificate = (mode: AuthMode) => mode === 'mtls' || mode === 'both' || mode === 'either';

/** Returns the configuration as an operator would write it; `failedLogins` is left at its default. */
function configurationOf(adapter: string, { source }: Backend, { mode, overTls, request }: ModeCase): object {
  const tls = { certificate: 'certs/server.pem', key: 'certs/server-key.pem', clientCa: ['certs/ca.pem'] };
  const basic = { credentials: [{ username: login.username, password: secretReference('API_PASSWORD') }] };
  const clientCertificate = { ...(request && { request }), allow: [{ email: defaultClientEmail }] };
  return {
    listener: { port: 0, ...(overTls && { tls }) },
    authentication: {
      mode,
      ...(needsPassword(mode) && { basic }),
      ...(needsCertificate(mode) && { clientCertificate }),
    },
    source: { type: adapter, ...source },
    logging: { destination: 'server.log' },
  };
}

function startConfigured(
  adapter: string,
  backend: Backend,
  modeCase: ModeCase,
  certificates: DevelopmentCertificates,
): Promise<RunningServer> {
  const directoryPath = scratchDirectory();
  mkdirSync(join(directoryPath, 'certs'));
  const files: Record<string, string> = {
    ...backend.files,
    'user-info.yaml': stringify(configurationOf(adapter, backend, modeCase)),
    'certs/server.pem': certificates.server.certificate,
    'certs/server-key.pem': certificates.server.key,
    'certs/ca.pem': certificates.ca.certificate,
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directoryPath, name), content, { mode: 0o600 });
  return startServer(loadConfig(join(directoryPath, 'user-info.yaml'), { API_PASSWORD: login.password }));
}

/** Returns the checks that do not apply: those for another mode, for HTTPS, or for inputs that are not provided here. All other checks must pass. */
function findNotApplicable({ mode, overTls }: ModeCase): string[] {
  const notGiven: readonly Need[] = [
    ...([
      'hook',
      'latency-bound',
      'plus-user',
      'two-form-user',
      'more-failed-logins',
      'declared-case',
      'declared-spaces',
      'explore',
    ] as const),
    ...(overTls ? [] : (['https'] as const)),
  ];
  return catalogue
    .flatMap(({ checks }) => checks)
    .filter(({ auth, needs }) => (auth && !auth.includes(mode)) || needs.some((need) => notGiven.includes(need)))
    .map(({ id }) => id);
}

/** Returns the inputs of the kit that the mode can use. */
function kitOptions(
  url: string,
  { mode, overTls }: ModeCase,
  { ca, client }: DevelopmentCertificates,
): ConformanceOptions {
  return {
    url,
    auth: mode,
    knownUsers,
    expectedData,
    unknownUser: 'former@example.test',
    ...(needsPassword(mode) && login),
    ...(needsCertificate(mode) && { cert: client.certificate, key: client.key }),
    ...(overTls && { ca: ca.certificate }),
    ...(needsCertificate(mode) && { clientCa: ca }),
    intrusive: true,
  };
}

describe('our server with the conformance kit', () => {
  let certificates: DevelopmentCertificates;
  let running: RunningServer | undefined;
  const backends = new Map<string, Backend>();

  before(async () => {
    certificates = await issueCertificates();
    for (const [adapter, backend] of Object.entries(adapters)) {
      backends.set(adapter, typeof backend === 'function' ? await backend() : backend);
    }
  });
  after(async () => {
    for (const backend of backends.values()) await backend.close?.();
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });

  async function start(adapter: string, modeCase: ModeCase): Promise<RunningServer> {
    const backend = backends.get(adapter);
    if (!backend) throw new Error(`no backend for ${adapter}`);
    running = await startConfigured(adapter, backend, modeCase, certificates);
    return running;
  }

  it('is tested with every adapter and every mode of the configuration', () => {
    const { source, authentication } = serverConfigSchema.properties ?? {};
    const known = [...shapesOf(resolveOption(source ?? {})).keys()];
    expect(Object.keys(adapters)).to.have.members(known).and.not.to.be.empty;
    const { mode } = resolveOption(authentication ?? {}).properties ?? {};
    expect(new Set(modes.map((each) => each.mode))).to.deep.equal(new Set(mode?.enum));
  });

  for (const adapter of Object.keys(adapters)) {
    for (const modeCase of modes) {
      it(`conforms: ${adapter}, ${modeCase.name}`, async () => {
        const { url } = await start(adapter, modeCase);
        const options = kitOptions(url, modeCase, certificates);
        const report = await runConformance({ ...options, failedLoginSpacingMs: 0 });
        const notPassed = report.checks.filter(({ status }) => status !== 'passed');
        const notApplicable = findNotApplicable(modeCase).map((id) => ({ id, status: 'skipped' }));
        expect(
          notPassed.map(({ id, status }) => ({ id, status })),
          notPassed.map(({ id, message }) => `${id}: ${message}`).join('\n'),
        ).to.have.deep.members(notApplicable);
        for (const { id, message } of notPassed)
          expect(message, id).to.match(/^(?:Does not apply to --auth |Applies to |Add |Declare )/);
        expect(report.verdict).to.equal('conforms');
      });
    }
  }

  it('finds a user whose name can be encoded in many ways, and rejects nearly correct passwords', async () => {
    const modeCase = { name: '', mode: 'basic', overTls: false } as const;
    const userid = 'zoë+x y@example.test';
    const users = { ...staticUsers.users, [userid]: { groups: ['analysts'] } };
    running = await startConfigured('static', { source: { users } }, modeCase, certificates);
    const options = kitOptions(running.url, modeCase, certificates);
    const { checks } = await runConformance({
      ...options,
      knownUsers: [...knownUsers, userid],
      maxFailedLogins: 7,
      explore: 20,
    });
    const more: readonly Need[] = ['plus-user', 'two-form-user', 'more-failed-logins', 'explore'];
    const ids = catalogue
      .flatMap((topic) => topic.checks)
      .filter(({ needs }) => needs.some((need) => more.includes(need)));
    expect(ids).to.have.length.above(0);
    for (const { id } of ids) expect(checks.find((check) => check.id === id)?.status, id).to.equal('passed');
  });

  it('responds with an error while its source is down, and normally once it is available again', async () => {
    const modeCase = { name: '', mode: 'none', overTls: false } as const;
    const file = join(scratchDirectory(), 'users.json');
    writeFileSync(file, JSON.stringify(expectedData));
    const source = {
      path: 'people.mjs',
      options: { file },
    };
    const files = {
      'people.mjs': `import { readFile } from 'node:fs/promises';
        export default ({ file }) => ({
          findUser: async (userid) => new Map(Object.entries(JSON.parse(await readFile(file, 'utf8')))).get(userid) ?? null,
          async check() {},
          async close() {},
        });`,
    };
    running = await startConfigured('module', { source, files }, modeCase, certificates);
    const hook = { breakCommand: `mv '${file}' '${file}.away'`, restoreCommand: `mv '${file}.away' '${file}'` };
    const { checks } = await runConformance({ ...kitOptions(running.url, modeCase, certificates), hook });
    const applicable = catalogue.flatMap((topic) => topic.checks).filter(({ needs }) => needs.includes('hook'));
    expect(applicable).to.have.length.above(0);
    for (const { id } of applicable)
      expect(
        checks.find((check) => check.id === id),
        id,
      ).to.include({ status: 'passed' });
  });

  it('does not lock out the kit: with the defaults of both, wrong logins are still verified after two runs', async () => {
    const modeCase = { name: '', mode: 'basic', overTls: false } as const;
    const { url } = await start('static', modeCase);
    for (let run = 0; run < 2; run++) {
      const { verdict, summary } = await runConformance(kitOptions(url, modeCase, certificates));
      expect({ verdict, ...summary }).to.include({ verdict: 'conforms', failed: 0, untestable: 0, error: 0 });
    }
    // Correct credentials would be accepted even from a blocked address, whereas wrong ones would get 429.
    const wrong = { headers: { authorization: basicHeader(login.username, 'wrong') } };
    expect((await ask(`${url}?userid=${knownUsers[0]}`, wrong)).status).to.equal(401);
  });
});
