// Tests of what the console shows about runs, in a real browser: no premature claims, and no success color if access was lost.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { findAccessibilityFaults, findDisplayFaults } from '../../tests/browser.ts';
import { answer } from '../sync/testing/changing-endpoint.ts';
import { phone, strict, useConsole, wide } from './testing/use-console.ts';

describe('runs in the console', () => {
  const fixture = useConsole();
  const { open, take, texts } = fixture;

  /** Makes the endpoint respond for ada immediately, and for all others once they are released. Returns the function that releases them. */
  function holdEndpoint(): () => void {
    let release = () => {};
    const untilReleased = new Promise<void>((resolve) => {
      release = resolve;
    });
    fixture.endpoint.handler = async (_request, response, userid) => {
      if (userid !== 'ada@example.com') await untilReleased;
      answer(response, fixture.endpoint.users.get(userid) ?? 404);
    };
    return release;
  }
  const badge = (page: Page) => page.locator('.run-summary .badge');
  const colorOf = (page: Page, selector: string) =>
    page.evaluate<string>(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).color`);

  it('are shown as running while they run, update themselves, and show no outcome before the end', async () => {
    const release = holdEndpoint();
    await open(wide, '#/runs', async (page) => {
      await page.getByLabel('Dry run').setChecked(false);
      await page.getByRole('button', { name: 'Sync all users of okta and apply' }).click();
      await page
        .getByRole('row', { name: /Run 1 okta/ })
        .getByText('running')
        .waitFor();
      await page.getByRole('link', { name: 'Run 1' }).first().click();
      await page.getByText('okta: requesting 1 of 3').waitFor();
      expect(await badge(page).getAttribute('class')).to.equal('badge warn');
      const text = await page.locator('main').textContent();
      expect(text)
        .to.include('No change so far. The run has not ended.')
        .and.not.match(/interrupted|answered|applied/);
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
      await take(page, 'console-run-running');
      release();
      await page.locator('.run-summary .badge.good').getByText('applied').waitFor();
      expect(await texts(page, 'Users who changed or could not be retrieved')).to.have.length(3);
      await page.getByText('All changes were applied.').waitFor();
    });
  });

  it('that were interrupted or lose access never have the color of success, including dark mode', async () => {
    await open({ ...wide, colorScheme: 'dark' }, '#/runs', async (page) => {
      const release = holdEndpoint();
      await page.getByRole('button', { name: 'Dry run: sync all users of okta' }).click();
      await page.getByText('okta: requesting 1 of 3').waitFor();
      await page.getByRole('button', { name: 'Interrupt' }).click();
      const notice = page.locator('.notice').getByText('interrupted');
      await notice.waitFor();
      expect(await page.locator('.notice.good').count()).to.equal(0);
      release();
      fixture.endpoint.handler = null;
      await page.getByRole('link', { name: 'Run 1' }).first().click();
      await page
        .getByText('The run was not completed.', { exact: false })
        .or(page.getByRole('table'))
        .first()
        .waitFor();
      expect(await badge(page).textContent()).to.include('interrupted');
      expect(await badge(page).getAttribute('class')).to.equal('badge warn');
      const warn = await colorOf(page, '.run-summary .badge');

      // One of three users loses access, which the guard allows.
      const { iams } = fixture.simulator.identities;
      const { settings } = iams.get('okta');
      const limits = { maxLosingPercent: 100, mayEmptyGroups: true };
      iams.setSettings('okta', { ...settings, blastRadius: limits }, 'test');
      await page.goto(`${fixture.server.url}/#/runs`);
      await page.getByLabel('Dry run').setChecked(false);
      const sync = page.getByRole('button', { name: 'Sync all users of okta and apply' });
      await sync.click();
      await page.locator('.notice.good').getByText('Run 2').waitFor();
      fixture.endpoint.users.set('ada@example.com', { groups: ['analysts'] });
      await sync.click();
      await page.locator('.notice.warn').getByText('applied, 1 user lost access.').waitFor();
      await page.getByRole('link', { name: 'Run 3' }).first().click();
      await badge(page).getByText('applied, 1 user lost access').waitFor();
      expect(await colorOf(page, '.run-summary .badge')).to.equal(warn);
      // A dry run that the guard would stop is shown as an error.
      iams.setSettings('okta', settings, 'test');
      fixture.endpoint.users.set('grace@example.com', 404);
      fixture.endpoint.users.set('alan@example.com', 404);
      await page.goto(`${fixture.server.url}/#/runs`);
      await page.getByRole('button', { name: 'Dry run: sync all users of okta' }).click();
      await page.locator('.notice.bad').getByText('dry run, the guard would stop the run').waitFor();
      expect((await texts(page, 'Sync runs')).join('\n')).to.match(/would lose access/);
    });
  });

  it('show why the endpoint returned no user info for each user, even on the page of the user', async () => {
    const location = 'https://login.example.com/start?token=1';
    fixture.endpoint.handler = (_request, response, userid) => {
      if (userid === 'ada@example.com') response.end('{"groups":[{"name":7}],"authorizations":{}}');
      else if (userid === 'alan@example.com') response.writeHead(302, { location }).end();
      else response.writeHead(418).end();
    };
    await open(wide, '#/runs', async (page) => {
      await page.getByRole('button', { name: 'Dry run: sync all users of okta' }).click();
      await page.locator('.notice').getByText('no user info for any of 3 users').waitFor();
      await page.getByRole('link', { name: 'Run 1' }).first().click();
      const rows = await texts(page, 'Users who changed or could not be retrieved');
      expect(rows.map((row) => row.split('\t').slice(1, 3).join(': ').trim())).to.deep.equal([
        'invalid-body: /groups/0/name: expected a string, found a number',
        'other-status: status 302, a redirect to https://login.example.com',
        'other-status: status 418',
      ]);
      await take(page, 'console-run-reasons');
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
      expect(await findDisplayFaults(page)).to.deep.equal([]);
      await page.getByRole('link', { name: 'ada@example.com' }).click();
      await page.getByText('invalid-body (/groups/0/name: expected a string, found a number)').waitFor();
      await page.goto(`${fixture.server.url}/#/iams/okta`);
      await page.getByLabel('User name', { exact: true }).fill('alan@example.com');
      await page.getByRole('button', { name: 'Test user login' }).click();
      await page
        .getByText('no user info: other-status (status 302, a redirect to https://login.example.com).')
        .waitFor();
      await page.goto(`${fixture.server.url}/#/users/okta/alan%40example.com`);
      await page.getByText('test login', { exact: false }).waitFor();
      expect(await page.locator('main').textContent()).to.include(
        'other-status (status 302, a redirect to https://login.example.com)',
      );
    });
  });

  it('are undone after their number is typed, and are then marked as undone, with the changes that were not restored', async () => {
    const ada = { iam: 'okta', userid: 'ada@example.com' };
    const groupsOf = () => fixture.simulator.identities.users.view(ada).groups.map(({ name }) => name);
    await open(wide, '#/runs', async (page) => {
      await page.getByLabel('Dry run').setChecked(false);
      await page.getByRole('button', { name: 'Sync all users of okta and apply' }).click();
      await page.locator('.notice.good').getByText('Run 1').waitFor();
      expect(groupsOf()).to.deep.equal(['analysts', 'finance', 'stewards']);
      await page.getByRole('link', { name: 'Run 1' }).first().click();
      await page.getByText('Undo this run …').click();
      const undo = page.getByRole('button', { name: 'Undo run 1' });
      expect(await undo.isDisabled()).to.equal(true);
      await page.getByLabel('Type 1 to confirm').fill('2');
      expect(await undo.isDisabled()).to.equal(true);
      expect(groupsOf()).to.have.length(3);
      await page.getByLabel('Type 1 to confirm').fill('1');
      await undo.scrollIntoViewIfNeeded();
      await take(page, 'console-undo');
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
      await undo.click();
      const result = page.getByRole('region', { name: 'Result of the undo' });
      await result.getByText('Restored 3 users and deleted 0 users that the run had created').waitFor();
      await result.getByText('analysts, finance, research have no members now, and were not deleted.').waitFor();
      await badge(page).getByText('applied, undone later').waitFor();
      expect(await badge(page).getAttribute('class')).to.equal('badge warn');
      await page.getByText('Undone by admin@example.com').waitFor();
      expect(await page.getByText('Undo this run …').count()).to.equal(0);
      expect(groupsOf()).to.deep.equal(['stewards']);
      await page.getByRole('link', { name: 'Sync runs' }).first().click();
      await page.getByRole('cell', { name: 'applied, undone later' }).waitFor();
      // A dry run cannot be undone.
      await page.getByLabel('Dry run').check();
      await page.getByRole('button', { name: 'Dry run: sync all users of okta' }).click();
      await page.locator('.notice').getByText('Run 2').waitFor();
      await page.getByRole('link', { name: 'Run 2' }).first().click();
      await page.getByText('Nothing was applied.').waitFor();
      expect(await page.getByText('Undo this run …').count()).to.equal(0);
    });
  });

  it('list measured assumptions separately, as the page of the IAM does', async () => {
    const { iams } = fixture.simulator.identities;
    const days = { date: '2026-11-01', validUntil: '2027-04-30' };
    const platformProfile = { platform: 'Immuta 2024.3', facts: { onNotFound: { value: 'disable', ...days } } };
    iams.setSettings('okta', { ...iams.get('okta').settings, platformProfile }, 'test');
    const measured = 'Measured on 2026-11-01 with Immuta 2024.3: onNotFound disable';
    await open(wide, '#/runs', async (page) => {
      await page.getByRole('button', { name: 'Dry run: sync all users of okta' }).click();
      await page.getByRole('link', { name: 'Run 1' }).first().click();
      await page.getByText('Assumptions about behavior that the platform documentation does not describe').click();
      await page.getByText(measured, { exact: true }).waitFor();
      await page.getByText(/^Assumed: timeoutMs 10000, /).waitFor();
      await page.goto(`${fixture.server.url}/#/iams/okta/assumptions`);
      await page.getByText(measured, { exact: true }).waitFor();
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
    });
  });

  it('without user info for any user are not reported as having the same result', async () => {
    for (const userid of fixture.endpoint.users.keys()) fixture.endpoint.users.set(userid, 503);
    await open(strict, '#/runs', async (page) => {
      for (const number of [1, 2]) {
        await page.getByRole('button', { name: 'Dry run: sync all users of okta' }).click();
        await page.locator('.notice').getByText(`Run ${number}`).waitFor();
      }
      await page.getByRole('link', { name: '1 → 2' }).click();
      await page.getByRole('alert').getByText('No differences, but this proves nothing').waitFor();
      expect(await page.getByText('the same result').count()).to.equal(0);
    });
  });

  it('keep the chosen IAM, and name it in the button of a real sync', async () => {
    fixture.simulator.identities.iams.create({ id: 'ldap', name: 'LDAP', type: 'ldap' }, 'test');
    await open(strict, '#/runs', async (page) => {
      await page.getByRole('button', { name: 'Dry run: sync all users of ldap' }).waitFor();
      await page.getByRole('combobox', { name: 'IAM' }).selectOption('okta');
      await page.getByRole('button', { name: 'Dry run: sync all users of okta' }).waitFor();
      await page.getByRole('link', { name: 'Users' }).click();
      await page.getByRole('heading', { name: 'Users' }).waitFor();
      await page.getByRole('link', { name: 'Sync runs' }).click();
      await page.getByRole('button', { name: 'Dry run: sync all users of okta' }).waitFor();
      await page.getByLabel('Dry run').setChecked(false);
      await page.getByRole('button', { name: 'Sync all users of okta and apply' }).waitFor();
      await page.goto(`${fixture.server.url}/#/runs?iam=ldap`);
      await page.getByRole('button', { name: /users of ldap/ }).waitFor();
    });
  });

  for (const [name, options] of [
    ['a desktop', wide],
    ['a phone', phone],
  ] as const) {
    it(`keep their state and decision visible above long tables, on ${name}`, async () => {
      const { users } = fixture.simulator.identities;
      for (let number = 0; number < 120; number++) {
        const userid = `user${number}@example.com`;
        users.create({ iam: 'okta', userid, name: userid }, 'test');
        fixture.endpoint.users.set(userid, { groups: [`group ${number % 40}`] });
      }
      await open(options, '#/runs', async (page) => {
        await page.getByLabel('Dry run').setChecked(false);
        await page.getByRole('button', { name: 'Sync all users of okta and apply' }).click();
        await page.locator('.notice').getByText('applied').waitFor();
        for (let number = 0; number < 120; number++) fixture.endpoint.users.set(`user${number}@example.com`, 404);
        await page.getByRole('button', { name: 'Sync all users of okta and apply' }).click();
        await page.locator('.notice.bad').getByText('stopped by the guard').waitFor();
        await page.getByRole('link', { name: 'Run 2' }).first().click();
        await page.getByText('1–25 of 40').waitFor();
        await page.getByRole('link', { name: 'Next page' }).scrollIntoViewIfNeeded();
        const apply = page.getByRole('button', { name: /^Apply to okta, with 120 losing access$/ });
        for (const element of [apply, badge(page)]) {
          const box = await element.boundingBox();
          expect(box?.y, 'the top edge, in the viewport').to.be.within(0, 300);
        }
        await page.getByRole('link', { name: 'Next page' }).click();
        await page.getByRole('link', { name: 'First page' }).waitFor();
        expect(page.url()).to.include('after=');
        expect(await findDisplayFaults(page)).to.deep.equal([]);
      });
    });
  }
}).timeout(60_000);
