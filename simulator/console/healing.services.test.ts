// Tests of the console when the server is stopped, restarted or no longer accepts the session. They run by keyboard, in dark mode, on a phone, in two
// tabs.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { findAccessibilityFaults, findDisplayFaults, withPage } from '../../tests/browser.ts';
import { bundleConsole } from '../../tests/bundle-console.mjs';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { openSimulator } from '../open-simulator.ts';
import { phone, useConsole, wide } from './testing/use-console.ts';

const said = (page: Page, text: string) => page.getByRole('status', { name: 'Last action' }).getByText(text).waitFor();
const focused = (page: Page) => page.evaluate<string>('document.activeElement.textContent');

describe('the console when the server fails', () => {
  const fixture = useConsole();
  const { open, take } = fixture;

  it('recovers after the server was killed and restarted: errors disappear, and a form in progress is kept', async () => {
    // The server runs in a separate process, so that it can be killed.
    const directory = scratchDirectory();
    await bundleConsole(join(directory, 'console'));
    const store = join(directory, 'simulator.db');
    const simulator = openSimulator(store);
    simulator.identities.users.create({ userid: 'admin@example.com', name: 'A', permissions: ['USER_ADMIN'] }, 'test');
    const key = simulator.apiKeys.create({ iam: 'bim', userid: 'admin@example.com' }, 'x', 'x');
    simulator.close();
    const start = async (port: number) => {
      const program = join(import.meta.dirname, 'testing/serve-console.ts');
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', program, store, join(directory, 'console'), String(port)],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      return { child, url: String(line).trim() };
    };
    const kill = async (child: ChildProcess) => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    };
    let server = await start(0);
    try {
      await withPage(wide, async (page) => {
        await page.goto(`${server.url}/#/groups?open=new-group`);
        await page.getByLabel('API key').fill(key);
        await page.keyboard.press('Enter');
        await page.getByText('There are no groups yet.').waitFor();
        await page.getByLabel('Name of the group').fill('stewards');
        await kill(server.child);
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByRole('alert').getByText('No connection to the simulator.').waitFor();
        await page.getByRole('alert').getByText('The simulator cannot be reached.').waitFor();
        expect(await findAccessibilityFaults(page)).to.deep.equal([]);
        await take(page, 'console-no-connection');
        server = await start(Number(new URL(server.url).port));
        await said(page, 'The simulator can be reached again.');
        // Resolved errors disappear, and typed text is still there.
        expect(await page.getByRole('alert').count()).to.equal(0);
        expect(await page.getByLabel('Name of the group').inputValue()).to.equal('stewards');
        // The restarted server does not know the token, so the key in memory starts a new session.
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByRole('heading', { name: 'stewards' }).waitFor();
        await said(page, 'The group stewards was created.');
      });
    } finally {
      await kill(server.child);
    }
  });

  it('requests a login over the view when the session has ended, and then saves the typed data', async () => {
    await open({ ...phone, colorScheme: 'dark' }, '#/groups/1?open=edit', async (page) => {
      await page.getByLabel('Description').fill('Typed before the session ended');
      // Reloading the page removes the key, and an invalid token is treated like an expired one.
      await page.evaluate("sessionStorage.setItem('simulator-token', 'expired')");
      await page.reload();
      await page.getByRole('dialog', { name: 'Log in again' }).waitFor();
      expect(page.url()).to.include('#/groups/1?open=edit');
      expect(await findDisplayFaults(page)).to.deep.equal([]);
      await take(page, 'console-log-in-again');
      await page.getByLabel('API key').fill('wrong');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('The API key is not valid.').waitFor();
      await page.getByLabel('API key').fill(fixture.key);
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByLabel('Description').fill('Typed in the session');
      await page.evaluate("sessionStorage.setItem('simulator-token', 'expired')");
      fixture.simulator.apiKeys.delete({ iam: 'bim', userid: 'admin@example.com' }, 'test', 'test');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('dialog', { name: 'Log in again' }).waitFor();
      const key = fixture.simulator.apiKeys.create({ iam: 'bim', userid: 'admin@example.com' }, 'new', 'test');
      await page.getByLabel('API key').fill(key);
      await page.keyboard.press('Enter');
      await said(page, 'The group was saved.');
      expect(fixture.simulator.identities.groups.getById(1).description).to.equal('Typed in the session');
    });
  });

  it('shows who is logged in, and renews an expired session silently while the key is in memory', async () => {
    await open(wide, '#/users', async (page) => {
      await page.getByRole('banner').getByText('admin@example.com').waitFor();
      await page.evaluate("sessionStorage.setItem('simulator-token', 'expired')");
      await page.getByRole('link', { name: 'Groups' }).first().click();
      await page.getByRole('link', { name: 'stewards' }).waitFor();
      expect(await page.getByRole('dialog').count()).to.equal(0);
    });
  });

  it('filters after a pause in typing, keeps the list meanwhile, and lets the user reach a row with a few keys', async () => {
    await open(wide, '#/users', async (page) => {
      await page.getByRole('link', { name: 'ada@example.com' }).waitFor();
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      await page.evaluate(`new MutationObserver(() => {
        if (document.querySelector('main')?.textContent.includes('Loading')) window.flashed = true;
      }).observe(document.body, { subtree: true, childList: true, characterData: true })`);
      await page.getByLabel('User name', { exact: true }).pressSequentially('ada', { delay: 20 });
      await page.getByRole('link', { name: 'alan@example.com' }).waitFor({ state: 'detached' });
      expect(requests.filter((url) => url.includes('/bim/user?'))).to.have.length(1);
      expect(await page.evaluate('window.flashed === true')).to.equal(false);
      await page.keyboard.press('ArrowDown');
      expect(await focused(page)).to.equal('ada@example.com');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'ada@example.com' }).waitFor();
      await page.goBack();
      await page.getByRole('link', { name: 'ada@example.com' }).waitFor();
      // Navigates by keyboard from the top of the page to the list, and then down to the row.
      await page.goto(`${fixture.server.url}/#/users?includeDisabled=true`);
      await page.reload();
      await page.getByRole('link', { name: 'grace@example.com' }).waitFor();
      for (const key of ['Tab', 'Tab', 'Enter', 'End']) await page.keyboard.press(key);
      expect(await focused(page)).to.equal('grace@example.com');
    });
  });

  it('keeps the focus nearby after an action, and announces the action, all by keyboard', async () => {
    const { groups } = fixture.simulator.identities;
    for (const userid of ['alan@example.com', 'grace@example.com']) {
      groups.addMember({ iam: 'bim', name: 'stewards' }, { iam: 'okta', userid }, 'test');
    }
    await open(wide, '#/groups/1', async (page) => {
      const remove = page.getByRole('button', { name: 'Remove alan@example.com' });
      await remove.focus();
      await page.keyboard.press('Enter');
      await said(page, 'alan@example.com was removed from the group.');
      await remove.waitFor({ state: 'detached' });
      await page.waitForFunction("document.activeElement.getAttribute('aria-label') === 'Members'");
      await page.getByText('Add members').focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      await page.keyboard.type('alan');
      await page.getByRole('option', { name: /alan/ }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await said(page, 'alan@example.com was added to the group.');
      await remove.waitFor();
      expect(await page.evaluate('document.activeElement.tagName')).to.equal('INPUT');
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
    });
  });
}).timeout(60_000);
