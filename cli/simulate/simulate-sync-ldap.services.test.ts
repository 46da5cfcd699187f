// Tests of `user-info simulate sync --users ldaps://…` with a real OpenLDAP: new, existing and removed users, and incomplete lists.
import { join } from 'node:path';
import { expect } from 'chai';
import { certificateFiles } from '../../tests/certificate-files.ts';
import { type Slapd, startSlapd } from '../../tests/services/slapd.ts';
import { startTestServer, type TestServer } from '../../tests/test-server.ts';
import { createSimulatorShell, type SimulatorShell } from '../testing/simulator-shell.ts';

const names = Array.from({ length: 1200 }, (_, index) => `user${index}`);
const person = (uid: string) => `dn: uid=${uid},ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: ${uid}
cn: Name of ${uid}
sn: ${uid}
mail: ${uid}@example.com

`;

describe('user-info simulate sync with the users of an LDAP directory', function () {
  this.timeout(180_000);
  let slapd: Slapd;
  let server: TestServer;
  let shell: SimulatorShell;
  let ca: string;
  before(async () => {
    const files = await certificateFiles();
    ca = files.listenerTls.clientCa[0] ?? '';
    slapd = await startSlapd({
      tls: { certificate: files.listenerTls.certificate, key: files.listenerTls.key, ca },
      database: ['limits dn.exact="cn=reader,dc=example,dc=test" size=5 size.pr=none size.prtotal=20'],
      ldif: `dn: ou=people,dc=example,dc=test
objectClass: organizationalUnit
ou: people

dn: cn=reader,dc=example,dc=test
objectClass: person
cn: reader
sn: reader
userPassword: limited

${names.map(person).join('')}`,
    });
    const users = Object.fromEntries(names.map((uid) => [uid, { groups: ['staff'], authorizations: {} }]));
    server = await startTestServer({ source: { type: 'static', users } });
  });
  after(async () => {
    await server.stop();
    await slapd.stop();
  });
  beforeEach(() => {
    shell = createSimulatorShell();
    shell.createOkta(server.url);
    shell.write('password', `${slapd.adminPassword}\n`);
    shell.write('limited', 'limited');
  });
  const account = (dn = slapd.adminDn, file = 'password') => [
    ...['--bind-dn', dn, '--bind-password-file', join(shell.directory, file), '--ldap-ca', ca],
  ];
  const people = () => `${slapd.ldapsUrl}/ou=people,${slapd.suffix}?uid?one?(objectClass=inetOrgPerson)`;

  it('creates new users, keeps existing ones, and disables missing ones', async () => {
    const first = await shell.succeed('sync', 'okta', '--users', people(), ...account());
    expect(first).to.include('1200 users requested, 1200 answered.').and.to.include('1200 created');
    const user = shell.inStore(({ identities }) => identities.users.get({ iam: 'okta', userid: 'user7' }));
    expect(user).to.include({ name: 'Name of user7', email: 'user7@example.com' });

    slapd.modify('dn: uid=user7,ou=people,dc=example,dc=test\nchangetype: delete\n');
    const second = await shell.succeed('sync', 'okta', '--users', people(), ...account());
    expect(second)
      .to.include('0 created, 1 changed, 1 disabled')
      .and.to.match(/^user7 +gone +\+disabled$/m);
    slapd.add(person('user7'));
    const third = await shell.succeed('sync', 'okta', '--users', people(), ...account());
    expect(third).to.include('0 created, 1 changed, 0 disabled, 1 enabled');
  });

  it('also uses the user list of the IAM, and commands set, test and remove that list', async () => {
    const set = await shell.succeed('iam', 'user-list', 'okta', people(), ...account());
    expect(set).to.equal(`Set the user list of okta: ${people()}.\n`);
    expect(await shell.succeed('iam', 'test', 'okta')).to.match(
      /responded with 404 for the unknown user connection-test\. .+\nThe user list was read completely: 1200 users of ldaps:/,
    );
    const kept = shell.inStore(({ identities }) => identities.iams.get('okta').settings);
    expect(kept).to.have.nested.property('userList.bindPasswordFile', join(shell.directory, 'password'));
    expect(JSON.stringify(kept)).not.to.include(slapd.adminPassword);
    expect(await shell.succeed('iam', 'list')).to.match(/^okta .+ ldaps:\/\//m);
    expect(await shell.succeed('sync', 'okta')).to.include('1200 users requested, 1200 answered.');
    await shell.succeed('users', 'delete', 'user9', '--iam', 'okta', '--confirm', '--type', 'Delete');
    expect(await shell.succeed('sync', 'okta', 'user9', '--json'))
      .to.include('"created": 1')
      .and.to.include('"source": "ldaps:');
    const made = shell.inStore(({ identities }) => identities.users.get({ iam: 'okta', userid: 'user9' }));
    expect(made.name).to.equal('Name of user9');
    shell.write('password', 'another');
    const failed = await shell.run('sync', 'okta');
    expect([failed.exitCode, failed.stderr]).to.deep.equal([
      3,
      'user-info: userList: the directory did not return the list (49).\n',
    ]);
    const tested = await shell.run('iam', 'test', 'okta', '--json');
    expect([
      tested.exitCode,
      JSON.parse(tested.stdout).isOk,
      tested.stderr.includes('did not return the list'),
    ]).to.deep.equal([3, true, true]);
    await shell.succeed('iam', 'user-list', 'okta', 'off');
    expect(await shell.succeed('sync', 'okta', '--json')).to.include('"source": "store"');
  });

  const refused: Readonly<Record<string, () => readonly [exitCode: number, words: string, args: readonly string[]]>> = {
    'a list that the directory cuts off': () => [
      ...([3, 'the directory did not return the list'] as const),
      [people(), ...account(`cn=reader,${slapd.suffix}`, 'limited')],
    ],
    'a wrong password': () => [3, '(49)', [people(), ...account(slapd.adminDn, 'limited')]],
    'a certificate of another CA': () => [3, 'did not return the list', [people(), ...account().slice(0, 4)]],
    'a base without users': () => [
      ...([3, 'has no entry in the search base with uid'] as const),
      [`${slapd.ldapsUrl}/ou=people,${slapd.suffix}?uid?one?(uid=nobody)`, ...account()],
    ],
    'a password over plain LDAP': () => [
      2,
      'is sent only to ldaps:// URLs',
      [`ldap://directory.example.com/dc=x`, ...account()],
    ],
    'an account without a password': () => [2, '--bind-dn needs', [people(), '--bind-dn', 'cn=x']],
    'an URL without a base': () => [2, 'with a base', [slapd.ldapsUrl]],
    'an account for a file': () => [2, 'require an LDAP URL', [join(shell.directory, 'password'), ...account()]],
  };
  for (const [title, make] of Object.entries(refused)) {
    it(`rejects ${title}, and requests no user from the endpoint`, async () => {
      const [code, words, [users = '', ...args]] = make();
      const { exitCode, stderr } = await shell.run('sync', 'okta', '--users', users, ...args);
      expect([exitCode, stderr.includes(words)], stderr).to.deep.equal([code, true]);
      expect(shell.inStore(({ runs }) => runs.list(1))).to.deep.equal([]);
    });
  }
});
