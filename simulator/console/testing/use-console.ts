// Console for tests: a real browser connected to the real server, with new identities and a new endpoint for each test.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { ConformanceReport } from '../../../schemas/generated/conformance-report.ts';
import { closeBrowser, withPage } from '../../../tests/browser.ts';
import { bundleConsole } from '../../../tests/bundle-console.mjs';
import { scratchDirectory } from '../../../tests/certificate-files.ts';
import type { ApiServerOptions } from '../../api/start-api.ts';
import { startTestApi, type TestApi } from '../../api/testing/start-test-api.ts';
import { openSimulator, type Simulator } from '../../open-simulator.ts';
import { type ChangingEndpoint, startChangingEndpoint } from '../../sync/testing/changing-endpoint.ts';

/** With `WRITE_SCREENSHOTS=1`, the tests write the screenshots for the documentation. */
const screenshots =
  process.env.WRITE_SCREENSHOTS === '1' ? join(import.meta.dirname, '../../../docs/screenshots') : null;

/** Enforces the content security policy, as a user's browser does. The other contexts set `bypassCSP`, which axe requires. */
export const strict = { viewport: { width: 1000, height: 700 } };
export const wide = { viewport: { width: 1000, height: 700 }, bypassCSP: true };
export const phone = { viewport: { width: 390, height: 844 }, bypassCSP: true };

export interface ConsoleUnderTest {
  readonly simulator: Simulator;
  readonly endpoint: ChangingEndpoint;
  readonly server: TestApi;
  readonly key: string;
  /** The conformance report that the server shows. */
  report: ConformanceReport | null;
  /** Opens a view in a page with a logged-in user. The test fails on any error in the page and on any request to another server. */
  readonly open: (options: BrowserContextOptions, view: string, use: (page: Page) => Promise<void>) => Promise<void>;
  /** Takes a screenshot for the documentation if `WRITE_SCREENSHOTS` is set. */
  readonly take: (page: Page, name: string) => Promise<void>;
  /** Returns the text of the rows of a table. */
  readonly texts: (page: Page, caption: string) => Promise<string[]>;
}

/** Registers mocha hooks around the tests of the caller. The result can be used only within a test. */
export function useConsole(options: Partial<ApiServerOptions> = {}): ConsoleUnderTest {
  let directory: string;
  let opened: Pick<ConsoleUnderTest, 'simulator' | 'endpoint' | 'server' | 'key'>;
  let report: ConformanceReport | null;

  before(async () => {
    directory = join(scratchDirectory(), 'console');
    await bundleConsole(directory);
  });
  after(closeBrowser);
  beforeEach(async () => {
    report = null;
    const endpoint = await startChangingEndpoint();
    const simulator = openSimulator(null, () => Date.parse('2026-11-28T12:00:00Z'));
    fill(simulator, endpoint);
    const key = simulator.apiKeys.create({ iam: 'bim', userid: 'admin@example.com' }, 'test', 'test');
    const server = await startTestApi(simulator, {
      consoleDirectory: directory,
      readConformance: () => report,
      ...options,
    });
    opened = { simulator, endpoint, server, key };
  });
  afterEach(async () => {
    await opened.server.close();
    opened.simulator.close();
    await opened.endpoint.close();
  });

  return {
    get simulator() {
      return opened.simulator;
    },
    get endpoint() {
      return opened.endpoint;
    },
    get server() {
      return opened.server;
    },
    get key() {
      return opened.key;
    },
    get report() {
      return report;
    },
    set report(shown) {
      report = shown;
    },
    async open(options, view, use) {
      const { url } = opened.server;
      await withPage(options, async (page) => {
        const faults: string[] = [];
        page.on('pageerror', (error) => faults.push(error.message));
        page.on('request', (request) => {
          // No network: nothing is loaded from elsewhere.
          if (!request.url().startsWith(url) && !request.url().startsWith('data:')) faults.push(request.url());
        });
        await page.goto(`${url}/${view}`);
        await page.getByLabel('API key').fill(opened.key);
        await page.keyboard.press('Enter');
        await page.getByRole('navigation', { name: 'Sections' }).waitFor();
        await use(page);
        expect(faults).to.deep.equal([]);
      });
    },
    async take(page, name) {
      if (screenshots === null) return;
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: join(screenshots, `${name}.png`) });
    },
    async texts(page, caption) {
      const rows = page.getByRole('table', { name: caption }).locator('tbody tr');
      // A list is also empty while its view is loading.
      await rows.first().waitFor();
      return rows.allInnerTexts();
    },
  };
}

/** Creates an administrator, three users of an IAM whom the endpoint knows, and a group of the built-in IAM. */
function fill({ identities }: Simulator, endpoint: ChangingEndpoint): void {
  const { users, iams, groups, attributes } = identities;
  const people = {
    'ada@example.com': ['analysts', 'finance'],
    'alan@example.com': ['research'],
    'grace@example.com': [],
  };
  users.create({ userid: 'admin@example.com', name: 'Admin', permissions: ['USER_ADMIN'] }, 'test');
  const settings = { externalUserInfo: { uri: endpoint.uri }, guesses: { onNotFound: 'disable' } };
  iams.create({ id: 'okta', name: 'Okta', type: 'okta', settings }, 'test');
  for (const [userid, names] of Object.entries(people)) {
    users.create({ iam: 'okta', userid, name: userid.split('@')[0] ?? userid }, 'test');
    endpoint.users.set(userid, { groups: names, attributes: { region: ['emea'] } });
  }
  groups.create({ name: 'stewards', description: 'Those who care' }, 'test');
  groups.addMember({ iam: 'bim', name: 'stewards' }, { iam: 'okta', userid: 'ada@example.com' }, 'test');
  attributes.add({ group: { iam: 'bim', name: 'stewards' } }, 'clearance', 'confidential', 'test');
}
