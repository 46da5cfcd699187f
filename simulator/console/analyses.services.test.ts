// Tests of comparing an IAM with another endpoint, and of evaluating assumptions, in the console, in a real browser.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { findAccessibilityFaults, findDisplayFaults } from '../../tests/browser.ts';
import { answer, type ChangingEndpoint, startChangingEndpoint } from '../sync/testing/changing-endpoint.ts';
import { phone, useConsole, wide } from './testing/use-console.ts';

const scrollTo = (page: Page, region: string) =>
  page.evaluate(`document.querySelector('[aria-label="${region}"]').scrollIntoView()`);

describe('analyses in the console', () => {
  const fixture = useConsole();
  const { open, take, texts } = fixture;
  let other: ChangingEndpoint;
  beforeEach(async () => {
    other = await startChangingEndpoint();
    for (const [userid, user] of fixture.endpoint.users) other.users.set(userid, user);
  });
  afterEach(() => other.close());

  it('compare an IAM with another address, and show what each user would gain and lose, with reasons and in pages', async () => {
    const { users } = fixture.simulator.identities;
    for (let number = 0; number < 30; number++) {
      const userid = `user${String(number).padStart(2, '0')}@example.com`;
      users.create({ iam: 'okta', userid, name: userid }, 'test');
      fixture.endpoint.users.set(userid, { groups: ['staff'] });
      other.users.set(userid, { groups: ['crew'] });
    }
    other.users.set('ada@example.com', 503);
    await open(wide, '#/iams/okta/compare', async (page) => {
      await page.getByLabel('Address of the other endpoint').fill(other.uri);
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.getByText('31 of 33 users would differ.').waitFor();
      expect(await texts(page, 'Endpoints')).to.have.length(2);
      const [first = '', second = ''] = await texts(page, 'Users who differ');
      expect(first).to.include('answered → server-error').and.include('status 503');
      expect(second)
        .to.match(/group crew/)
        .and.match(/group staff/);
      await page.getByText('1–25 of 31').waitFor();
      await scrollTo(page, 'Result of the comparison');
      await take(page, 'console-compare');
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
      expect(await findDisplayFaults(page)).to.deep.equal([]);
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByText('26–31 of 31').waitFor();
      expect(fixture.simulator.runs.list(9)).to.deep.equal([]);
    });
  });

  it('compare with a settings file, and with a server that needs a different password', async () => {
    const { iams } = fixture.simulator.identities;
    const password = fixture.simulator.secretFiles.keep('okta', 'passwordFile', 'of the old one');
    const authentication = { username: 'immuta', passwordFile: password };
    const secured = { externalUserInfo: { uri: fixture.endpoint.uri, useAuth: true, authentication } };
    iams.setSettings('okta', secured, 'test');
    await open(phone, '#/iams/okta/compare', async (page) => {
      await page.getByLabel('Address of the other endpoint').fill(other.uri);
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.getByRole('alert').getByText('Specify it again for').waitFor();
      await page.getByText('Credentials for another server').click();
      await page.getByLabel('Password').fill('of the new one');
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.locator('.notice.good').getByText('Both endpoints respond identically for each of 3 users').waitFor();
      expect(other.requests.at(-1)?.headers.authorization).to.equal(`Basic ${btoa('immuta:of the new one')}`);
      await page.getByLabel('Username').fill('qa');
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.locator('.notice.good').getByText('Both endpoints respond identically').waitFor();
      expect(other.requests.at(-1)?.headers.authorization).to.equal(`Basic ${btoa('qa:of the new one')}`);
      expect(await findDisplayFaults(page)).to.deep.equal([]);
      await page.getByLabel('Compare with').selectOption('file');
      const file = (text: string) =>
        page
          .getByLabel('Settings file, YAML or JSON')
          .setInputFiles({ name: 'new.yaml', mimeType: 'application/yaml', buffer: Buffer.from(text) });
      await file(`externalUserInfo:\n  uri: ${other.uri}\n  useAuth: [`);
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.getByRole('alert').getByText('neither YAML nor JSON').waitFor();
      await page.getByLabel('Password').fill('');
      await file(`externalUserInfo:\n  uri: ${other.uri}\n`);
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.locator('.notice.good').getByText('Both endpoints respond identically').waitFor();
      expect(other.requests.at(-1)?.headers.authorization).to.equal(undefined);
    });
  });

  it('never show a comparison as equal when an endpoint did not return user info for any user, and can be interrupted', async () => {
    for (const endpoint of [fixture.endpoint, other])
      for (const userid of endpoint.users.keys()) endpoint.users.set(userid, 503);
    await open(wide, '#/iams/okta/compare', async (page) => {
      await page.getByLabel('Address of the other endpoint').fill(other.uri);
      await page.getByRole('button', { name: 'Compare' }).click();
      await page
        .getByRole('alert')
        .getByText('Nothing was compared: the old and the new endpoint did not return user info for any user.')
        .waitFor();
      expect(await page.locator('.notice.good').count()).to.equal(0);
      fixture.endpoint.handler = () => undefined;
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.getByText('okta, comparison: requesting 0 of').waitFor();
      await page.getByRole('button', { name: 'Interrupt' }).click();
      await page.getByRole('alert').getByText('The comparison of okta was interrupted. Nothing was stored.').waitFor();
      await fixture.endpoint.untilDisconnected();
    });
  });

  it('show the assumptions that matter first, and report when the endpoint did not return user info for any user', async () => {
    const { runs } = fixture.simulator;
    fixture.endpoint.users.set('alan@example.com', 404);
    await open(wide, '#/iams/okta/assumptions', async (page) => {
      await page.getByRole('button', { name: 'Evaluate each assumption' }).click();
      await page.getByText('2 of 3 users were retrieved.').waitFor();
      await page.getByText(/These assumptions matter: .*On not found/).waitFor();
      const [now = '', first = ''] = await texts(page, 'Assumptions');
      expect(now).to.match(/^Current setting/);
      expect(Number(first.split('\t')[2])).to.be.above(0);
      await scrollTo(page, 'Result of the evaluation');
      await take(page, 'console-sensitivity');
      expect(await findAccessibilityFaults(page)).to.deep.equal([]);
      expect(await findDisplayFaults(page)).to.deep.equal([]);
      expect(runs.list(9)).to.deep.equal([]);
      fixture.endpoint.handler = (_request, response) => answer(response, 401);
      await page.getByRole('button', { name: 'Evaluate each assumption' }).click();
      await page.getByRole('alert').getByText('The endpoint did not return user info for any user').waitFor();
    });
  });
}).timeout(60_000);
