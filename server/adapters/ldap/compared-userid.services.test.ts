// Tests of an entry that the filter finds but that is not the user's. The response is 404 for another spelling, and 502 for a filter that compares
// something else.
import { expect } from 'chai';
import { type Slapd, startSlapd } from '../../../tests/services/slapd.ts';
import { diagnose, linesOf, secretReference } from '../../doctor/testing/diagnose.ts';
import { SourceError, type UserSource } from '../user-source.ts';
import { createLdapSource } from './ldap-source.ts';
import { bindAs, ldapConfig, silentLog } from './testing/ldap-config.ts';

const base = 'dc=example,dc=test';
const signal = new AbortController().signal;
const ldif = ['ada', 'grace']
  .map(
    (uid) => `dn: uid=${uid},${base}
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
mail: ${uid}@example.com
employeeNumber: ${uid === 'ada' ? 'Zoë  Ångström' : 'grace 2'}
telephoneNumber: ${uid === 'ada' ? '+1 555-0100' : '+1 555-0200'}
`,
  )
  .join('\n');

describe('ldap: the comparison of the userid with the found entry', () => {
  let slapd: Slapd;
  before(async () => {
    slapd = await startSlapd({ ldif: `${ldif}\n` });
  });
  after(() => slapd.stop());

  const open = (user: object, maxUsers = 1): Promise<UserSource> =>
    createLdapSource(
      ldapConfig([slapd.url], {
        bind: bindAs(slapd.adminDn, slapd.adminPassword),
        user: { base, ...user },
        groups: { strategy: 'none' },
        batching: { maxUsers },
      }),
      { log: silentLog },
    );

  async function ask(user: object, userids: readonly string[], maxUsers?: number): Promise<unknown[]> {
    const source = await open(user, maxUsers);
    const answers = userids.map((userid) => source.findUser(userid, signal).catch((error: unknown) => error));
    return Promise.all(answers).finally(() => source.close());
  }

  for (const maxUsers of [1, 16]) {
    it(`fails when the filter compares another attribute, with at most ${maxUsers} users per search`, async () => {
      const outcomes = await ask({ filter: '(uid={userid})', attributes: ['mail'] }, ['ada', 'grace'], maxUsers);
      for (const outcome of outcomes) {
        expect(outcome).to.be.instanceOf(SourceError).with.property('kind', 'bad-answer');
        expect((outcome as SourceError).message)
          .to.match(/user\.filter .* has a mail that differs from the userid.*user\.attributes/)
          .and.not.to.match(/ada|grace/);
      }
    });
  }

  it('fails when the userid is only the beginning of the compared attribute', async () => {
    const [outcome] = await ask({ filter: '(mail={userid}*)', attributes: ['mail'] }, ['ad']);
    expect(outcome).to.be.instanceOf(SourceError).with.property('kind', 'bad-answer');
  });

  const spellings: Record<string, [attribute: string, userid: string]> = {
    'letter case': ['mail', 'ADA@Example.com'],
    'leading and repeated spaces': ['employeeNumber', ' Zoë Ångström '],
    'Unicode normalization': ['employeeNumber', 'Zoe\u0308  A\u030angstro\u0308m'],
    'hyphens and spaces of a telephone number': ['telephoneNumber', '+1-555-0100'],
  };
  for (const [title, [attribute, userid]] of Object.entries(spellings)) {
    it(`returns null for a userid that differs in ${title}`, async () => {
      const source = await open({ filter: `(${attribute}={userid})`, attributes: [attribute] });
      const explained = await source.explainUser?.(userid, signal);
      expect(await source.findUser(userid, signal)).to.equal(null);
      await source.close();
      // The server found the entry.
      expect(explained?.absent).to.include('spelled differently');
    });
  }

  it('is verified by the diagnosis', async () => {
    const sourceOf = (filter: string) => ({
      ...{ type: 'ldap', preset: 'openldap', urls: [slapd.url] },
      bind: { dn: slapd.adminDn, password: secretReference },
      user: { base, filter, attributes: ['mail'] },
      groups: { strategy: 'none' },
    });
    const lines = await diagnose(sourceOf('(uid={userid})'), null, slapd.adminPassword);
    expect(linesOf(lines, 'userid')[0]).to.match(
      /fails userid: source\.user\.filter finds no sampled user by the user's own mail → compare/,
    );
    const good = await diagnose(sourceOf('(mail={userid})'), null, slapd.adminPassword);
    expect(linesOf(good, 'userid')[0]).to.match(
      /works userid: source\.user\.filter finds a sampled user by the user's own mail/,
    );
  });
});
