// Tests of the startup check of memberships against a real OpenLDAP: directories in which every user would be served without groups.
import { expect } from 'chai';
import { type Slapd, startSlapd } from '../../../../tests/services/slapd.ts';
import { SourceError, type UserSource } from '../../user-source.ts';
import { createLdapSource } from '../ldap-source.ts';
import { bindAs, ldapConfig } from '../testing/ldap-config.ts';

const base = 'dc=example,dc=test';
const signal = new AbortController().signal;
const unit = (ou: string) => `dn: ou=${ou},${base}\nobjectClass: organizationalUnit\nou: ${ou}\n`;
const person = (uid: string, ou = 'people') =>
  `dn: uid=${uid},ou=${ou},${base}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nmail: ${uid}@example.com\nuserPassword: ${uid}\n`;
const group = (cn: string, ou: string, members: readonly string[], attribute = 'member') => {
  const objectClass = { member: 'groupOfNames', uniqueMember: 'groupOfUniqueNames' }[attribute] ?? 'posixGroup';
  const number = objectClass === 'posixGroup' ? 'gidNumber: 7\n' : '';
  const lines = members.map((member) => `${attribute}: ${member}\n`).join('');
  return `dn: cn=${cn},ou=${ou},${base}\nobjectClass: ${objectClass}\ncn: ${cn}\n${number}${lines}`;
};
const crowd = Array.from({ length: 40 }, (_, index) => `crowd${index}`);
const dnOf = (uid: string, ou = 'people') => `uid=${uid},ou=${ou},${base}`;

const ldif = [
  ...['people', 'loners', 'nobody', 'groups', 'others', 'unique', 'posix', 'empty', 'late'].map(unit),
  ...crowd.map((uid) => person(uid)),
  person('ada'),
  person('reader'),
  person('hermit', 'loners'),
  group('unique', 'unique', [dnOf('ada')], 'uniqueMember'),
  group('posix', 'posix', ['ada'], 'memberUid'),
];
/** Over LDAP, since the overlay that writes memberOf does not process entries loaded directly into the database. */
const groups = [group('analysts', 'groups', [dnOf('ada')]), group('foreign', 'others', [dnOf('leaver', 'gone')])];

type Given = Parameters<typeof ldapConfig>[1];

describe('ldap: the sample of memberships', () => {
  let slapd: Slapd;
  let warnings: string[] = [];

  before(async () => {
    slapd = await startSlapd({
      ldif: ldif.join('\n'),
      database: [
        'access to attrs=userPassword by anonymous auth',
        `access to attrs=member,memberOf by dn.exact="${dnOf('reader')}" none by dn.exact="${dnOf('ada')}" search by * read`,
        'access to * by * read',
      ],
    });
    slapd.add(groups.join('\n'));
  });
  after(() => slapd.stop());
  beforeEach(() => {
    warnings = [];
  });

  const log = {
    info: () => undefined,
    warn: (_details: object, message: string) => void warnings.push(message),
    error: () => undefined,
  };
  const open = (given: Given = {}, allowsNoGroups = false, now = Date.now): Promise<UserSource> =>
    createLdapSource(
      ldapConfig([slapd.url], {
        bind: bindAs(slapd.adminDn, slapd.adminPassword),
        ...given,
        user: { base: `ou=people,${base}`, ...given.user },
        groups: { base: `ou=groups,${base}`, ...given.groups },
      }),
      { log, allowsNoGroups },
      now,
    );
  const reader = bindAs(dnOf('reader'), 'reader');
  const searcher = bindAs(dnOf('ada'), 'ada');

  const refused: Record<string, [given: Given, cause: RegExp]> = {
    'memberOf, which the account may not read': [
      { bind: reader, groups: { strategy: 'memberOf' } },
      /below source\.user\.base has a readable memberOf\. Grant the bind account read access/,
    ],
    'memberOf, which the account may search for but not read': [
      { bind: searcher, groups: { strategy: 'memberOf' } },
      /below source\.user\.base has a readable memberOf/,
    ],
    'memberOf, limited to a groups.base without groups': [
      { groups: { strategy: 'memberOf', base: `ou=empty,${base}` } },
      /no group below source\.groups\.base/i,
    ],
    'search, with a groups.base without groups': [
      { groups: { base: `ou=empty,${base}` } },
      /no group below source\.groups\.base/i,
    ],
    'search by member, which the account may not see': [
      { bind: reader },
      /groups below source\.groups\.base have no readable member\. Grant the bind account/,
    ],
    'search by member where groups have uniqueMember': [
      { groups: { base: `ou=unique,${base}` } },
      /list their members in uniqueMember, not in member\. Set source\.groups\.memberAttribute to uniqueMember and .*groupOfUniqueNames/,
    ],
    'recursive by member where groups have uniqueMember, with a matching filter': [
      { groups: { strategy: 'recursive', base: `ou=unique,${base}`, filter: '(objectClass=groupOfUniqueNames)' } },
      /list their members in uniqueMember, not in member\. Set source\.groups\.memberAttribute to uniqueMember\./,
    ],
    'search by memberUid, which does not contain a DN': [
      { groups: { base: `ou=posix,${base}`, filter: '(objectClass=posixGroup)', memberAttribute: 'memberUid' } },
      /memberUid .* not distinguished names\. Set source\.groups\.memberValue/,
    ],
    'search by member with memberValue uid, where member contains a DN': [
      { groups: { memberValue: 'uid' } },
      /member .* distinguished names.* source\.groups\.memberValue/,
    ],
    'groups whose members are outside user.base': [
      { groups: { base: `ou=others,${base}` } },
      /list none of the sampled users.*source\.user\.base/,
    ],
    'a directory in which no user is in a group': [
      { user: { base: `ou=loners,${base}` } },
      /list none of the sampled users/,
    ],
  };
  for (const [title, [given, cause]] of Object.entries(refused)) {
    it(`does not start with ${title}, unless users without groups are allowed`, async () => {
      const outcome = await open(given).catch((error: unknown) => error);
      expect(outcome).to.be.instanceOf(SourceError).with.property('kind', 'unavailable');
      const { message } = outcome as SourceError;
      expect(message).to.match(cause).and.to.contain('guards.answers.onNoGroups: allow');
      expect(message).not.to.match(/crowd|hermit|leaver/);
      const source = await open(given, true);
      await source.check();
      await source.close();
    });
  }

  const accepted: Record<string, Given> = {
    'one member among forty users without groups': {},
    'one member among forty users without groups, with memberOf': { groups: { strategy: 'memberOf' } },
    'member that the account may only search for, which is enough for search': { bind: searcher },
    'the strategy none, without groups': { groups: { strategy: 'none', base: `ou=empty,${base}` } },
    'search by uniqueMember and a matching filter': {
      groups: {
        base: `ou=unique,${base}`,
        filter: '(objectClass=groupOfUniqueNames)',
        memberAttribute: 'uniqueMember',
      },
    },
    'search by memberUid and the user name': {
      groups: {
        ...{ base: `ou=posix,${base}`, filter: '(objectClass=posixGroup)' },
        ...{ memberAttribute: 'memberUid', memberValue: 'uid' },
      },
    },
    'pageSize 0': { pageSize: 0 },
    'memberOf, with a groups.base whose groups have other members': {
      groups: { strategy: 'memberOf', base: `ou=others,${base}` },
    },
  };
  for (const [title, given] of Object.entries(accepted)) {
    it(`starts with ${title}`, async () => {
      const source = await open(given);
      await source.check();
      await source.close();
      expect(warnings).to.deep.equal([]);
    });
  }

  it('starts without users with a warning, and is not ready when users without visible groups are added', async () => {
    let nowMs = 0;
    const late = { base: `ou=late,${base}` };
    const source = await open({ user: late, groups: { base: `ou=empty,${base}` } }, false, () => nowMs);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.match(/no user below source\.user\.base/);
    slapd.add(person('late', 'late'));
    nowMs += 61_000;
    const outcome = await source.check().catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(SourceError).with.property('kind', 'unavailable');
    slapd.modify(`dn: ${dnOf('late', 'late')}\nchangetype: delete\n`);
    await source.check();
    await source.close();
  });

  it('samples at most once a minute while the sample is valid, independently of the number of readiness checks', async () => {
    let nowMs = 0;
    const source = await open({}, false, () => nowMs);
    await source.check();
    slapd.modify(`dn: cn=analysts,ou=groups,${base}\nchangetype: delete\n`);
    try {
      await Promise.all(Array.from({ length: 20 }, () => source.check()));
      nowMs += 61_000;
      const outcomes = await Promise.all(
        Array.from({ length: 5 }, () => source.check().catch((error: unknown) => error)),
      );
      for (const outcome of outcomes) expect(outcome).to.be.instanceOf(SourceError);
      expect(await source.findUser('ada@example.com', signal)).to.deep.equal({ groups: [], authorizations: {} });
    } finally {
      slapd.add(group('analysts', 'groups', [dnOf('ada')]));
    }
    await source.check();
    await source.close();
  });
});
