// Tests of data platforms in the console, in a real browser: usernames, integrations, and permissions to impersonate.
import { expect } from 'chai';
import { findAccessibilityFaults, findDisplayFaults } from '../../tests/browser.ts';
import { useConsole, wide } from './testing/use-console.ts';

describe('data platforms in the console of the simulator', () => {
  const fixture = useConsole();
  const { open, take, texts } = fixture;

  it('have user names that can be set, cleared and removed, except for mapped names, which are read-only', async () => {
    const okta = fixture.simulator.identities.iams.get('okta');
    const settings = { ...okta.settings, profileSchema: { prestoUser: 'trino_login' } };
    fixture.simulator.identities.iams.setSettings('okta', settings, 'test');
    await open(wide, '#/users/okta/ada%40example.com/usernames', async (page) => {
      const rowOf = async (platform: string) =>
        (await texts(page, 'Usernames on data platforms'))
          .find((row) => row.startsWith(platform))
          ?.replaceAll(/\s+/g, ' ');
      const save = async (platform: string, choice: string, name?: string) => {
        await page.getByRole('button', { name: `Edit the username on ${platform}` }).click();
        await page.getByLabel(`Account on ${platform}`).selectOption(choice);
        if (name !== undefined) await page.getByLabel('Username', { exact: true }).fill(name);
        await page.getByRole('button', { name: 'Save username' }).click();
      };
      const isSaved = () => page.getByRole('button', { name: 'Save username' }).waitFor({ state: 'detached' });
      expect(await texts(page, 'Usernames on data platforms')).to.have.length(9);
      await save('Snowflake', 'mapped', 'ADA');
      await page.getByRole('cell', { name: 'by hand' }).waitFor();
      expect(await rowOf('Snowflake')).to.match(/ADA by hand/);
      await take(page, 'console-usernames');
      await save('Snowflake', 'none');
      await page.getByRole('cell', { name: '(no account)' }).waitFor();
      await save('Snowflake', 'unset');
      await page.getByRole('cell', { name: '(no account)' }).waitFor({ state: 'detached' });
      expect(await rowOf('Snowflake')).to.match(/ada@example.com user name/);
      expect(await rowOf('Trino')).to.match(/profile schema: trino_login attribute-missing in the identity provider/);
      expect(await page.getByRole('button', { name: 'Edit the username on Trino' }).count()).to.equal(0);

      const role = { kind: 'mapped', id: 'readers', awsType: 'iam-role' } as const;
      fixture.simulator.externalIds.set({ iam: 'okta', userid: 'grace@example.com' }, 'aws', role, 'test');
      await page.getByRole('button', { name: 'Edit the username on AWS' }).click();
      expect(await page.getByLabel('Account on AWS').locator('option').allInnerTexts()).to.have.length(2);
      await page.getByLabel('Account on AWS').selectOption('mapped');
      await page.getByLabel('User type').selectOption('iam-role');
      await page.getByLabel('Username', { exact: true }).fill('readers');
      await page.getByRole('button', { name: 'Save username' }).click();
      await page.getByRole('alert').getByText('A role can be assigned to only one user').waitFor();
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await isSaved();
    });
  });

  it('have a form for the options of each integration, with errors at their fields', async () => {
    const { integrations } = fixture.simulator;
    await open(wide, '#/integrations/redshift', async (page) => {
      const save = async () => {
        await page.getByRole('button', { name: 'Save settings' }).click();
        await page.getByRole('status', { name: 'Last action' }).getByText('The settings were saved.').waitFor();
      };
      await page.getByLabel('Enable Impersonation').check();
      await page.getByLabel('Impersonation group').fill('impersonators');
      await page.getByLabel('Members, one per line').fill('ada\ngrace\n');
      await save();
      expect(integrations.stored()).to.deep.equal({
        redshift: { enableImpersonation: true, impersonationGroup: 'impersonators', members: ['ada', 'grace'] },
      });
      await take(page, 'console-integration');
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
      expect(await findDisplayFaults(page)).to.deep.equal([]);
      // An empty field restores the default.
      await page.getByLabel('Impersonation group').fill('');
      await save();
      await page.reload();
      expect(await page.getByLabel('Impersonation group').inputValue()).to.equal('immuta_impersonation');
      await page.goto(`${fixture.server.url}/#/integrations/databricks`);
      await page.getByLabel('Allowed impersonation users, one per line').fill('reporting@example.com');
      const iam = page.getByLabel('IAM', { exact: true });
      await iam.fill('otka');
      await page.getByRole('button', { name: 'Save settings' }).click();
      await page.getByRole('alert').getByText('there is no IAM otka; did you mean "okta"?').waitFor();
      expect(await iam.getAttribute('aria-invalid')).to.equal('true');
      expect(await iam.evaluate('document.activeElement === document.querySelector("[aria-invalid=true]")')).to.equal(
        true,
      );
      expect(integrations.stored()).not.to.have.property('databricks');
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
      await iam.fill('okta');
      await save();
      expect(integrations.stored().databricks).to.deep.equal({
        allowedImpersonationUsers: ['reporting@example.com'],
        iam: 'okta',
      });
      expect(await page.locator('.field-error').count()).to.equal(0);
      await page.goto(`${fixture.server.url}/#/integrations/bigquery`);
      await page.getByText('No account is shared.').waitFor();
      expect(await page.getByRole('button', { name: 'Save settings' }).count()).to.equal(0);
    });
  });

  it('show who may impersonate on which data platform, with the statement, or the reason why impersonation is not possible', async () => {
    await open(wide, '#/integrations', async (page) => {
      expect(await texts(page, 'Data platforms')).to.have.length(9);
      await page.getByText('Edit the settings as JSON').click();
      await page.getByLabel('Settings, JSON').fill('{"snowflake": {"enableImpersonation": true}}');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('on, by permission or membership in the role IMMUTA_IMPERSONATION: nobody').waitFor();
      await take(page, 'console-integrations');
      await page.getByRole('link', { name: 'Snowflake' }).click();
      await page.getByText('No account is shared.').waitFor();
      expect(await page.getByLabel('Enable Impersonation').isChecked()).to.equal(true);

      await page.goto(`${fixture.server.url}/#/users/okta/ada%40example.com/impersonation`);
      await page.getByText('ada@example.com needs IMPERSONATE_USER, or the role').waitFor();
      await page.getByLabel('User to impersonate').fill('grace@example.com');
      await page.getByRole('button', { name: 'Try' }).click();
      await page.getByRole('status').getByText('Refused: ada@example.com needs IMPERSONATE_USER').waitFor();
      fixture.simulator.identities.users.addPermission(
        { iam: 'okta', userid: 'ada@example.com' },
        'IMPERSONATE_USER',
        'test',
      );
      await page.getByRole('button', { name: 'Try' }).click();
      await page.getByText("SET immuta_user = 'grace@example.com';").waitFor();
      await page.getByText('UNSET immuta_user;').waitFor();
      await page.getByText('UNSET immuta_user;').scrollIntoViewIfNeeded();
      await take(page, 'console-impersonation');
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
    });
  });
}).timeout(60_000);
