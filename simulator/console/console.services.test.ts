// Tests of the console in a real browser with the real server and a real endpoint. They test each view by keyboard, in light and dark mode, on a
// phone.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { runConformance } from '../../conformance/run-conformance.ts';
import { findAccessibilityFaults, withPage } from '../../tests/browser.ts';
import { answer } from '../sync/testing/changing-endpoint.ts';
import { phone, strict, useConsole, wide } from './testing/use-console.ts';

describe('the console of the simulator', () => {
  const fixture = useConsole();
  const { open, take, texts } = fixture;
  const sync = async (page: Page, isDry: boolean) => {
    await page.getByLabel('Dry run').setChecked(isDry);
    await page.getByRole('button', { name: 'Sync all users' }).click();
    await page
      .getByRole('status')
      .getByText(isDry ? 'dry run' : 'applied')
      .waitFor();
  };

  it('requires the key of a user with USER_ADMIN, and keeps the session until logout', async () => {
    await withPage(wide, async (page) => {
      await page.goto(`${fixture.server.url}/#/groups`);
      await page.getByLabel('API key').fill('wrong');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('The API key is not valid.').waitFor();
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
      await page.getByLabel('API key').fill(fixture.key);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Groups' }).waitFor();
      await page.reload();
      await page.getByRole('heading', { name: 'Groups' }).waitFor();
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByLabel('API key').waitFor();
    });
  });

  it('lists users with filters in the URL, creates one, and reports when none matches', async () => {
    await open(wide, '#/users', async (page) => {
      await page.getByRole('link', { name: 'ada@example.com' }).waitFor();
      await take(page, 'console-users');
      await page.getByLabel('User name', { exact: true }).fill('al');
      await page.getByRole('link', { name: 'ada@example.com' }).waitFor({ state: 'detached' });
      expect(await texts(page, 'Users')).to.have.length(1);
      expect(page.url()).to.include('userid=al');
      await page.getByLabel('User name', { exact: true }).fill('nobody');
      await page.getByText('No user matches.').waitFor();
      await page.getByLabel('User name', { exact: true }).fill('');
      await page.getByText('New user').click();
      await page.waitForURL(/open=new-user/);
      await page.getByLabel('Full name').fill('Rosa');
      await page.getByLabel('E-mail, which is the user name').fill('rosa@example.com');
      await page.getByRole('button', { name: 'Create' }).click();
      await page.getByRole('heading', { name: 'rosa@example.com' }).waitFor();
    });
  });

  it('shows a user through a deep link: groups and attributes with their origins, user names, and the audit trail', async () => {
    await open(wide, '#/runs', async (page) => {
      await sync(page, false);
      await page.goto(`${fixture.server.url}/#/users/okta/ada%40example.com/groups`);
      await page.getByRole('table', { name: 'Groups' }).waitFor();
      expect(await page.title()).to.equal('okta ada@example.com groups – Users – Simulator');
      expect((await texts(page, 'Groups')).map((row) => row.replaceAll(/\s+/g, ' ').trim())).to.deep.equal([
        'analysts okta endpoint',
        'finance okta endpoint',
        'stewards bim platform',
      ]);
      await page.getByRole('link', { name: 'Attributes' }).click();
      await page.getByRole('table', { name: 'Attributes' }).waitFor();
      expect((await texts(page, 'Attributes')).join()).to.match(
        /clearance\s+confidential\s+bim\s+platform\s*group stewards/,
      );
      await take(page, 'console-attributes');
      await page.getByRole('link', { name: 'Audit' }).click();
      await page.getByRole('cell', { name: 'UserSynchronised' }).waitFor();
    });
  });

  it('grants and revokes permissions, disables a user, and deletes the user only after Delete is typed', async () => {
    await open(wide, '#/users/okta/alan%40example.com/permissions', async (page) => {
      await page.getByText('Add permissions').click();
      await page.getByLabel('Select permission').selectOption('AUDIT');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByRole('button', { name: 'Remove AUDIT' }).click();
      await page.getByText('No permissions.').waitFor();
      await page.getByRole('link', { name: 'Settings', exact: true }).click();
      await page.getByRole('button', { name: 'Disable user …' }).click();
      await page.getByRole('button', { name: 'Disable alan@example.com' }).click();
      await page.getByRole('button', { name: 'Enable user' }).waitFor();
      await page.getByRole('button', { name: 'Permanently delete' }).click();
      const confirm = page.getByRole('button', { name: 'Confirm permanent delete' });
      expect(await confirm.isDisabled()).to.equal(true);
      await page.getByLabel('Type Delete to confirm').fill('Delete');
      await confirm.click();
      await page.getByRole('heading', { name: 'Users' }).waitFor();
      expect(fixture.simulator.identities.users.find({ iam: 'okta', userid: 'alan@example.com' })).to.equal(null);
    });
  });

  it('downloads metrics, and rejects the migration of a user whose name does not match', async () => {
    await open(strict, '#/users', async (page) => {
      await page.getByText('Metrics').click();
      await page.getByLabel('Number of days').fill('7');
      const downloading = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download' }).click();
      const metrics = JSON.parse(readFileSync(await (await downloading).path(), 'utf8'));
      expect([metrics.days, metrics.users.total]).to.deep.equal([7, 4]);
      await page.getByRole('link', { name: 'admin@example.com' }).click();
      await page.getByText('Migrate user').first().click();
      await page.getByLabel('To the IAM').selectOption('okta');
      await page.getByLabel('User name there').fill('other@example.com');
      await page.getByRole('button', { name: 'Migrate user' }).click();
      await page.getByRole('alert').getByText('The user names do not match').waitFor();
    });
  });

  it('shows a conformance report of the endpoint, failures and warnings first', async () => {
    fixture.report = await runConformance({ url: fixture.endpoint.uri, auth: 'none', knownUsers: ['ada@example.com'] });
    await open(strict, '#/conformance', async (page) => {
      await page.getByText(`${fixture.endpoint.uri} conforms`).waitFor();
      expect((await texts(page, 'Checks that did not pass')).length).to.be.greaterThan(0);
      await page.getByText(`All ${fixture.report?.checks.length} checks`).click();
      await page.getByRole('table', { name: 'All checks' }).getByText('skipped').first().waitFor();
      expect(await texts(page, 'All checks')).to.have.length(fixture.report?.checks.length ?? 0);
    });
  });

  it('shows a group, adds and removes a member, and reports when no user matches', async () => {
    await open(wide, '#/groups', async (page) => {
      await page.getByRole('link', { name: 'stewards' }).click();
      await page.getByRole('heading', { name: 'stewards' }).waitFor();
      await page.getByText('Add members').click();
      await page.getByLabel('Search by member name or e-mail').fill('grac');
      await page.getByRole('option', { name: 'grace grace@example.com of okta' }).click();
      await page.getByRole('button', { name: 'Remove grace@example.com' }).click();
      await page.getByRole('button', { name: 'Remove grace@example.com' }).waitFor({ state: 'detached' });
      await page.getByLabel('Search by member name or e-mail').fill('nobody');
      await page.getByText('No enabled user outside the group matches.').waitFor();
    });
  });

  it('tests the connection and a login of an IAM, and saves its settings', async () => {
    await open(wide, '#/iams/okta', async (page) => {
      await page.getByRole('button', { name: 'Test connection' }).click();
      await page.getByText('The endpoint is reachable and responded with 404').waitFor();
      await page.getByLabel('User name').fill('ada@example.com');
      await page.getByRole('button', { name: 'Test user login' }).click();
      await page.getByText('group analysts; group finance; group stewards; region: emea').waitFor();
      await take(page, 'console-iam');
      await page.getByText('Edit the settings as JSON').click();
      await page.getByLabel('Settings, JSON').fill('{');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('alert').getByText('This is not JSON').waitFor();
      await page
        .getByLabel('Settings, JSON')
        .fill(JSON.stringify({ externalUserInfo: { uri: `${fixture.endpoint.uri}?v=2` } }));
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('The settings were saved.').waitFor();
      expect(await page.getByLabel('External User Info URI').inputValue()).to.equal(`${fixture.endpoint.uri}?v=2`);
    });
  });

  it('shows the source of the user list, and sets an LDAP directory on another server without a password', async () => {
    const { settings } = fixture.simulator.identities.iams.get('okta');
    const userList = { url: 'ldaps://ldap.example.com/dc=x' };
    await open(wide, '#/iams/okta', async (page) => {
      await page.getByText('A sync of all users requests the users in the store from the endpoint.').waitFor();
      await page.getByRole('button', { name: 'Test user list' }).click();
      await page.getByText('The list consists of the users in the store.').waitFor();
      fixture.simulator.identities.iams.setSettings('okta', { ...settings, userList }, 'test');
      await page.reload();
      await page.getByText('requests the users of ldaps://ldap.example.com/dc=x').waitFor();
      await page.getByLabel('LDAP URL').fill('ldaps://other.example.com/dc=x');
      await page.getByRole('button', { name: 'Save user list' }).click();
      await page.getByText('requests the users of ldaps://other.example.com/dc=x.').waitFor();
      await page.getByLabel('LDAP URL').fill('https://other.example.com/users');
      await page.getByRole('button', { name: 'Save user list' }).click();
      await page.getByRole('alert').getByText('must be ldaps://host/base').waitFor();
      await page.getByLabel('LDAP URL').fill('');
      await page.getByRole('button', { name: 'Save user list' }).click();
      await page.getByText('A sync of all users requests the users in the store from the endpoint.').waitFor();
    });
  });

  it('sets a sync schedule with its next time, rejects an invalid rule, and removes the schedule', async () => {
    await open(wide, '#/iams/okta', async (page) => {
      await page.getByText('No schedule: a sync runs only when it is started manually.').waitFor();
      await page.getByLabel('Cron rule').fill('61 * * * *');
      await page.getByRole('button', { name: 'Save schedule' }).click();
      await page.getByRole('alert').getByText('is not a valid cron pattern').waitFor();
      await page.getByLabel('Cron rule').fill('0 0 1 1 *');
      await page.getByLabel('Time zone').fill('Asia/Tokyo');
      await page.getByRole('button', { name: 'Save schedule' }).click();
      await page.getByText(/The next sync of all users: \d{4}-12-31 15:00:00 UTC/).waitFor();
      expect(fixture.simulator.identities.audit.list({ action: 'IamChanged' }).hits[0]?.by).to.equal(
        'admin@example.com',
      );
      await page.getByRole('link', { name: 'IAM settings' }).first().click();
      expect((await texts(page, 'IAMs'))[1]).to.match(/okta.+-12-31 15:00:00 UTC/);
      await page.getByRole('link', { name: 'okta' }).click();
      await page.getByLabel('Cron rule').fill('');
      await page.getByRole('button', { name: 'Save schedule' }).click();
      await page.getByText('No schedule: a sync runs only when it is started manually.').waitFor();
    });
  });

  it('shows the progress of a sync, which can be interrupted and resumed', async () => {
    await open(wide, '#/runs', async (page) => {
      await page.getByText('No runs yet.').waitFor();
      let release = () => {};
      const untilReleased = new Promise<void>((resolve) => {
        release = resolve;
      });
      fixture.endpoint.handler = async (_request, response, userid) => {
        if (userid !== 'ada@example.com') await untilReleased;
        answer(response, fixture.endpoint.users.get(userid) ?? 404);
      };
      await page.getByRole('button', { name: 'Sync all users' }).click();
      await page.getByText('okta: requesting 1 of 3').waitFor();
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
      await page.getByRole('button', { name: 'Interrupt' }).click();
      await page.getByRole('status').getByText('interrupted').waitFor();
      release();
      fixture.endpoint.handler = null;
      await page.getByRole('status').getByRole('link', { name: 'Run 1' }).click();
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.getByText('dry run').waitFor();
    });
  });

  it('shows what each user gains and loses, why the guard stopped a run, and the differences between two runs', async () => {
    await open(strict, '#/runs', async (page) => {
      await sync(page, false);
      fixture.endpoint.users.set('ada@example.com', { groups: ['analysts'] });
      fixture.endpoint.users.set('grace@example.com', 404);
      await page.getByLabel('Dry run').setChecked(false);
      await page.getByRole('button', { name: 'Sync all users' }).click();
      await page.getByRole('status').getByText('stopped by the guard').waitFor();
      await page.getByRole('link', { name: '1 → 2' }).click();
      await page.getByText('2 users differ.').waitFor();
      await take(page, 'console-diff');
      expect((await texts(page, 'Users who differ')).join('\n').replaceAll(/\s+/g, ' ')).to.include(
        'loses − group finance',
      );
      await page.getByRole('link', { name: 'Run 2' }).first().click();
      await page.getByRole('alert').getByText('would lose').first().waitFor();
      await take(page, 'console-run');
      await page.getByRole('button', { name: /^Apply to okta, with \d+ losing access$/ }).click();
      await page.locator('.run-summary .badge').getByText('applied').waitFor();
      const lostBar = page.locator('.lost .bar').first();
      expect((await lostBar.boundingBox())?.width, 'the policy lets the bar have its width').to.be.greaterThan(10);
    });
  });

  it('reports when the server is unreachable, and when a page does not exist', async () => {
    await open(wide, '#/users/okta/nobody', async (page) => {
      await page.getByRole('alert').getByText('The IAM okta has no user nobody.').waitFor();
      await page.route('**/bim/group**', (route) => route.abort());
      await page.getByRole('link', { name: 'Groups' }).first().click();
      await page.getByRole('alert').getByText('The simulator cannot be reached.').first().waitFor();
      await page.goto(`${fixture.server.url}/#/nothing`);
      await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
    });
  });

  it('can be used with the keyboard alone: skipping to the content, navigating, and focusing the new view', async () => {
    await open(strict, '#/users', async (page) => {
      await page.getByRole('link', { name: 'ada@example.com' }).waitFor();
      await page.evaluate('document.activeElement.blur()');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).to.equal('Skip to the content');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).to.equal('Skip to the list');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Groups' }).waitFor();
      await page.waitForFunction("document.activeElement.tagName === 'MAIN'");
    });
  });

  for (const [name, options] of [
    ['light', { ...wide, colorScheme: 'light' }],
    ['dark', { ...wide, colorScheme: 'dark' }],
    ['on a phone', { ...phone, colorScheme: 'light' }],
  ] as const) {
    it(`violates no rule of axe, and needs no horizontal scrolling, ${name}`, async () => {
      await open(options, '#/runs', async (page) => {
        await sync(page, false);
        await sync(page, true);
        for (const view of [
          'users',
          'users/okta/ada%40example.com',
          'users/okta/ada%40example.com/attributes',
          'users/okta/ada%40example.com/usernames',
          'users/okta/ada%40example.com/impersonation',
          'users/okta/ada%40example.com/permissions',
          'users/okta/ada%40example.com/audit',
          'groups',
          'groups/1',
          'iams',
          'iams/okta',
          'integrations',
          'integrations/databricks',
          'runs',
          'runs/1',
          'runs/1/diff/2',
          'conformance',
        ]) {
          await page.goto(`${fixture.server.url}/#/${view}`);
          await page.getByText('Loading').first().waitFor({ state: 'detached' });
          expect(await findAccessibilityFaults(page), view).to.deep.equal([]);
          const overflow = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          expect(overflow, view).to.equal(0);
          if (view === 'runs/1' && name !== 'light') await take(page, `console-run-${name.replaceAll(' ', '-')}`);
        }
      });
    }).timeout(120_000);
  }
}).timeout(60_000);
