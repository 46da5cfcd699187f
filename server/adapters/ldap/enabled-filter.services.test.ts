// Tests of user.enabledFilter against a real OpenLDAP with its password policy overlay. The option narrows the preset's filter and never replaces it
// unless the configuration says so.
import { expect } from 'chai';
import { type Slapd, startSlapd } from '../../../tests/services/slapd.ts';
import { diagnose, linesOf, secretReference } from '../../doctor/testing/diagnose.ts';
import { resolveSettings } from './directory-settings.ts';
import { createLdapSource } from './ldap-source.ts';
import { bindAs, ldapConfig } from './testing/ldap-config.ts';

const base = 'dc=example,dc=test';
const signal = new AbortController().signal;
const person = (uid: string, employeeType: string, more = '') =>
  `dn: uid=${uid},${base}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nmail: ${uid}\nemployeeType: ${employeeType}\n${more}\n`;

describe('ldap: user.enabledFilter', () => {
  let slapd: Slapd;
  before(async () => {
    slapd = await startSlapd({
      schema: ['moduleload ppolicy'],
      database: ['overlay ppolicy'],
      ldif: [
        person('ada', 'staff'),
        person('leaver', 'former'),
        person('locked', 'staff', 'userPassword: x\npwdAccountLockedTime: 000001010000Z\n'),
        person('locked-leaver', 'former', 'userPassword: x\npwdAccountLockedTime: 000001010000Z\n'),
      ].join(''),
    });
  });
  after(() => slapd.stop());

  const everybody = ['ada', 'leaver', 'locked', 'locked-leaver'];
  async function knownBy(user: object): Promise<{ readonly known: string[]; readonly warnings: string[] }> {
    const warnings: string[] = [];
    const source = await createLdapSource(
      ldapConfig([slapd.url], {
        bind: bindAs(slapd.adminDn, slapd.adminPassword),
        user: { base, ...user },
        groups: { strategy: 'none' },
      }),
      { log: { info() {}, warn: (_details, message) => void warnings.push(message), error() {} } },
    );
    const found = await Promise.all(everybody.map((userid) => source.findUser(userid, signal)));
    await source.close();
    return { known: everybody.filter((_, index) => found[index] !== null), warnings };
  }
  const notFormer = '(!(employeeType=former))';

  it('excludes locked users with the preset alone', async () => {
    expect(await knownBy({})).to.deep.equal({ known: ['ada', 'leaver'], warnings: [] });
  });

  it('is added to the filter of the preset, so that locked users stay excluded', async () => {
    expect(await knownBy({ enabledFilter: notFormer })).to.deep.equal({ known: ['ada'], warnings: [] });
  });

  it('replaces the filter of the preset only with replacePresetEnabledFilter, with a warning at startup', async () => {
    const { known, warnings } = await knownBy({ enabledFilter: notFormer, replacePresetEnabledFilter: true });
    expect(known).to.deep.equal(['ada', 'locked']);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.match(/replacePresetEnabledFilter.*\(!\(pwdAccountLockedTime=\*\)\)/);
    expect((await knownBy({ enabledFilter: '', replacePresetEnabledFilter: true })).known).to.deep.equal(everybody);
  });

  it('is doubtful in the diagnosis when it replaces the filter of the preset', async () => {
    const source = {
      ...{ type: 'ldap', preset: 'openldap', urls: [slapd.url] },
      bind: { dn: slapd.adminDn, password: secretReference },
      user: { base, enabledFilter: notFormer, replacePresetEnabledFilter: true },
      groups: { strategy: 'none' },
    };
    const lines = await diagnose(source, null, slapd.adminPassword);
    expect(linesOf(lines, 'options')[0]).to.match(/doubtful options: .*replacePresetEnabledFilter/);
  });

  const refused: Record<string, [user: object, fault: RegExp]> = {
    'an empty filter, which adds nothing': [{ enabledFilter: '' }, /is empty.*replacePresetEnabledFilter: true/],
    'replacePresetEnabledFilter without a filter': [
      { replacePresetEnabledFilter: true },
      /needs source\.user\.enabledFilter/,
    ],
  };
  for (const [title, [user, fault]] of Object.entries(refused)) {
    it(`rejects ${title}`, () => {
      const { settings, faults } = resolveSettings(ldapConfig([], { user: { base, ...user } }));
      expect(settings).to.equal(null);
      expect(faults.map(({ option, message }) => `${option} ${message}`).join()).to.match(fault);
    });
  }
});
