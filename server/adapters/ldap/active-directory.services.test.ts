// Tests of the adapter `ldap` against a real Active Directory domain controller: Samba.
import { expect } from 'chai';
import type { LdapSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { certificateFiles } from '../../../tests/certificate-files.ts';
import { inShort, serveExample } from '../../../tests/serve-example.ts';
import { type Samba, startSamba } from '../../../tests/services/samba.ts';
import { diagnose, linesOf, secretReference } from '../../doctor/testing/diagnose.ts';
import { SourceError, type UserSource } from '../user-source.ts';
import { valuesOf } from './directory.ts';
import { createLdapDirectory } from './ldap-directory.ts';
import { createLdapSource } from './ldap-source.ts';
import { bindAs, ldapConfig, silentLog } from './testing/ldap-config.ts';
import { createConnectionPool } from './wire/connection-pool.ts';

const base = 'DC=ad,DC=example,DC=com';
const manyGroups = 2000;
const signal = new AbortController().signal;

const user = (name: string, more: readonly string[] = []) =>
  [
    `dn: CN=${name},OU=staff,${base}`,
    'objectClass: user',
    `sAMAccountName: ${name}`,
    `userPrincipalName: ${name}@ad.example.com`,
    // 544: the account is enabled and needs no password; these tests do not use one.
    ...(more.some((line) => line.startsWith('userAccountControl')) ? [] : ['userAccountControl: 544']),
    ...more,
    '',
  ].join('\n');
const group = (name: string, members: readonly string[], unit = 'groups') =>
  [
    `dn: CN=${name.replaceAll(',', '\\,')},OU=${unit},${base}`,
    'objectClass: group',
    `sAMAccountName: ${name.replace(/[^\w -]/g, '')}`,
    ...members.map((member) => `member: ${member},${base}`),
    '',
  ].join('\n');

const ldif = [
  ...['staff', 'groups', 'many'].map((unit) => `dn: OU=${unit},${base}\nobjectClass: organizationalUnit\n`),
  user('ada', ['mail: ada@example.com', 'department: Research']),
  user('gone', ['userAccountControl: 546']),
  user('many'),
  user('lone'),
  user('twin-a', ['mail: twin@example.com']),
  user('twin-b', ['mail: twin@example.com', 'userAccountControl: 546']),
  user('grace', ['department: Data', `manager: CN=ada,OU=staff,${base}`]),
  `dn: OU=data,OU=groups,${base}\nobjectClass: organizationalUnit\n`,
  group('analysts', ['CN=grace,OU=staff'], 'data,OU=groups'),
  group('engineers', ['CN=ada,OU=staff']),
  group('technical', ['CN=engineers,OU=groups']),
  group('everybody', ['CN=technical,OU=groups']),
  group('ring-a', ['CN=ada,OU=staff']),
  group('ring-b', ['CN=ring-a,OU=groups']),
  // This group contains the primary group, whose members no attribute shows.
  group('of the domain', ['CN=Domain Users,CN=Users']),
  ...Array.from({ length: manyGroups }, (_, index) => group(`many-${index}`, ['CN=many,OU=staff'], 'many')),
];

// Closes a circle.
const changes = `dn: CN=ring-a,OU=groups,${base}\nchangetype: modify\nadd: member\nmember: CN=ring-b,OU=groups,${base}\n`;

describe('ldap with Active Directory (Samba)', function () {
  this.timeout(120_000);
  let samba: Samba;
  let tlsFiles: { certificate: string; key: string; ca: string };

  before(async () => {
    const { listenerTls } = await certificateFiles();
    const { certificate, key, clientCa } = listenerTls;
    tlsFiles = { certificate, key, ca: clientCa[0] ?? '' };
    samba = await startSamba({ ldif: ldif.join('\n'), changes, tls: tlsFiles });
  });
  after(() => samba?.stop());

  const open = (given: Parameters<typeof ldapConfig>[1], urls = [samba.url]): Promise<UserSource> =>
    createLdapSource(
      ldapConfig(urls, {
        preset: 'active-directory',
        // Samba takes seconds to follow a chain.
        operationTimeoutMs: 20_000,
        connectTimeoutMs: 20_000,
        bind: bindAs(samba.administrator, samba.password),
        ...given,
        user: { base: `OU=staff,${base}`, ...given.user },
        groups: { base, ...given.groups },
      }),
      { log: silentLog },
    );

  async function groupsOf(userid: string, given: Parameters<typeof ldapConfig>[1]): Promise<string[] | null> {
    const source = await open(given);
    try {
      const found = await source.findUser(userid, signal);
      return found === null ? null : found.groups.map(({ name }) => name).sort();
    } finally {
      await source.close();
    }
  }

  const direct = ['engineers', 'ring-a'];
  const nested = [...direct, 'ring-b', 'technical', 'everybody'];
  const ofTheDomain = ['Domain Users', 'of the domain', 'Users'];
  const expected: Record<string, [groups: Partial<LdapSourceConfig['groups']>, names: string[]]> = {
    'memberOf: direct groups and the primary group': [{ strategy: 'memberOf' }, [...direct, 'Domain Users']],
    'memberOf without the primary group': [{ strategy: 'memberOf', primaryGroup: false }, direct],
    'search: the same groups as memberOf': [{ strategy: 'search' }, [...direct, 'Domain Users']],
    'recursive: nested groups, a cycle, and the groups of the primary group': [
      { strategy: 'recursive' },
      [...nested, ...ofTheDomain],
    ],
    'inChain: the same groups as recursive': [{ strategy: 'inChain' }, [...nested, ...ofTheDomain]],
    'tokenGroups: the same groups as recursive': [{ strategy: 'tokenGroups' }, [...nested, ...ofTheDomain]],
    'tokenGroups limited to one base': [
      { strategy: 'tokenGroups', bases: [`OU=groups,${base}`] },
      [...nested, 'of the domain'],
    ],
    'tokenGroups with renamed groups': [
      { strategy: 'tokenGroups', include: '^ring', rename: [{ pattern: '^ring-', replacement: 'r' }], case: 'upper' },
      ['RA', 'RB'],
    ],
  };
  for (const [title, [groups, names]] of Object.entries(expected)) {
    it(`finds the groups with ${title}`, async () => {
      expect(await groupsOf('ada@ad.example.com', { groups })).to.deep.equal([...names].sort());
    });
  }

  it('uses the SID as the name of a group when groups.name is sid', async () => {
    const names = await groupsOf('lone@ad.example.com', { groups: { strategy: 'memberOf', name: 'sid' } });
    expect(names).to.have.length(1);
    expect(names?.[0]).to.match(/^S-1-5-21-\d+-\d+-\d+-513$/);
  });

  // Samba takes minutes to evaluate the filters of the other two strategies.
  for (const strategy of ['memberOf', 'search', 'tokenGroups'] as const) {
    it(`finds all ${manyGroups} groups of a user with ${strategy}`, async () => {
      const names = await groupsOf('many@ad.example.com', { groups: { strategy, include: '^many-' } });
      expect(names).to.have.length(manyGroups);
    });
  }

  it('reads all ranges of a multi-valued attribute', async () => {
    const config = ldapConfig([samba.url], { bind: bindAs(samba.administrator, samba.password) });
    const pool = createConnectionPool(config, silentLog, () => performance.now());
    const [entry] = await createLdapDirectory(pool, config).search(
      {
        purpose: 'the user',
        base: `CN=many,OU=staff,${base}`,
        scope: 'base',
        filter: { kind: 'present', attribute: 'objectClass' },
        attributes: ['memberOf;range=0-699'],
      },
      signal,
    );
    pool.close();
    expect(entry && new Set(valuesOf(entry, 'memberOf').map(String)).size).to.equal(manyGroups);
  });

  it('returns null for a disabled user', async () => {
    expect(await groupsOf('gone@ad.example.com', {})).to.equal(null);
  });

  it('fails when two entries have the same mail address, even if one is disabled', async () => {
    const source = await open({ user: { attributes: ['mail'] } });
    const error = await source.findUser('twin@example.com', signal).catch((reason: unknown) => reason);
    await source.close();
    expect(error).to.be.instanceOf(SourceError).with.property('kind', 'bad-answer');
  });

  it('ignores references to other servers, or fails when referrals is error', async () => {
    const bases = { user: { base }, groups: { base } };
    expect(await groupsOf('lone@ad.example.com', { ...bases, groups: { base, strategy: 'search' } })).to.deep.equal([
      'Domain Users',
    ]);
    const source = await open({ ...bases, referrals: 'error' });
    const error = await source.findUser('lone@ad.example.com', signal).catch((reason: unknown) => reason);
    await source.close();
    expect(error).to.be.instanceOf(SourceError).with.property('message').that.contains('referrals to other servers');
  });

  it('fails instead of omitting groups that are outside groups.base', async () => {
    const source = await open({ groups: { base: `OU=groups,${base}`, strategy: 'tokenGroups' } });
    const error = await source.findUser('ada@ad.example.com', signal).catch((reason: unknown) => reason);
    await source.close();
    expect(error)
      .to.be.instanceOf(SourceError)
      .with.property('message')
      .that.matches(/are not below OU=groups/);
  });

  it('reads values in the encodings text, guid and sid, and constants', async () => {
    const source = await open({
      authorizations: [
        { name: 'department', attribute: 'department', encoding: 'text', required: true },
        { name: 'guid', attribute: 'objectGUID', encoding: 'guid', required: true },
        { name: 'sid', attribute: 'objectSid', encoding: 'sid', required: true },
        { name: 'unit', attribute: 'dn', pattern: 'OU=([^,]+)', encoding: 'text', required: false },
        { name: 'origin', constant: 'ad', encoding: 'text', required: false },
      ],
    });
    const found = await source.findUser('ada@ad.example.com', signal);
    await source.close();
    expect(found?.authorizations).to.deep.include({ department: ['Research'], unit: ['staff'], origin: ['ad'] });
    expect(found?.authorizations.guid?.[0]).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(found?.authorizations.sid?.[0]).to.match(/^S-1-5-21-/);
  });

  it('fails when the encoding is text and the value is binary', async () => {
    const source = await open({
      authorizations: [{ name: 'sid', attribute: 'objectSid', encoding: 'text', required: false }],
    });
    const error = await source.findUser('ada@ad.example.com', signal).catch((reason: unknown) => reason);
    await source.close();
    expect(error)
      .to.be.instanceOf(SourceError)
      .with.property('message')
      .that.contains('set the option encoding of its authorization');
  });

  for (const [title, startTls] of [
    ['ldaps://', false],
    ['StartTLS', true],
  ] as const) {
    it(`finds a user over ${title}`, async () => {
      const tls = { startTls, ca: [tlsFiles.ca], serverName: 'localhost' };
      const source = await open({ tls }, [startTls ? samba.url : samba.ldapsUrl]);
      expect(await source.findUser('ada@ad.example.com', signal)).to.not.equal(null);
      await source.close();
    });

    it(`fails over ${title} when the certificate does not contain the server name`, async () => {
      const tls = { startTls, ca: [tlsFiles.ca], serverName: 'other.example.test' };
      const error = await open({ tls }, [startTls ? samba.url : samba.ldapsUrl]).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(SourceError).with.property('kind', 'unavailable');
      expect((error as SourceError).message).to.contain('ERR_TLS_CERT_ALTNAME_INVALID');
    });
  }

  it('explains the searches and the origin of each group', async () => {
    const source = await open({ groups: { strategy: 'tokenGroups', exclude: '^ring' } });
    const explained = await source.explainUser?.('ada@ad.example.com', signal);
    await source.close();
    const origin = explained?.groups.find(({ name }) => name === 'technical')?.origin;
    expect(origin).to.equal(`CN=technical,OU=groups,${base}, tokenGroups of the user's entry`);
    expect(explained?.asked?.map(({ query }) => query.split(' attributes')[0])).to.include(
      `base="CN=ada,OU=staff,${base}" scope=base filter=(objectClass=*)`,
    );
    expect(explained?.dropped).to.deep.include({ found: `CN=ring-a,OU=groups,${base}`, rule: 'groups.exclude' });
  });

  it('is diagnosed, including its clock and the strategies that only Active Directory supports', async () => {
    const source = {
      ...{ type: 'ldap', preset: 'active-directory', urls: [samba.url], allowPlaintext: true },
      ...{ operationTimeoutMs: 20_000, connectTimeoutMs: 20_000 },
      bind: { dn: samba.administrator, password: secretReference },
      user: { base: `OU=staff,${base}` },
      groups: { base },
    };
    const lines = await diagnose(source, 'ada@ad.example.com', samba.password);
    expect(linesOf(lines, 'clock')[0]).to.match(/works clock: .* agrees with the clock of this machine$/);
    expect(linesOf(lines, 'strategies')[0]).to.match(/inChain, tokenGroups; tokenGroups is used$/);
    expect(lines.filter((line) => line.includes(' fails '))).to.deep.equal([]);
  });

  it('serves users with the example configuration after only the addresses and the account are changed', async () => {
    const example = await serveExample('ldap-active-directory.yaml', {
      source: {
        URLS: JSON.stringify([`ldaps://127.0.0.1:1`, samba.ldapsUrl]),
        TLS__SERVER_NAME: 'localhost',
        BIND__DN: samba.administrator,
      },
      secret: samba.password,
    });
    try {
      expect(inShort(await example.ask('Grace@AD.example.com'))).to.deep.equal({
        groups: ['analysts'],
        authorizations: { department: ['Data'], manager: ['ada'] },
      });
      expect(inShort(await example.ask('gone@ad.example.com'))).to.equal(404);
    } finally {
      await example.stop();
    }
  });
});
