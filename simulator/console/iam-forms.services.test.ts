// Tests of Add IAM and the settings of an IAM as forms, in a real browser. The endpoint requires a password and a client certificate.
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { findDisplayFaults } from '../../tests/browser.ts';
import { certificateFiles } from '../../tests/certificate-files.ts';
import { phone, useConsole, wide } from './testing/use-console.ts';

describe('IAM forms in the console', () => {
  const fixture = useConsole();
  const { open, take } = fixture;
  let endpoint: Server;
  let uri: string;

  beforeEach(async () => {
    const { good } = await certificateFiles();
    const tls = { cert: good.server.certificate, key: good.server.key, ca: good.ca.certificate, requestCert: true };
    endpoint = createServer({ ...tls, rejectUnauthorized: true }, (request, response) => {
      const isKnown = request.headers.authorization === `Basic ${btoa('immuta:open sesame')}`;
      response.writeHead(isKnown ? 404 : 401).end();
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    uri = `https://localhost:${(endpoint.address() as AddressInfo).port}/user-info`;
  });
  afterEach(() => {
    endpoint.close();
    endpoint.closeAllConnections();
  });

  const said = (page: Page, text: string) =>
    page.getByRole('status', { name: 'Last action' }).getByText(text).waitFor();
  const iamOf = (id: string) => fixture.simulator.identities.iams.get(id);
  const fillEndpoint = async (page: Page) => {
    const { good } = await certificateFiles();
    const upload = (label: string, text: string) =>
      page
        .getByLabel(label)
        .setInputFiles({ name: 'file.pem', mimeType: 'application/x-pem-file', buffer: Buffer.from(text) });
    await page.getByLabel('External Groups and Authorizations Endpoint').check();
    await page.getByLabel('External User Info URI').fill(uri);
    await page.getByLabel('Use Authentication').check();
    await page.getByLabel('Username').fill('immuta');
    await page.getByLabel('Password').fill('open sesame');
    await page.getByLabel('Enable SSL').check();
    await page.getByLabel('Require SSL Request Cert').check();
    await upload('SSL key file (*.pem)', good.client.key);
    await upload('SSL cert file (*.pem)', good.client.certificate);
    await upload('SSL CA file (*.pem)', good.ca.certificate);
  };

  it('add an IAM with its endpoint, password and PEM files, which are then used for the endpoint', async () => {
    await open(wide, '#/iams?open=add-iam', async (page) => {
      await page.getByLabel('Id', { exact: true }).fill('corp');
      await page.getByLabel('Display name (optional)').fill('Corporate directory');
      await page.getByLabel('Type').selectOption('saml');
      await fillEndpoint(page);
      await take(page, 'console-add-iam');
      expect(await findDisplayFaults(page)).to.deep.equal([]);
      await page.getByRole('button', { name: 'Add IAM' }).click();
      await page.getByRole('heading', { name: 'corp' }).waitFor();
      await said(page, 'The IAM corp was added.');
      await page.getByRole('button', { name: 'Test connection' }).click();
      await page.getByText('The endpoint is reachable and responded with 404').waitFor();
      expect(iamOf('corp')).to.include({ name: 'Corporate directory', type: 'saml' });
      // Stored secrets are named but not shown.
      expect(await page.getByText('A file is stored.').count()).to.equal(3);
      expect(await page.getByLabel('Password').inputValue()).to.equal('');
      expect(await page.content())
        .not.to.include('open sesame')
        .and.not.include('BEGIN CERTIFICATE');
      // Another field can be saved without entering the secrets again.
      await page.getByLabel('Use Authentication').uncheck();
      await page.getByRole('button', { name: 'Save endpoint' }).click();
      await said(page, 'The endpoint was saved.');
      expect(iamOf('corp').settings.externalUserInfo)
        .to.include({ useAuth: false })
        .and.not.have.property('authentication');
      await page.getByLabel('External User Info URI').fill('https://other.example.com/user-info');
      await page.getByRole('button', { name: 'Save endpoint' }).click();
      // Each secret has its own message at its field; turning off "Use Authentication" removed the password.
      await page.getByText('Specify it again for https://other.example.com.').nth(2).waitFor();
      await page.getByText('Nothing was saved. Correct the fields that are marked.').waitFor();
      expect(await page.locator('[aria-invalid=true]').count()).to.equal(3);
    });
  });

  it('change the display name, which the list and the audit trail then show', async () => {
    await open(wide, '#/iams/okta', async (page) => {
      await page.getByLabel('Display name').fill('Okta of QA');
      await page.getByRole('button', { name: 'Save display name' }).click();
      await said(page, 'The display name was saved.');
      await page.getByText('Okta of QA, okta').waitFor();
      expect(iamOf('okta').settings.externalUserInfo).to.deep.equal({ uri: fixture.endpoint.uri });
      await page.getByRole('link', { name: 'Audit' }).click();
      await page.getByRole('cell', { name: 'IamChanged' }).waitFor();
      await page.getByRole('link', { name: 'IAM settings' }).first().click();
      await page.getByRole('cell', { name: 'Okta of QA' }).waitFor();
    });
  });

  it('add an endpoint to an IAM, remove the endpoint again, and delete the IAM', async () => {
    fixture.simulator.identities.iams.create({ id: 'plain', name: 'Plain', type: 'ldap' }, 'test');
    await open(phone, '#/iams/plain', async (page) => {
      await page.getByLabel('External Groups and Authorizations Endpoint').check();
      await page.getByLabel('External User Info URI').fill(fixture.endpoint.uri);
      await page.getByRole('button', { name: 'Save endpoint' }).click();
      await said(page, 'The endpoint was saved.');
      await page.getByRole('button', { name: 'Test connection' }).waitFor();
      expect(await findDisplayFaults(page)).to.deep.equal([]);
      await page.getByLabel('External Groups and Authorizations Endpoint').uncheck();
      await page.getByRole('button', { name: 'Save endpoint' }).click();
      await page.getByRole('button', { name: 'Test connection' }).waitFor({ state: 'detached' });
      expect(iamOf('plain').settings).to.deep.equal({});
      await page.getByRole('button', { name: 'Delete IAM …' }).click();
      await page.getByRole('button', { name: 'Delete plain' }).click();
      await page.getByRole('heading', { name: 'IAM settings' }).waitFor();
      expect(fixture.simulator.identities.iams.find('plain')).to.equal(null);
    });
  });

  it('provide fields for switches, the profile schema, the guard and assumptions, and store only changes', async () => {
    await open(wide, '#/iams/okta/sync', async (page) => {
      const tab = (name: string) =>
        page.getByRole('navigation', { name: 'Details' }).getByRole('link', { name }).click();
      await page.getByLabel('Read groups from the endpoint').uncheck();
      await page.getByRole('button', { name: 'Save sync switches' }).click();
      await said(page, 'The settings were saved.');
      await tab('Profile schema');
      await page.getByLabel("User's Snowflake Username").fill('snowflake_login');
      await page.getByLabel("User's AWS User", { exact: true }).fill('aws_principal');
      await page.getByLabel('Select AWS User Type').selectOption('iam-role');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await said(page, 'The settings were saved.');
      await tab('Guard');
      await page.getByLabel('Max losing percent').fill('5');
      await page.getByLabel('Protected groups, one per line').fill('finance\nadmins\n');
      await page.getByRole('button', { name: 'Save guard' }).click();
      await said(page, 'The settings were saved.');
      await take(page, 'console-guard');
      expect(await findDisplayFaults(page)).to.deep.equal([]);
      await page.getByLabel('Max losing percent').fill('500');
      await page.getByRole('button', { name: 'Save guard' }).click();
      await page.getByRole('alert').getByText('must be ≤ 100').waitFor();
      // The message is at its field, which has the focus.
      const percent = page.getByLabel('Max losing percent');
      expect(await percent.getAttribute('aria-invalid')).to.equal('true');
      expect(await percent.evaluate('document.activeElement.getAttribute("aria-invalid")')).to.equal('true');
      await tab('Assumptions');
      await page.getByLabel('Merge rule').selectOption('override');
      await page.getByRole('button', { name: 'Save assumptions' }).click();
      await said(page, 'The settings were saved.');
      expect(iamOf('okta').settings).to.deep.equal({
        externalUserInfo: { uri: fixture.endpoint.uri },
        supportedActions: { syncRestGroups: false },
        profileSchema: { snowflakeUser: 'snowflake_login', awsUser: 'aws_principal', awsUserType: 'iam-role' },
        blastRadius: { maxLosingPercent: 5, protectedGroups: ['finance', 'admins'] },
        guesses: { onNotFound: 'disable', mergeRule: 'override' },
      });
    });
  });

  it('grant permissions by default, and to groups that are found by part of their name', async () => {
    fixture.simulator.identities.groups.create({ iam: 'okta', name: 'data stewards' }, 'test');
    await open(wide, '#/iams/okta/permissions', async (page) => {
      await page.getByRole('group', { name: 'All users' }).getByLabel('CREATE_PROJECT').check();
      await page.getByRole('button', { name: 'Save default permissions' }).click();
      await said(page, 'The default permissions were saved.');
      await page.getByRole('combobox', { name: 'Add a group' }).fill('stew');
      await page.getByRole('option', { name: 'data stewards' }).click();
      await page.getByRole('group', { name: 'data stewards' }).getByLabel('GOVERNANCE').check();
      await page.getByRole('button', { name: 'Save permissions of data stewards' }).click();
      await said(page, 'The permissions of data stewards were saved.');
      expect(iamOf('okta')).to.deep.include({
        defaultPermissions: ['CREATE_PROJECT'],
        groupPermissions: { 'data stewards': ['GOVERNANCE'] },
      });
      await page.getByRole('combobox', { name: 'Add a group' }).fill('nothing');
      await page.getByText('okta has no such group.').waitFor();
      expect(await findDisplayFaults(page)).to.deep.equal([]);
    });
  });
}).timeout(60_000);
