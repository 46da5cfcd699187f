// Tests of the procedures of the platform's identity pages in the console, in a real browser. docs/guides/console-procedures.md lists them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { useConsole, wide } from './testing/use-console.ts';

/** `WALK_SCREENSHOTS=directory` writes a screenshot at the end of each procedure. */
const screenshots = process.env.WALK_SCREENSHOTS;
const guide = join(import.meta.dirname, '../../docs/guides/console-procedures.md');

const said = (page: Page, text: string) => page.getByRole('status', { name: 'Last action' }).getByText(text).waitFor();
const section = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name }).click();
const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Details' }).getByRole('link', { name, exact: true }).click();
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

const ada = { iam: 'okta', userid: 'ada@example.com' };

describe('the procedures of the platform in the console', () => {
  const fixture = useConsole();
  const { open, texts } = fixture;
  const identities = () => fixture.simulator.identities;
  const titles: string[] = [];

  const procedure = (title: string, walk: (page: Page) => Promise<void>) => {
    titles.push(title);
    it(title, () =>
      open(wide, '#/users', async (page) => {
        await walk(page);
        if (screenshots !== undefined)
          await page.screenshot({ path: join(screenshots, `${titles.indexOf(title)}.png`) });
      }),
    );
  };
  const openUser = async (page: Page, userid: string) => {
    await section(page, 'Users');
    await page.getByRole('link', { name: userid }).click();
    await page.getByRole('heading', { name: userid }).waitFor();
  };
  const openGroup = async (page: Page) => {
    await section(page, 'Groups');
    await page.getByRole('link', { name: 'stewards' }).click();
    await page.getByRole('heading', { name: 'stewards' }).waitFor();
  };
  const addAttribute = async (page: Page, name: string, value: string, isNew: boolean) => {
    await page.getByText('Add attributes').click();
    const choose = async (label: string, text: string) => {
      const field = page.getByRole('combobox', { name: label, exact: true });
      await field.fill(isNew ? text : text.slice(0, 3));
      await page.getByRole('option', { name: isNew ? `${text} new` : text }).click();
      expect(await field.inputValue()).to.equal(text);
    };
    await choose('Attribute', name);
    await choose('Attribute value', value);
    await button(page, 'Add attribute');
    await said(page, `The value ${value} of ${name} was added.`);
  };
  const setPermission = async (page: Page, isGiven: boolean) => {
    await openUser(page, ada.userid);
    await tab(page, 'Permissions');
    if (isGiven) {
      await page.getByText('Add permissions').click();
      await page.getByLabel('Select permission').selectOption('IMPERSONATE_USER');
      await button(page, 'Add');
    } else await button(page, 'Remove IMPERSONATE_USER');
    await said(page, `IMPERSONATE_USER was ${isGiven ? 'added' : 'removed'}.`);
  };
  const configure = async (page: Page, platform: string, fill: () => Promise<void>) => {
    await section(page, 'Integrations');
    await page.getByRole('link', { name: platform, exact: true }).click();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await fill();
    await button(page, 'Save settings');
    await said(page, 'The settings were saved.');
  };
  const impersonate = async (page: Page, platform: string) => {
    await openUser(page, ada.userid);
    await tab(page, 'Impersonation');
    await page.getByLabel('Data platform').selectOption({ label: platform });
    await page.getByLabel('User to impersonate').fill('grace@example.com');
    await button(page, 'Try');
    await page.getByText(/^Allowed, by|^Refused:/).waitFor();
    return (await page.getByRole('region', { name: 'Try an impersonation' }).textContent()) ?? '';
  };

  procedure('Create a user', async (page) => {
    await page.getByText('New user').click();
    await page.getByLabel('Full name').fill('Rosa Parks');
    await page.getByLabel('E-mail, which is the user name').fill('rosa@example.com');
    await button(page, 'Create');
    await page.getByRole('heading', { name: 'rosa@example.com' }).waitFor();
    await section(page, 'Users');
    await page.getByText('New user').click();
    await page.getByLabel('Full name').fill('Another Rosa');
    await page.getByLabel('E-mail, which is the user name').fill('rosa@example.com');
    await button(page, 'Create');
    await page.getByRole('alert').getByText('already has a user rosa@example.com').waitFor();
  });
  procedure('Add permissions to a user', async (page) => {
    await openUser(page, ada.userid);
    await tab(page, 'Permissions');
    await page.getByText('Add permissions').click();
    await page.getByLabel('Select permission').selectOption('GOVERNANCE');
    await button(page, 'Add');
    await button(page, 'Remove GOVERNANCE');
    await page.getByText('No permissions.').waitFor();
  });
  procedure('Disable a user', async (page) => {
    await openUser(page, ada.userid);
    await button(page, 'Disable user …');
    expect(identities().users.get(ada).disabled).to.equal(false);
    await button(page, 'Disable ada@example.com');
    await said(page, 'ada@example.com was disabled.');
    expect(identities().users.get(ada).disabled).to.equal(true);
    await openUser(page, 'admin@example.com');
    await button(page, 'Disable user …');
    await button(page, 'Disable admin@example.com');
    await page.getByRole('alert').getByText('The last enabled user with USER_ADMIN').waitFor();
  });
  procedure('Show disabled users', async (page) => {
    identities().users.setDisabled(ada, true, 'test');
    await page.reload();
    await page.getByRole('link', { name: 'alan@example.com' }).waitFor();
    expect(await page.getByRole('link', { name: ada.userid }).count()).to.equal(0);
    await page.getByLabel('Include disabled').check();
    await page.getByRole('link', { name: ada.userid }).waitFor();
    await page.getByRole('cell', { name: 'disabled' }).waitFor();
  });
  procedure('Delete a user permanently', async (page) => {
    await openUser(page, ada.userid);
    await button(page, 'Permanently delete …');
    await page.getByLabel('Type Delete to confirm').fill('Delete');
    await button(page, 'Confirm permanent delete');
    await said(page, 'ada@example.com was deleted.');
    expect(identities().users.find(ada)).to.equal(null);
    expect(identities().audit.list({ action: 'UserDeleted' }).count).to.equal(1);
  });
  procedure('Migrate a user', async (page) => {
    identities().users.create({ userid: 'mary@example.com', name: 'Mary' }, 'test');
    await page.reload();
    await openUser(page, 'mary@example.com');
    await page.getByText('Migrate user').first().click();
    await page.getByLabel('To the IAM').selectOption('okta');
    await page.getByLabel('User name there').fill('mary@example.com');
    await button(page, 'Migrate user');
    await said(page, 'mary@example.com was migrated to okta.');
  });
  procedure('Remove a permission from a user', async (page) => {
    identities().users.addPermission(ada, 'AUDIT', 'test');
    await openUser(page, ada.userid);
    await tab(page, 'Permissions');
    await button(page, 'Remove AUDIT');
    await said(page, 'AUDIT was removed.');
  });
  procedure('Download user metrics', async (page) => {
    await page.getByText('Metrics').click();
    await page.getByLabel('Number of days').fill('7');
    const downloading = page.waitForEvent('download');
    await button(page, 'Download');
    expect(JSON.parse(readFileSync(await (await downloading).path(), 'utf8')).days).to.equal(7);
  });
  procedure('Configure the external groups and authorizations endpoint of an IAM', async (page) => {
    await section(page, 'IAM settings');
    await page.locator('summary').getByText('Add IAM').click();
    await page.getByLabel('Id', { exact: true }).fill('corp');
    await page.getByLabel('External Groups and Authorizations Endpoint').check();
    await page.getByLabel('External User Info URI').fill(fixture.endpoint.uri);
    await page.getByLabel('Use Authentication').check();
    await page.getByLabel('Username').fill('immuta');
    await page.getByLabel('Password').fill('secret');
    await button(page, 'Add IAM');
    await said(page, 'The IAM corp was added.');
    await button(page, 'Test connection');
    await page.getByText('The endpoint is reachable and responded with 404').waitFor();
    expect(fixture.endpoint.requests.at(-1)?.headers.authorization).to.equal(`Basic ${btoa('immuta:secret')}`);
  });
  procedure('Create a group', async (page) => {
    await section(page, 'Groups');
    await page.getByText('New group').click();
    await page.getByLabel('Name of the group').fill('analysts');
    await page.getByLabel('Description (optional)').fill('Those who analyse');
    await page.getByLabel('E-mail (optional)').fill('analysts@example.com');
    await button(page, 'Save');
    await page.getByRole('heading', { name: 'analysts' }).waitFor();
    await page.getByText('analysts@example.com').waitFor();
  });
  procedure('Add members to a group', async (page) => {
    await openGroup(page);
    await page.getByText('Add members').click();
    await page.getByRole('combobox', { name: 'Search by member name or e-mail' }).fill('grac');
    await page.getByRole('option', { name: /grace@example.com/ }).click();
    await said(page, 'grace@example.com was added to the group.');
    expect(await texts(page, 'Members')).to.have.length(2);
  });
  procedure('Add attributes to a group', async (page) => {
    await openGroup(page);
    await addAttribute(page, 'clearance', 'confidential', false);
    await page.reload();
    await page.getByText('Add attributes').click();
    await addAttribute(page, 'Cost centre', '4711', true);
    expect(identities().attributes.of({ group: { iam: 'bim', name: 'stewards' } })).to.deep.equal({
      'Cost centre': ['4711'],
      clearance: ['confidential'],
    });
  });
  procedure('Remove members from a group', async (page) => {
    await openGroup(page);
    await button(page, 'Remove ada@example.com');
    await said(page, 'ada@example.com was removed from the group.');
    await page.getByText('No members.').waitFor();
  });
  procedure('Delete a group', async (page) => {
    await openGroup(page);
    await button(page, 'Delete group …');
    await button(page, 'Delete stewards');
    await said(page, 'The group stewards was deleted.');
    expect(identities().groups.list({}).count).to.equal(0);
  });
  procedure('Add attributes to a user', async (page) => {
    await openUser(page, ada.userid);
    await tab(page, 'Attributes');
    await addAttribute(page, 'Project', 'Apollo', true);
    expect(identities().attributes.of({ user: ada })).to.deep.equal({ Project: ['Apollo'] });
  });
  procedure('Remove attributes from a user or group', async (page) => {
    identities().attributes.add({ user: ada }, 'Project', 'Apollo', 'test');
    await openUser(page, ada.userid);
    await tab(page, 'Attributes');
    await button(page, 'Remove Project: Apollo');
    await said(page, 'The value Apollo of Project was removed.');
    await openGroup(page);
    await button(page, 'Remove clearance: confidential');
    await page.getByText('No attributes.').waitFor();
  });
  procedure('Map external user IDs from an IAM', async (page) => {
    await section(page, 'IAM settings');
    await page.getByRole('link', { name: 'okta' }).click();
    await tab(page, 'Profile schema');
    await page.getByLabel("User's Databricks Username").fill('databricks_user');
    await page.getByLabel("User's AWS User", { exact: true }).fill('aws_principal');
    await page.getByLabel('Select AWS User Type').selectOption('identity-center');
    await button(page, 'Test connection');
    await page.getByText('The endpoint is reachable').waitFor();
    await page.getByLabel('User name', { exact: true }).fill(ada.userid);
    await button(page, 'Test user login');
    await page.getByText('The endpoint returned user info (status 200).').waitFor();
    await button(page, 'Save');
    await said(page, 'The settings were saved.');
    expect(fixture.simulator.externalIds.get(ada, 'databricks').attribute).to.equal('databricks_user');
  });
  procedure('Set external user IDs by hand', async (page) => {
    await openUser(page, ada.userid);
    await tab(page, 'Usernames');
    await button(page, 'Edit the username on Databricks');
    await page.getByLabel('Account on Databricks').selectOption('mapped');
    await page.getByLabel('Username', { exact: true }).fill('ADA');
    await button(page, 'Save username');
    await page.getByRole('cell', { name: 'ADA', exact: true }).waitFor();
    await button(page, 'Edit the username on AWS');
    await page.getByLabel('Account on AWS').selectOption('mapped');
    await page.getByLabel('User type').selectOption('identity-center');
    await page.getByLabel('Username', { exact: true }).fill(ada.userid);
    await button(page, 'Save username');
    await page.getByRole('alert').getByText('is not a User ID of AWS IAM Identity Center').waitFor();
    await page.getByLabel('Username', { exact: true }).fill('906712345678-1234');
    await button(page, 'Save username');
    await page.getByRole('cell', { name: '906712345678-1234' }).waitFor();
  });

  for (const [platform, start, end] of [
    ['Redshift', "CALL immuta_procedures.impersonate_user('grace@example.com');", 'impersonate_user(NULL)'],
    ['Azure Synapse Analytics', "@value = 'grace@example.com';", "@key = N'NULL', @value = '<NULL>';"],
    ['Snowflake', "SET immuta_user = 'grace@example.com';", 'UNSET immuta_user;'],
  ] as const) {
    procedure(`Impersonate users in ${platform}`, async (page) => {
      await configure(page, platform, () => page.getByLabel('Enable Impersonation').check());
      expect(await impersonate(page, platform)).to.include('Refused: ada@example.com needs IMPERSONATE_USER');
      await setPermission(page, true);
      expect(await impersonate(page, platform))
        .to.include('by permission')
        .and.include(start)
        .and.include(end);
      await setPermission(page, false);
      await tab(page, 'Impersonation');
      await button(page, `Grant in ${platform}`);
      await said(page, `The right was granted in ${platform}.`);
      expect(await impersonate(page, platform)).to.include('by database-role');
      await button(page, `Revoke in ${platform}`);
      await said(page, `The right was revoked in ${platform}.`);
      expect(await impersonate(page, platform)).to.include('Refused');
    });
  }
  procedure('Impersonate users in Databricks', async (page) => {
    await setPermission(page, true);
    expect(await impersonate(page, 'Databricks')).to.include('has no effect on Databricks');
    identities().users.create({ userid: 'grace@example.com', name: 'Grace' }, 'test');
    await configure(page, 'Databricks', () =>
      page.getByLabel('Allowed impersonation users, one per line').fill(ada.userid),
    );
    expect(await impersonate(page, 'Databricks'))
      .to.include('set immuta.impersonate.user=grace@example.com')
      .and.include('"impersonationUser": "ada@example.com"');
  });
  procedure('Impersonate users in Trino', async (page) => {
    expect(await impersonate(page, 'Trino')).to.include('The session starts, but each query in it fails.');
    await setPermission(page, true);
    expect(await impersonate(page, 'Trino'))
      .to.include('sessionUser=grace@example.com')
      .and.include('RESET SESSION immuta.immuta_user;');
    await setPermission(page, false);
  });

  it('match those of the guide', () => {
    const rows = readFileSync(guide, 'utf8').match(/^\| (?!Procedure|-).*$/gm) ?? [];
    const listed = rows.map((row) => row.split('|')[1]?.trim());
    expect(listed).to.deep.equal(titles);
  });
}).timeout(60_000);
