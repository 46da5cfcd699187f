// Tests of the adapter `ldap` against a real 389 Directory Server: its own preset, and FreeIPA's preset with a directory tree like FreeIPA's.
import { expect } from 'chai';
import { certificateFiles } from '../../../tests/certificate-files.ts';
import { eventually } from '../../../tests/reloadable-server.ts';
import { type Directory389, startDirectory389 } from '../../../tests/services/directory-389.ts';
import { describeUserSource } from '../user-source.suite.ts';
import { SourceError, type UserSource } from '../user-source.ts';
import { createLdapSource } from './ldap-source.ts';
import { bindAs, ldapConfig, silentLog } from './testing/ldap-config.ts';
import { suiteDirectory, suiteSchema } from './testing/suite-directory.ts';

const suffix = 'dc=example,dc=test';
const people = `ou=people,${suffix}`;
const groups = `ou=groups,${suffix}`;
const reader = `uid=user-info,ou=services,${suffix}`;
const accounts = `cn=accounts,${suffix}`;
const readerPassword = 'the reader of a test';
const signal = new AbortController().signal;

type Entry = readonly [dn: string, ...lines: string[]];

const textOf = (entries: readonly Entry[]) =>
  entries.map(([dn, ...lines]) => `dn: ${dn}\n${lines.join('\n')}\n`).join('\n');
const unit = (dn: string): Entry => [dn, 'objectClass: organizationalUnit'];
const container = (dn: string): Entry => [dn, 'objectClass: nsContainer'];

const person = (uid: string, ...more: string[]): Entry => [
  `uid=${uid},${people}`,
  ...['objectClass: inetOrgPerson', `cn: ${uid}`, `sn: ${uid}`, `mail: ${uid}@example.test`, ...more],
];
const group = (cn: string, ...members: string[]): Entry => [
  `cn=${cn},${groups}`,
  ...['objectClass: groupOfNames', ...members.map((member) => `member: ${member}`)],
];

/** Schema lines of slapd.conf in this server's form. */
const schema = [
  ...suiteSchema.map((line) =>
    line.replace(/^attributetype /, 'attributeTypes: ').replace(/^objectclass /, 'objectClasses: '),
  ),
  // From FreeIPA's 60basev2.ldif and 60ipaconfig.ldif, as far as a user's groups need them.
  "attributeTypes: ( 2.16.840.1.113730.3.8.3.1 NAME 'ipaUniqueID' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "objectClasses: ( 2.16.840.1.113730.3.8.4.5 NAME 'ipaObject' SUP top AUXILIARY MUST ( ipaUniqueID ) )",
  "objectClasses: ( 2.16.840.1.113730.3.8.4.3 NAME 'nestedGroup' SUP groupOfNames STRUCTURAL MAY memberOf )",
  "objectClasses: ( 2.16.840.1.113730.3.8.4.4 NAME 'ipaUserGroup' SUP nestedGroup STRUCTURAL )",
];

const mayNot = (right: string, attribute: string) =>
  `(targetattr = "${attribute}")(version 3.0; acl "hidden"; deny (${right}) userdn = "ldap:///${reader}";)`;

const own: Entry[] = [
  ...[people, groups, `ou=services,${suffix}`].map(unit),
  [
    reader,
    ...['objectClass: account', 'objectClass: simpleSecurityObject', 'uid: user-info'],
    `userPassword: ${readerPassword}`,
  ],
  person('ada', 'departmentNumber: Research'),
  person('locked', 'nsAccountLock: TRUE'),
  person('locked-small', 'nsAccountLock: true'),
  person('unlocked', 'nsAccountLock: false'),
  person('twin-a', 'mail: twin@example.test'),
  person('twin-b', 'mail: twin@example.test'),
  group('engineers', `uid=ada,${people}`, `uid=locked,${people}`),
  group('technical', `cn=engineers,${groups}`),
  group('everybody', `cn=technical,${groups}`),
  group('ring-a', `uid=ada,${people}`),
  group('ring-b', `cn=ring-a,${groups}`),
  person('guest', `aci: ${mayNot('read', 'departmentNumber')}`, 'departmentNumber: Visitors'),
  [...group('hidden', `uid=guest,${people}`), 'description: nobody may know', `aci: ${mayNot('all', '*')}`],
];

const ipaUser = (uid: string, ...more: string[]): Entry => [
  `uid=${uid},cn=users,${accounts}`,
  ...['person', 'organizationalPerson', 'inetOrgPerson', 'posixAccount', 'ipaObject'].map(
    (name) => `objectClass: ${name}`,
  ),
  ...[`cn: ${uid}`, `sn: ${uid}`, `mail: ${uid}@ipa.example.test`, 'uidNumber: 1', 'gidNumber: 1'],
  ...['homeDirectory: /home', `ipaUniqueID: ${uid}-id`, ...more],
];
const ipaGroup = (cn: string, ...members: string[]): Entry => [
  `cn=${cn},cn=groups,${accounts}`,
  ...['objectClass: ipaUserGroup', 'objectClass: ipaObject', `ipaUniqueID: ${cn}-id`],
  ...members.map((member) => `member: ${member}`),
];

/** https://freeipa.readthedocs.io/en/latest/designs/: accounts, roles and rules are side by side, and memberOf lists all of them. */
const freeipa: Entry[] = [
  container(accounts),
  ...['users', 'groups', 'roles'].map((name) => container(`cn=${name},${accounts}`)),
  ...['compat', 'hbac'].map((name) => container(`cn=${name},${suffix}`)),
  container(`cn=users,cn=compat,${suffix}`),
  ipaUser('grace', 'departmentNumber: Navy'),
  ipaUser('leaver', 'nsAccountLock: TRUE'),
  ipaGroup('ipausers', `uid=grace,cn=users,${accounts}`, `uid=leaver,cn=users,${accounts}`),
  ipaGroup('compilers', `uid=grace,cn=users,${accounts}`),
  ipaGroup('languages', `cn=compilers,cn=groups,${accounts}`),
  [`cn=helpdesk,cn=roles,${accounts}`, 'objectClass: groupOfNames', `member: cn=languages,cn=groups,${accounts}`],
  [`cn=allow-ssh,cn=hbac,${suffix}`, 'objectClass: groupOfNames', `member: uid=grace,cn=users,${accounts}`],
  // The compatibility tree contains each user a second time.
  [
    `uid=grace,cn=users,cn=compat,${suffix}`,
    ...['objectClass: account', 'objectClass: posixAccount', 'objectClass: extensibleObject', 'cn: grace'],
    ...['uidNumber: 1', 'gidNumber: 1', 'homeDirectory: /home', 'mail: grace@ipa.example.test'],
  ],
];

const maySeeAll = `(targetattr = "*")(version 3.0; acl "user-info"; allow (read, search, compare) userdn = "ldap:///${reader}";)`;

const department = { name: 'department', attribute: 'departmentNumber', encoding: 'text', required: false } as const;

describe('ldap with 389 Directory Server', function () {
  this.timeout(60_000);
  let directory: Directory389;
  let ca: string;
  let sets = 0;

  before(async () => {
    const { listenerTls } = await certificateFiles();
    const { certificate, key, clientCa } = listenerTls;
    ca = clientCa[0] ?? '';
    const tls = { certificate, key, ca };
    directory = await startDirectory389({ suffix, schema, ldif: textOf([...own, ...freeipa]), tls });
    directory.modify(`dn: ${suffix}\nchangetype: modify\nadd: aci\naci: ${maySeeAll}\n`);
  });
  after(() => directory?.stop());

  type Given = Parameters<typeof ldapConfig>[1];

  const open = (given: Given): Promise<UserSource> =>
    createLdapSource(
      ldapConfig([directory.ldapsUrl], {
        preset: '389ds',
        bind: bindAs(reader, readerPassword),
        tls: { ca: [ca] },
        ...given,
        user: { base: people, ...given.user },
        groups: { base: groups, ...given.groups },
      }),
      { log: silentLog },
    );

  async function ask(userid: string, given: Given = {}) {
    const source = await open(given);
    try {
      const found = await source.findUser(userid, signal);
      return found && { ...found, groups: found.groups.map(({ name }) => name).sort() };
    } finally {
      await source.close();
    }
  }

  const troubleOf = (opened: Promise<unknown>) =>
    opened.then(
      () => null,
      (error: unknown) => {
        expect(error).to.be.instanceOf(SourceError);
        return `${(error as SourceError).kind}: ${(error as SourceError).message}`;
      },
    );

  describeUserSource('ldap (389 Directory Server)', {
    async open(users) {
      sets += 1;
      const { ldif, mapping } = suiteDirectory(users, `o=set-${sets},${suffix}`);
      directory.add(ldif);
      const source = await open({ ...mapping, bind: bindAs(directory.adminDn, directory.adminPassword) });
      return { source, close: () => source.close() };
    },
  });

  describe('with the preset 389ds', () => {
    const nested = ['engineers', 'everybody', 'ring-a', 'ring-b', 'technical'];

    it('finds the nested groups that the MemberOf plug-in writes', async () => {
      expect(await ask('ada@example.test', { authorizations: [department] })).to.deep.equal({
        groups: nested,
        authorizations: { department: ['Research'] },
      });
    });

    it('finds the same groups with the strategy recursive', async () => {
      expect((await ask('ada@example.test', { groups: { strategy: 'recursive' } }))?.groups).to.deep.equal(nested);
    });

    it('finds only direct groups with the strategy search', async () => {
      const found = await ask('ada@example.test', { groups: { strategy: 'search' } });
      expect(found?.groups).to.deep.equal(['engineers', 'ring-a']);
    });

    it('returns null for locked users, in any letter case, and finds unlocked users', async () => {
      expect(await ask('locked@example.test')).to.equal(null);
      expect(await ask('locked-small@example.test')).to.equal(null);
      expect(await ask('unlocked@example.test')).to.deep.equal({ groups: [], authorizations: {} });
    });

    it('returns null for a user who is locked by a role, not by an attribute of the entry', async () => {
      const lockedBy = [
        [`cn=leavers,${suffix}`, 'objectClass: LDAPsubentry', 'objectClass: nsRoleDefinition'],
        [`cn=locks,${suffix}`, 'objectClass: nsContainer'],
        [`cn="cn=leavers,${suffix}",cn=locks,${suffix}`, 'objectClass: extensibleObject', 'objectClass: cosTemplate'],
        [`cn=lock,${suffix}`, 'objectClass: LDAPsubentry', 'objectClass: cosSuperDefinition'],
      ] as const;
      const more = [
        ['objectClass: nsSimpleRoleDefinition', 'objectClass: nsManagedRoleDefinition'],
        [],
        ['nsAccountLock: true', 'cosPriority: 1'],
        [
          ...['objectClass: cosClassicDefinition', `cosTemplateDn: cn=locks,${suffix}`, 'cosSpecifier: nsRole'],
          'cosAttribute: nsAccountLock operational',
        ],
      ];
      directory.add(
        textOf([
          ...lockedBy.map((entry, index): Entry => [...entry, ...(more[index] ?? [])]),
          person('former', `nsRoleDN: cn=leavers,${suffix}`),
        ]),
      );
      // The server reads such a definition a while after it is written.
      for (let turn = 0; turn < 100 && (await ask('former@example.test')) !== null; turn++);
      expect(await ask('former@example.test')).to.equal(null);
      expect(await ask('unlocked@example.test')).not.to.equal(null);
    });

    it('fails when two entries match', async () => {
      expect(await troubleOf(ask('twin@example.test'))).to.match(/^bad-answer: Several entries/);
    });

    it('fails instead of reporting an unknown user when a search exceeds the look-through limit', async () => {
      const limit = `dn: ${reader}\nchangetype: modify\nreplace: nsLookThroughLimit\nnsLookThroughLimit: `;
      const unindexed = { user: { attributes: ['departmentNumber'] } };
      directory.modify(`${limit}1\n`);
      try {
        expect(await troubleOf(ask('Research', unindexed))).to.match(/^bad-answer: .*adminLimitExceeded/);
      } finally {
        directory.modify(`${limit}-1\n`);
      }
      expect((await ask('Research', unindexed))?.groups).to.deep.equal(nested);
    });

    for (const [title, given] of [
      ['whose name cannot be read', { name: 'description' }],
      ['whose attributes cannot be read for the filter', { filter: '(cn=*)' }],
    ] as const) {
      it(`fails instead of omitting a group ${title}`, async () => {
        expect(await troubleOf(ask('guest@example.test', { groups: { strategy: 'memberOf', ...given } }))).to.match(
          /^bad-answer: .*The bind account cannot read/,
        );
      });
    }

    it('omits a group that the filter excludes', async () => {
      const found = await ask('ada@example.test', { groups: { filter: '(cn=ring-*)' } });
      expect(found?.groups).to.deep.equal(['ring-a', 'ring-b']);
    });

    it('fails instead of reporting an unknown user when the account may search by userid but not read it', async () => {
      expect(await troubleOf(ask('Visitors', { user: { attributes: ['departmentNumber'] } }))).to.match(
        /^bad-answer: .*departmentNumber.*read/,
      );
    });

    it('is not ready while the account cannot read users, because every user would be unknown', async () => {
      const grant = (kind: string) =>
        directory.modify(`dn: ${suffix}\nchangetype: modify\n${kind}: aci\naci: ${maySeeAll}\n`);
      const source = await open({});
      // The directory server may apply a changed ACI shortly after it has confirmed the change.
      const check = (holds: (trouble: string | null) => boolean) => eventually(() => troubleOf(source.check()), holds);
      try {
        await source.check();
        grant('delete');
        await check((trouble) => /^unavailable: source\.user\.base is not visible/.test(trouble ?? ''));
      } finally {
        grant('add');
      }
      await check((trouble) => trouble === null);
      await source.close();
    });

    it('returns a changed group in the next lookup', async () => {
      const change = (kind: string) =>
        directory.modify(
          `dn: cn=technical,${groups}\nchangetype: modify\n${kind}: member\nmember: uid=unlocked,${people}\n`,
        );
      change('add');
      expect((await ask('unlocked@example.test'))?.groups).to.deep.equal(['everybody', 'technical']);
      change('delete');
      expect((await ask('unlocked@example.test'))?.groups).to.deep.equal([]);
    });

    it('does not start when the strategy is not supported or the base is not visible', async () => {
      expect(await troubleOf(open({ groups: { strategy: 'inChain' } }))).to.match(/^unavailable: .* inChain/);
      expect(await troubleOf(open({ groups: { strategy: 'tokenGroups' } }))).to.match(/^unavailable: .* tokenGroups/);
      expect(await troubleOf(open({ bind: { method: 'anonymous' } }))).to.match(/^unavailable: .*is not visible/);
    });
  });

  describe('with the preset freeipa', () => {
    const given = (more: Given = {}): Given => ({
      preset: 'freeipa',
      ...more,
      user: { base: `cn=users,${accounts}`, ...more.user },
      groups: { base: `cn=groups,${accounts}`, ...more.groups },
    });

    it('finds nested groups, but no roles and no rules', async () => {
      expect(await ask('grace@ipa.example.test', given({ authorizations: [department] }))).to.deep.equal({
        groups: ['compilers', 'ipausers', 'languages'],
        authorizations: { department: ['Navy'] },
      });
    });

    it('explains that a role and a rule are dropped because they are outside groups.bases', async () => {
      const source = await open(given());
      const explained = await source.explainUser?.('grace@ipa.example.test', signal);
      await source.close();
      expect(explained?.dropped?.map(({ found, rule }) => `${found.split(',')[0]}: ${rule}`).sort()).to.deep.equal([
        'cn=allow-ssh: groups.bases',
        'cn=helpdesk: groups.bases',
      ]);
    });

    it('finds users by ipaUniqueID when it is configured', async () => {
      const found = await ask('grace-id', given({ user: { attributes: ['ipaUniqueID'] } }));
      expect(found?.groups).to.include('compilers');
    });

    it('returns null for a locked user', async () => {
      expect(await ask('leaver@ipa.example.test', given())).to.equal(null);
    });

    it('fails when the base includes the compatibility tree, which contains each user twice', async () => {
      expect(await troubleOf(ask('grace@ipa.example.test', given({ user: { base: suffix } })))).to.match(
        /^bad-answer: Several entries/,
      );
    });
  });
});
