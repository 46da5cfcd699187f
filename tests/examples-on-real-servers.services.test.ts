// Tests that the example configurations work. Each is served with the backend for which it is written, and receives requests like those of the
// platform.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { defaultClientEmail } from '../certs/issue-certificates.ts';
import { startGraph } from '../server/adapters/http-proxy/testing/graph-stand-in.ts';
import { startKeycloak } from '../server/adapters/http-proxy/testing/keycloak-stand-in.ts';
import { sendJson, startLocalServer, urlOf } from '../server/adapters/http-proxy/testing/local-server.ts';
import { startOkta } from '../server/adapters/http-proxy/testing/okta-stand-in.ts';
import { startScimServer } from '../server/adapters/http-proxy/testing/scim-server.ts';
import { startTokenServer, type TokenServer } from '../server/adapters/http-proxy/testing/token-server.ts';
import {
  createMysqlDatabase,
  createPostgresDatabase,
  sharedMysql,
} from '../server/adapters/sql/testing/sql-servers.ts';
import { certificateFiles } from './certificate-files.ts';
import { type ExampleSurroundings, inShort, serveExample } from './serve-example.ts';
import { startDirectory389 } from './services/directory-389.ts';
import { startSlapd } from './services/slapd.ts';
import { startTestServer } from './test-server.ts';

interface Backend extends ExampleSurroundings {
  /** userid → the response in short form. */
  readonly answers: Readonly<Record<string, unknown>>;
  close?(): Promise<unknown>;
}

const secret = 'a secret of the tests, long enough for everybody';
const suffix = 'dc=example,dc=com';
const user = 'ada@example.com';

/** Examples that are tested elsewhere: against Samba in active-directory.services.test.ts, and as part of the documentation pages that show them. */
const shownElsewhere = ['ldap-active-directory.yaml', 'ldap-trial.yaml', 'http-proxy-trial.yaml', 'sql-sqlite.yaml'];

async function tlsFiles() {
  const { certificate, key, clientCa } = (await certificateFiles()).listenerTls;
  return { certificate, key, ca: clientCa[0] ?? '' };
}

type Entry = readonly [dn: string, ...lines: string[]];
const textOf = (entries: readonly Entry[]) =>
  entries.map(([dn, ...lines]) => `dn: ${dn}\n${lines.join('\n')}\n`).join('\n');
const reader = (dn: string): Entry => [
  dn,
  ...['objectClass: person', 'objectClass: uidObject', 'uid: user-info', 'cn: user-info', 'sn: user-info'],
  `userPassword: ${secret}`,
];
const unit = (name: string): Entry => [`ou=${name},${suffix}`, 'objectClass: organizationalUnit'];
const inetPerson = (dn: string, ...more: string[]): Entry => [
  dn,
  ...['objectClass: inetOrgPerson', 'cn: Ada', 'sn: Lovelace', ...more],
];
const group = (dn: string, member: string, ...more: string[]): Entry => [
  dn,
  ...['objectClass: groupOfNames', `member: ${member}`, ...more],
];

async function openldap(): Promise<Backend> {
  const ada = `uid=ada,ou=people,${suffix}`;
  const slapd = await startSlapd({
    suffix,
    tls: await tlsFiles(),
    ldif: textOf([
      ...['people', 'groups', 'services'].map(unit),
      reader(`cn=user-info,ou=services,${suffix}`),
      inetPerson(ada, `mail: ${user}`, 'departmentNumber: finance'),
      group(`cn=analysts,ou=groups,${suffix}`, ada),
      group(`cn=staff,ou=groups,${suffix}`, `cn=analysts,ou=groups,${suffix}`),
    ]),
    // The password policy overlay provides the attribute; this server does not have the overlay.
    schema: [
      "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.17 NAME 'pwdAccountLockedTime' EQUALITY generalizedTimeMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 )",
    ],
  });
  return {
    source: { URLS: JSON.stringify([slapd.url]) },
    answers: { [user]: { groups: ['analysts', 'staff'], authorizations: { department: ['finance'] } } },
    close: () => slapd.stop(),
  };
}

const ipaClasses = ['person', 'organizationalPerson', 'inetOrgPerson', 'posixAccount'];

/** Starts 389 Directory Server with both trees in one server: a plain tree, and that of FreeIPA. */
async function directory389(): Promise<Backend & { readonly freeipa: Backend }> {
  const ada = `uid=ada,ou=people,${suffix}`;
  const accounts = `cn=accounts,${suffix}`;
  const grace = `uid=grace,cn=users,${accounts}`;
  const containers = [accounts, `cn=users,${accounts}`, `cn=groups,${accounts}`, `cn=etc,${suffix}`];
  const readers = [`uid=user-info,ou=services,${suffix}`, `uid=user-info,cn=sysaccounts,cn=etc,${suffix}`];
  const directory = await startDirectory389({
    suffix,
    tls: await tlsFiles(),
    schema: [
      "objectClasses: ( 2.16.840.1.113730.3.8.4.4 NAME 'ipaUserGroup' SUP groupOfNames STRUCTURAL MAY memberOf )",
    ],
    ldif: textOf([
      ...['people', 'groups', 'services'].map(unit),
      ...[...containers, `cn=sysaccounts,cn=etc,${suffix}`].map((dn): Entry => [dn, 'objectClass: nsContainer']),
      ...readers.map(reader),
      inetPerson(ada, `mail: ${user}`),
      group(`cn=analysts,ou=groups,${suffix}`, ada),
      group(`cn=staff,ou=groups,${suffix}`, `cn=analysts,ou=groups,${suffix}`),
      [
        grace,
        ...ipaClasses.map((name) => `objectClass: ${name}`),
        ...['cn: Grace', 'sn: Hopper', 'mail: grace@example.com', 'uidNumber: 1', 'gidNumber: 1', 'homeDirectory: /'],
      ],
      group(`cn=ipausers,cn=groups,${accounts}`, grace, 'objectClass: ipaUserGroup'),
      group(`cn=compilers,cn=groups,${accounts}`, grace, 'objectClass: ipaUserGroup'),
    ]),
  });
  const allow = readers.map((dn) => `userdn = "ldap:///${dn}"`).join(' or ');
  directory.modify(
    `dn: ${suffix}\nchangetype: modify\nadd: aci\naci: (targetattr = "*")(version 3.0; acl "all"; allow (read, search, compare) ${allow};)\n`,
  );
  const source = { URLS: JSON.stringify([directory.ldapsUrl]) };
  return {
    source,
    answers: { [user]: { groups: ['analysts', 'staff'], authorizations: {} } },
    freeipa: { source, answers: { 'grace@example.com': { groups: ['compilers'], authorizations: {} } } },
    close: () => directory.stop(),
  };
}

/** Returns the options of `auth` that specify another server and another client. */
function tokenOptions(tokens: TokenServer, method: 'client_secret_basic' | 'client_secret_post') {
  const { tokenUrl, clientId, clientSecret, scope = '' } = tokens.auth(method);
  return {
    source: { AUTH__TOKEN_URL: tokenUrl, AUTH__CLIENT_ID: clientId, AUTH__SCOPE: scope },
    secret: clientSecret.reveal(),
  };
}

const adaInfo = { groups: ['analysts'], authorizations: { department: ['finance'] } };

async function graph(): Promise<Backend> {
  const tokens = await startTokenServer();
  const server = await startGraph(
    [
      {
        id: '1',
        userPrincipalName: user,
        accountEnabled: true,
        properties: { department: 'finance', officeLocation: null },
        memberOf: [{ type: '#microsoft.graph.group', id: '2', displayName: 'analysts' }],
      },
    ],
    tokens.isAuthorized,
  );
  const { source, secret: own } = tokenOptions(tokens, 'client_secret_post');
  return {
    source: { ...source, BASE_URL: `${server.url}/v1.0` },
    secret: own,
    answers: { [user]: adaInfo },
    close: async () => Promise.all([server.close(), tokens.close()]),
  };
}

async function keycloak(): Promise<Backend> {
  const tokens = await startTokenServer();
  const server = await startKeycloak(
    [{ id: '1', username: user, enabled: true, groups: ['/analysts'] }],
    tokens.isAuthorized,
  );
  const { source, secret: own } = tokenOptions(tokens, 'client_secret_basic');
  return {
    source: { ...source, BASE_URL: `${server.url}/admin/realms/company` },
    secret: own,
    answers: { [user.toUpperCase()]: { groups: ['/analysts'], authorizations: {} } },
    close: async () => Promise.all([server.close(), tokens.close()]),
  };
}

async function okta(): Promise<Backend> {
  const profile = { department: 'finance', costCenter: '7' };
  const server = await startOkta([{ id: '1', login: user, status: 'ACTIVE', profile, groups: ['analysts'] }], secret);
  return {
    source: { BASE_URL: `${server.url}/api/v1` },
    secret,
    answers: { [user]: { groups: ['analysts'], authorizations: { department: ['finance'], costCenter: ['7'] } } },
    close: () => server.close(),
  };
}

async function scim(): Promise<Backend> {
  const server = await startScimServer(
    {
      users: [{ id: '1', userName: user, active: true }],
      groups: [{ id: '2', displayName: 'analysts', members: ['1'] }],
    },
    secret,
  );
  return {
    source: { BASE_URL: `${server.url}/scim/v2` },
    secret,
    answers: { [user]: { groups: ['analysts'], authorizations: {} } },
    close: () => server.close(),
  };
}

async function custom(): Promise<Backend> {
  const person = { login: user, id: 7, state: 'active', regions: ['emea'], level: 3 };
  const teams = [
    { team: { name: 'analysts' }, kind: 'team' },
    { team: { name: 'lunch' }, kind: 'club' },
  ];
  const server = await startLocalServer((request, response) => {
    const { pathname, searchParams } = urlOf(request);
    if (request.headers['x-api-key'] !== secret) sendJson(response, 401, {});
    else if (pathname === '/api/people') {
      sendJson(response, 200, { people: searchParams.get('login') === user ? [person] : [] });
    } else if (pathname === '/api/people/7/memberships') {
      const place = Number(searchParams.get('after') ?? 0);
      const next = place + 1 < teams.length ? String(place + 1) : null;
      sendJson(response, 200, { memberships: [teams[place]], meta: { next } });
    } else sendJson(response, 404, {});
  });
  return {
    source: { BASE_URL: `${server.url}/api` },
    secret,
    answers: { [user]: { groups: ['analysts'], authorizations: { region: ['emea'], level: ['3'] } } },
    close: () => server.close(),
  };
}

/** Starts another instance of our server, as an endpoint that already implements the contract. */
async function passthrough(): Promise<Backend> {
  const { listenerTls } = await certificateFiles();
  const credentials = [{ username: 'user-info', password: ['$', '{env:UPSTREAM}'].join('') }];
  const users = { [user]: { groups: ['analysts'], authorizations: { department: ['finance'] } } };
  const upstream = await startTestServer(
    {
      listener: { tls: listenerTls },
      authentication: {
        mode: 'both',
        basic: { credentials },
        clientCertificate: { allow: [{ email: defaultClientEmail }] },
      },
      source: { type: 'static', users },
    },
    { UPSTREAM: secret },
  );
  return { source: { BASE_URL: upstream.url }, secret, answers: { [user]: adaInfo }, close: () => upstream.stop() };
}

const sqlAnswers = {
  'ada.lovelace@example.com': {
    groups: ['analysts', 'finance'],
    authorizations: { department: ['finance'], region: ['apac', 'emea'] },
  },
  'charles.babbage@example.com': 404,
};

async function postgresql(): Promise<Backend> {
  const { connection } = await createPostgresDatabase();
  const { host, port, database, password } = connection;
  return {
    source: { CONNECTION__HOST: host, CONNECTION__PORT: String(port), CONNECTION__DATABASE: database },
    secret: password?.reveal() ?? '',
    answers: sqlAnswers,
  };
}

async function mysql(): Promise<Backend> {
  const { connection } = await createMysqlDatabase('MySQL');
  const { socket } = await sharedMysql('MySQL');
  return {
    source: { CONNECTION__HOST: socket, CONNECTION__DATABASE: connection.database },
    secret: connection.password?.reveal() ?? '',
    answers: sqlAnswers,
  };
}

describe('the example configurations', function () {
  this.timeout(60_000);
  let both389: Awaited<ReturnType<typeof directory389>>;

  before(async () => {
    both389 = await directory389();
  });
  after(() => both389?.close?.());

  const backends: Readonly<Record<string, () => Promise<Backend>>> = {
    'ldap-openldap.yaml': openldap,
    'ldap-389ds.yaml': async () => ({ source: both389.source ?? {}, answers: both389.answers }),
    'ldap-freeipa.yaml': async () => both389.freeipa,
    'http-proxy-graph.yaml': graph,
    'http-proxy-keycloak.yaml': keycloak,
    'http-proxy-okta.yaml': okta,
    'http-proxy-scim.yaml': scim,
    'http-proxy-custom.yaml': custom,
    'http-proxy-passthrough.yaml': passthrough,
    'sql-postgresql.yaml': postgresql,
    'sql-mysql.yaml': mysql,
  };

  it('are all tested here if they have a backend, and otherwise in another test', () => {
    const directoryPath = join(import.meta.dirname, '../examples/configurations');
    const names = readdirSync(directoryPath).filter((name) => /^(ldap|http-proxy|sql)-.*\.yaml$/.test(name));
    expect([...Object.keys(backends), ...shownElsewhere].sort()).to.deep.equal(names.sort());
  });

  for (const [name, start] of Object.entries(backends)) {
    it(`${name} returns the correct data when only addresses and secrets are changed`, async () => {
      const backend = await start();
      try {
        const example = await serveExample(name, { secret, ...backend });
        try {
          for (const [userid, answer] of Object.entries(backend.answers)) {
            expect(inShort(await example.ask(userid)), userid).to.deep.equal(answer);
          }
          expect(inShort(await example.ask('nobody@example.com'))).to.equal(404);
        } finally {
          await example.stop();
        }
      } finally {
        await backend.close?.();
      }
    });
  }
});
