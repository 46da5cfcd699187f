// Tests of the user list of an IAM in a real browser with a real OpenLDAP. They cover the password and CA, a sync of its users, and a change of the
// LDAP server.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { readListOfSettings } from '../../cli/simulate/user-list.ts';
import { findDisplayFaults } from '../../tests/browser.ts';
import { certificateFiles } from '../../tests/certificate-files.ts';
import { type Slapd, startSlapd } from '../../tests/services/slapd.ts';
import { phone, useConsole, wide } from './testing/use-console.ts';

const users = ['ada', 'alan', 'grace', 'hedy'].map((name) => `${name}@example.com`);
const person = (mail: string) => `dn: uid=${mail.split('@')[0]},ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: ${mail.split('@')[0]}
cn: Name of ${mail}
sn: ${mail}
mail: ${mail}

`;

describe('the user list of an IAM in the console', function () {
  this.timeout(180_000);
  const fixture = useConsole({ readUserList: (_iam, settings) => readListOfSettings(settings) });
  const { open, take, texts } = fixture;
  let slapd: Slapd;
  let ca: string;
  before(async () => {
    const { good, listenerTls } = await certificateFiles();
    ca = good.ca.certificate;
    const [caFile = ''] = listenerTls.clientCa;
    slapd = await startSlapd({
      tls: { certificate: listenerTls.certificate, key: listenerTls.key, ca: caFile },
      ldif: `dn: ou=people,dc=example,dc=test\nobjectClass: organizationalUnit\nou: people\n\n${users.map(person).join('')}`,
    });
  });
  after(() => slapd.stop());

  const said = (page: Page, text: string) =>
    page.getByRole('status', { name: 'Last action' }).getByText(text).waitFor();
  const urlAt = (server: string) => `${server}/ou=people,${slapd.suffix}?mail?one?(objectClass=inetOrgPerson)`;
  const stored = () =>
    fixture.simulator.identities.iams.get('okta').settings.userList as Record<string, string> | undefined;
  const giveSecrets = async (page: Page) => {
    await page.getByLabel('Bind password').fill(slapd.adminPassword);
    await page
      .getByLabel('CA file of the directory')
      .setInputFiles({ name: 'ldap-ca.pem', mimeType: 'application/x-pem-file', buffer: Buffer.from(ca) });
  };

  it('is an LDAP directory with password and CA, and requests both again when its server changes', async () => {
    fixture.endpoint.users.set('hedy@example.com', { groups: ['research'], attributes: {} });
    await open(wide, '#/iams/okta', async (page) => {
      await page.getByLabel('LDAP URL').fill(urlAt(slapd.ldapsUrl));
      await page.getByLabel('Bind DN').fill(slapd.adminDn);
      await giveSecrets(page);
      await page.getByRole('button', { name: 'Save user list' }).click();
      await said(page, 'The user list was saved.');
      await page.getByRole('button', { name: 'Test user list' }).click();
      await page.getByText('The list was read completely: 4 users').waitFor();
      expect(await page.getByLabel('Bind password').inputValue()).to.equal('');
      expect(await page.content()).not.to.include(slapd.adminPassword);
      expect(JSON.stringify(stored())).not.to.include(slapd.adminPassword);

      await page.getByRole('link', { name: 'Sync runs' }).first().click();
      await page.getByLabel('Dry run').uncheck();
      await page.getByRole('button', { name: 'Sync all users of okta and apply' }).click();
      await page.getByRole('link', { name: 'Run 1' }).first().waitFor();
      await page.getByRole('cell', { name: 'applied' }).waitFor();
      expect((await texts(page, 'Sync runs'))[0]).to.match(/okta.+applied\s+4\s+4/s);
      expect(fixture.simulator.identities.users.get({ iam: 'okta', userid: 'hedy@example.com' }).name).to.equal(
        'Name of hedy@example.com',
      );

      const before = stored();
      const elsewhere = slapd.ldapsUrl.replace('127.0.0.1', 'localhost');
      await page.goto(`${fixture.server.url}/#/iams/okta`);
      await page.getByLabel('LDAP URL').fill(urlAt(elsewhere));
      await page.getByRole('button', { name: 'Save user list' }).click();
      const again = (what: string) =>
        `the stored ${what} was given for ${slapd.ldapsUrl}. Specify it again for ${elsewhere}.`;
      await page.getByRole('alert').getByText(again('password')).waitFor();
      await page.getByRole('alert').getByText(again('file')).waitFor();
      await page.getByText('Nothing was saved. Correct the fields that are marked.').waitFor();
      const password = page.getByLabel('Bind password');
      expect(await password.getAttribute('aria-invalid')).to.equal('true');
      expect(await password.evaluate('document.activeElement.getAttribute("type")')).to.equal('password');
      expect(stored()).to.deep.equal(before);
      await take(page, 'console-user-list');
      expect(await findDisplayFaults(page)).to.deep.equal([]);

      await giveSecrets(page);
      await page.getByRole('button', { name: 'Save user list' }).click();
      await said(page, 'The user list was saved.');
      await page.getByRole('button', { name: 'Test user list' }).click();
      await page.getByText('The list was read completely: 4 users').waitFor();
      expect(stored()?.url).to.equal(urlAt(elsewhere));
      expect(stored()?.bindPasswordFile).not.to.equal(before?.bindPasswordFile);
    });
  });

  it('sends no password over plain LDAP, deletes the password with its account, and reverts to the store', async () => {
    await open(phone, '#/iams/okta', async (page) => {
      await page.getByLabel('LDAP URL').fill('ldap://ldap.example.com/dc=x?uid');
      await page.getByLabel('Bind DN').fill('cn=reader');
      await page.getByLabel('Bind password').fill('open sesame');
      await page.getByRole('button', { name: 'Save user list' }).click();
      await page.getByRole('alert').getByText('must begin with ldaps://').waitFor();
      await page.getByLabel('LDAP URL').fill('ldaps://ldap.example.com/dc=x?uid');
      await page.getByRole('button', { name: 'Save user list' }).click();
      await page.getByText('requests the users of ldaps://ldap.example.com/dc=x?uid, as cn=reader').waitFor();
      expect(await findDisplayFaults(page)).to.deep.equal([]);
      await page.getByLabel('Bind DN').fill('');
      await page.getByRole('button', { name: 'Save user list' }).click();
      await page.getByText('requests the users of ldaps://ldap.example.com/dc=x?uid.').waitFor();
      expect(stored()).to.deep.equal({ url: 'ldaps://ldap.example.com/dc=x?uid' });
      await page.getByLabel('LDAP URL').fill('');
      await page.getByRole('button', { name: 'Save user list' }).click();
      await page.getByText('requests the users in the store from the endpoint.').waitFor();
      expect(stored()).to.equal(undefined);
    });
  });
});
