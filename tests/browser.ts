// Owns the real browser of the tests: Debian's Chromium, one for all test files of a process.
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

function findChromium(): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, 'chromium');
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The next folder may have it.
    }
  }
  throw new Error('chromium is not on the PATH: run node tests/install-tools.mjs');
}

let running: Promise<Browser> | undefined;

/** Starts the browser at the first call. It ends with the process. */
function startBrowser(): Promise<Browser> {
  // The tests run as root, where Chromium refuses its sandbox; they open pages of ours only.
  running ??= chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  return running;
}

/** Runs `use` with a fresh page, e.g. `{ viewport: { width: 390, height: 844 }, colorScheme: 'dark' }`, and closes it. */
export async function withPage<T>(options: BrowserContextOptions, use: (page: Page) => Promise<T>): Promise<T> {
  const context = await (await startBrowser()).newContext(options);
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}

/** What axe-core finds wrong with the page as it stands, a line a rule. Needs a context with `bypassCSP`. */
export async function findAccessibilityFaults(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axeFile });
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** The same in light and in dark, and whether the page has to be scrolled sideways. */
export async function findDisplayFaults(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const fault of await findAccessibilityFaults(page)) faults.push(`${colorScheme}: ${fault}`);
  }
  const root = 'document.documentElement';
  const surplus = await page.evaluate<number>(`${root}.scrollWidth - ${root}.clientWidth`);
  if (surplus !== 0) faults.push(`has to be scrolled sideways, by ${surplus} pixels`);
  return faults;
}

/** Ends the browser; the next page starts a new one. */
export async function closeBrowser(): Promise<void> {
  const browser = await running;
  running = undefined;
  await browser?.close();
}
