// Tests that no form of the console overwrites what its user has not seen, in two tabs of a real browser.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { findAccessibilityFaults } from '../../tests/browser.ts';
import { useConsole, wide } from './testing/use-console.ts';

describe('console forms in two tabs', () => {
  const fixture = useConsole();
  const { open, take, texts } = fixture;
  const settingsOfOkta = () => fixture.simulator.identities.iams.get('okta').settings;
  const said = (page: Page, text: string) =>
    page.getByRole('status', { name: 'Last action' }).getByText(text).waitFor();

  it('save only the edited fields: a schedule from an old tab keeps the guard that was set meanwhile', async () => {
    await open(wide, '#/iams/okta', async (page) => {
      await page.getByLabel('Cron rule').waitFor();
      const second = await page.context().newPage();
      await second.goto(`${fixture.server.url}/#/iams/okta/guard`);
      await second.getByLabel('API key').fill(fixture.key);
      await second.keyboard.press('Enter');
      await second.getByLabel('Max losing percent').fill('3');
      await second.getByRole('button', { name: 'Save guard' }).click();
      await said(second, 'The settings were saved.');
      await second.close();
      const guard = { maxLosingPercent: 3 };
      await page.getByLabel('Cron rule').fill('0 2 * * *');
      await page.getByRole('button', { name: 'Save schedule' }).click();
      await said(page, 'The sync schedule was saved.');
      expect(settingsOfOkta()).to.deep.include({ blastRadius: guard, sync: { cronRule: '0 2 * * *' } });
    });
  });

  it('show both states when the same field was changed, and let the user choose', async () => {
    await open(wide, '#/iams/okta', async (page) => {
      await page.getByLabel('Cron rule').fill('0 2 * * *');
      const change = (cronRule: string) =>
        fixture.simulator.identities.iams.setSettings('okta', { ...settingsOfOkta(), sync: { cronRule } }, 'other');
      change('0 5 * * *');
      await page.getByRole('button', { name: 'Save schedule' }).click();
      await page.getByRole('alert', { name: 'Conflict' }).waitFor();
      expect((await texts(page, 'Conflicting changes')).map((row) => row.split('\t'))).to.deep.equal([
        ['Cron rule', '(empty)', '0 5 * * *', '0 2 * * *'],
      ]);
      expect(settingsOfOkta().sync).to.deep.equal({ cronRule: '0 5 * * *' });
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
      await page.getByRole('alert', { name: 'Conflict' }).scrollIntoViewIfNeeded();
      await take(page, 'console-conflict');
      await page.getByRole('button', { name: 'Overwrite with mine' }).click();
      await said(page, 'The sync schedule was saved.');
      expect(settingsOfOkta().sync).to.deep.equal({ cronRule: '0 2 * * *' });
      await page.getByRole('alert', { name: 'Conflict' }).waitFor({ state: 'detached' });

      await page.getByLabel('Cron rule').fill('0 3 * * *');
      change('0 6 * * *');
      await page.getByRole('button', { name: 'Save schedule' }).click();
      await page.getByRole('button', { name: 'Discard mine' }).click();
      await page.getByRole('alert', { name: 'Conflict' }).waitFor({ state: 'detached' });
      // The stored value appears when the IAM has been loaded again.
      while ((await page.getByLabel('Cron rule').inputValue()) !== '0 6 * * *') await delay(20);
    });
  });

  it('handle conflicts for groups, users and the integrations too', async () => {
    const { groups, users } = fixture.simulator.identities;
    const ada = { iam: 'okta', userid: 'ada@example.com' };
    await open(wide, '#/groups/1?open=edit', async (page) => {
      await page.getByLabel('Description').fill('Mine');
      await page.getByLabel('E-mail', { exact: true }).fill('stewards@example.com');
      groups.edit({ iam: 'bim', name: 'stewards' }, { description: 'Theirs' }, 'other');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      expect((await texts(page, 'Conflicting changes')).map((row) => row.split('\t'))).to.deep.equal([
        ['Description', 'Those who care', 'Theirs', 'Mine'],
      ]);
      await page.getByRole('button', { name: 'Overwrite with mine' }).click();
      await said(page, 'The group was saved.');
      expect(groups.get({ iam: 'bim', name: 'stewards' })).to.include({
        description: 'Mine',
        email: 'stewards@example.com',
      });

      await page.goto(`${fixture.server.url}/#/users/okta/ada%40example.com/settings?open=edit`);
      await page.getByLabel('Position').fill('Analyst');
      users.edit(ada, { details: { phone: '+41 1' } }, 'other');
      await page.getByRole('button', { name: 'Save profile' }).click();
      await said(page, 'The profile was saved.');
      expect(users.get(ada).details).to.deep.equal({ phone: '+41 1', position: 'Analyst' });

      await page.goto(`${fixture.server.url}/#/integrations?open=json`);
      await page.getByLabel('Settings, JSON').fill('{"trino": {"admins": ["mine"]}}');
      fixture.simulator.integrations.set({ trino: { admins: ['theirs'] } }, 'other');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      expect((await texts(page, 'Conflicting changes')).join()).to.match(/theirs[\s\S]*mine/);
    });
  });

  it('open and change a user named .., without normalization of the path by the browser', async () => {
    const { users, permissions } = fixture.simulator.identities;
    const dots = { iam: 'okta', userid: '..' };
    users.create({ ...dots, name: 'Dots' }, 'test');
    permissions.addCustom('..', 'test');
    users.addPermission(dots, '..', 'test');
    await open(wide, '#/users?iamid=okta', async (page) => {
      await page.getByRole('link', { name: '..', exact: true }).click();
      await page.getByRole('heading', { name: '..', exact: true }).waitFor();
      await page.getByText('Dots').waitFor();
      await page.getByRole('link', { name: 'Permissions' }).click();
      await page.getByRole('button', { name: 'Remove ..' }).click();
      await page.getByText('No permissions.').waitFor();
      expect(users.view(dots).permissions).to.deep.equal([]);
    });
  });
}).timeout(60_000);
