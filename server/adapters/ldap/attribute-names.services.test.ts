// Tests of values under options and subtypes of the requested attribute, with a real OpenLDAP server and with a file.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { scratchDirectory } from '../../../tests/certificate-files.ts';
import { type Slapd, startSlapd } from '../../../tests/services/slapd.ts';
import { SourceError } from '../user-source.ts';
import { type AttributeTypes, covers, withAttributeNames } from './attribute-names.ts';
import type { Directory } from './directory.ts';
import { createLdapSource } from './ldap-source.ts';
import { createLdifSource } from './ldif/ldif-source.ts';
import { bindAs, ldapConfig, silentLog } from './testing/ldap-config.ts';

const base = 'dc=example,dc=test';
const signal = new AbortController().signal;
/** Arbitrary bytes, because this server does not parse them. */
const certificate = Buffer.from([0x30, 0x03, 0x02, 0x01, 0x2a]).toString('base64');
const ada = `dn: uid=ada,${base}
objectClass: inetOrgPerson
objectClass: pkiUser
uid: ada
cn: Ada
sn: Lovelace
sn;lang-de: Gr\u00e4fin
givenName: Augusta
mail: ada
description: countess
description;lang-de: Gr\u00e4fin
description;lang-de-at: Frau Gr\u00e4fin
`;
const pki = `userCertificate;binary:: ${certificate}\n`;

type Authorizations = ReadonlyArray<readonly [attribute: string, encoding?: 'text' | 'base64']>;

const mapping = (attributes: Authorizations) =>
  attributes.map(([attribute, encoding = 'text']) => ({ name: attribute, attribute, encoding, required: false }));

describe('attributes with options and subtypes', () => {
  let slapd: Slapd;
  before(async () => {
    slapd = await startSlapd({ ldif: `${ada}\n` });
  });
  after(() => slapd.stop());

  async function valuesOver(kind: string, attributes: Authorizations) {
    const options = {
      user: { base, scope: 'sub' as const, caseInsensitive: false, replacePresetEnabledFilter: false },
      authorizations: mapping(attributes),
    };
    const config = ldapConfig([slapd.url], {
      ...options,
      bind: bindAs(slapd.adminDn, slapd.adminPassword),
      groups: { strategy: 'none' },
    });
    const file = join(scratchDirectory(), 'directory.ldif');
    writeFileSync(file, ada + pki);
    const { preset, groups, user } = config;
    const source =
      kind === 'OpenLDAP'
        ? await createLdapSource(config, { log: silentLog })
        : await createLdifSource(
            { type: 'ldif', path: file, preset, groups, ...options, user, maxShrinkPercent: 20, pollSeconds: 30 },
            { log: silentLog },
          );
    const found = await source.findUser('ada', signal).finally(() => source.close());
    return Object.fromEntries(
      Object.entries(found?.authorizations ?? {}).map(([name, values]) => [name, [...values].sort()]),
    );
  }

  const all = ['Frau Gr\u00e4fin', 'Gr\u00e4fin', 'countess'];
  for (const kind of ['OpenLDAP', 'a file']) {
    it(`returns the values of all languages for an attribute without options, from ${kind}`, async () => {
      expect(await valuesOver(kind, [['description']])).to.deep.equal({ description: all });
    });

    it(`returns the values of the requested options, from ${kind}`, async () => {
      const asked: Authorizations = [['description;lang-de'], ['description;lang-de-at'], ['description;lang-fr']];
      expect(await valuesOver(kind, asked)).to.deep.equal({
        'description;lang-de': ['Gr\u00e4fin'],
        'description;lang-de-at': ['Frau Gr\u00e4fin'],
      });
    });

    it(`returns the values of a subtype for the subtype and for its supertype, from ${kind}`, async () => {
      expect(await valuesOver(kind, [['name'], ['sn'], ['givenName']])).to.deep.equal({
        name: ['Ada', 'Augusta', 'Gr\u00e4fin', 'Lovelace'],
        sn: ['Gr\u00e4fin', 'Lovelace'],
        givenName: ['Augusta'],
      });
    });
  }

  it('returns the value of a certificate with and without its transfer option', async () => {
    const asked: Authorizations = [
      ['userCertificate', 'base64'],
      ['userCertificate;binary', 'base64'],
    ];
    expect(await valuesOver('a file', asked)).to.deep.equal({
      userCertificate: [certificate],
      'userCertificate;binary': [certificate],
    });
  });

  const directoryOf = (attributes: Record<string, string>): Directory => ({
    async search() {
      const values = Object.entries(attributes).map(([name, value]) => [name, [Buffer.from(value)]] as const);
      return [{ dn: 'uid=ada,o=x', attributes: new Map(values) }];
    },
  });
  const search = {
    purpose: 'the user',
    base: 'o=x',
    scope: 'sub',
    filter: { kind: 'present', attribute: 'uid' },
  } as const;

  it('fails for a value with an unknown attribute name when the schema cannot be read', async () => {
    const directory = withAttributeNames(directoryOf({ uid: 'ada', ourcity: 'London' }), null);
    const asked = { ...search, attributes: ['uid', 'ourPlace'] };
    const outcome = await directory.search(asked, signal).catch((error: unknown) => error);
    expect(outcome)
      .to.be.instanceOf(SourceError)
      .with.property('message')
      .that.matches(/ourcity for ourPlace/);
  });

  it('does not treat the attribute "name" of Active Directory as a supertype', async () => {
    const directory = withAttributeNames(directoryOf({ name: 'Ada', title: 'countess' }), null);
    const [entry] = await directory.search({ ...search, attributes: ['name', 'title'] }, signal);
    expect(entry?.attributes.get('name')?.map(String)).to.deep.equal(['Ada']);
  });

  const types: AttributeTypes = new Map([
    ['name', { name: 'name', supertype: null }],
    ['cn', { name: 'cn', supertype: 'name' }],
    ['commonname', { name: 'cn', supertype: 'name' }],
    ['nickname', { name: 'nickName', supertype: 'commonName' }],
    ['loop', { name: 'loop', supertype: 'loop' }],
  ]);
  for (const [wanted, found, isCovered] of [
    ['name', 'cn', true],
    ['name', 'nickname;lang-de', true],
    ['cn', 'name', false],
    ['cn;lang-de', 'cn', false],
    ['cn;lang-', 'cn;lang-de', true],
    ['cn;lang-de-', 'cn;lang-de-at', true],
    ['cn;lang-de-', 'cn;lang-den', false],
    ['name', 'loop', false],
    ['cn;binary', 'cn', true],
  ] as const) {
    it(`${wanted} ${isCovered ? 'covers' : 'does not cover'} ${found}`, () => {
      expect(covers(wanted, found, types)).to.equal(isCovered);
    });
  }
});
