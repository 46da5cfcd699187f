// Tests a published LDAP directory: the Example.ldif of 389 Directory Server, as a file and in a real slapd.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ask } from './ask-server.ts';
import { type Slapd, startSlapd } from './services/slapd.ts';
import { secretReference, startTestServer, type TestServer } from './test-server.ts';

/** Included in the server's package. */
const file = '/usr/share/dirsrv/data/Example.ldif';
const base = 'dc=example,dc=com';

const mapping = {
  preset: '389ds',
  user: { base: `ou=People,${base}`, attributes: ['uid'] },
  groups: {
    base: `ou=Groups,${base}`,
    strategy: 'search',
    filter: '(objectClass=groupOfUniqueNames)',
    memberAttribute: 'uniqueMember',
  },
  authorizations: [
    { name: 'department', attribute: 'ou' },
    { name: 'place', attribute: 'l' },
  ],
};

type Entry = readonly string[];

/** Returns the records of the file as unfolded lines, without comments. */
function readRecords(): Entry[] {
  return readFileSync(file, 'utf8')
    .replace(/^#.*\n/gm, '')
    .replaceAll('\n ', '')
    .split(/\n\n+/)
    .map((record) => record.trim().split('\n'));
}

const valuesOf = (record: Entry, name: string) =>
  record.filter((line) => line.toLowerCase().startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
const isOf = (record: Entry, kind: string) =>
  valuesOf(record, 'objectclass').some((value) => value.toLowerCase() === kind);

/** Returns the data of a person in the file, read without any of our code. */
function expectedOf(person: Entry, groups: readonly Entry[]): object {
  const [uid] = valuesOf(person, 'uid');
  const isMember = (group: Entry) =>
    valuesOf(group, 'uniquemember').some((name) => name.toLowerCase().startsWith(`uid=${uid?.toLowerCase()},`));
  return {
    groups: groups
      .filter(isMember)
      .flatMap((group) => valuesOf(group, 'cn'))
      .sort(),
    department: valuesOf(person, 'ou').sort(),
    place: valuesOf(person, 'l').sort(),
  };
}

async function answerOf(server: TestServer, uid: string): Promise<unknown> {
  const { status, body } = await ask(`${server.url}?userid=${uid}`);
  if (status !== 200) return status;
  const found = JSON.parse(body) as { groups: { name: string }[]; authorizations: Record<string, string[]> };
  const { department = [], place = [] } = found.authorizations;
  return { groups: found.groups.map(({ name }) => name).sort(), department: department.sort(), place: place.sort() };
}

describe('the example LDAP directory of 389 Directory Server', () => {
  let slapd: Slapd;
  let servers: Readonly<Record<'ldif' | 'ldap', TestServer>>;

  let groups: Entry[];
  let people: Entry[];

  before(async () => {
    const records = readRecords();
    groups = records.filter((record) => isOf(record, 'groupofuniquenames'));
    people = records.filter((record) => isOf(record, 'person'));
    // slapd creates the base entry itself and does not recognize the access rules and settings of the other server.
    const entries = records
      .filter(([dn]) => dn !== `dn: ${base}`)
      .map((record) => record.filter((line) => !/^(?:aci|ns\w+):/i.test(line)).join('\n'));
    slapd = await startSlapd({ suffix: base, ldif: `${entries.join('\n\n')}\n` });
    const bind = { dn: slapd.adminDn, password: secretReference('LDAP_PASSWORD') };
    servers = {
      ldif: await startTestServer({ source: { type: 'ldif', path: file, ...mapping } }),
      ldap: await startTestServer(
        { source: { type: 'ldap', urls: [slapd.url], bind, ...mapping } },
        { LDAP_PASSWORD: slapd.adminPassword },
      ),
    };
  });
  after(async () => {
    await servers.ldif.stop();
    await servers.ldap.stop();
    await slapd.stop();
  });

  it('is read completely: 150 people and 5 groups, as its header says', () => {
    expect([people.length, groups.length]).to.deep.equal([150, 5]);
    const members = people.filter((person) => JSON.stringify(expectedOf(person, groups)).includes('"groups":["'));
    expect(members).to.have.length.above(5);
  });

  for (const name of ['ldif', 'ldap'] as const) {
    it(`returns for each user the data in the file: ${name}`, async () => {
      for (const person of people) {
        const [uid = ''] = valuesOf(person, 'uid');
        expect(await answerOf(servers[name], uid), uid).to.deep.equal(expectedOf(person, groups));
      }
      expect(await answerOf(servers[name], 'nobody')).to.equal(404);
    });
  }
});
