// Browser for the tests: Debian's Chromium, with one instance for all test files of a process.
import { accessSync, constants, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { scratchDirectory } from './certificate-files.ts';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

function findChromium(): string {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(directory, 'chromium');
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The next directory may contain the browser.
    }
  }
  throw new Error('chromium is not on the PATH: run node tests/install-tools.mjs');
}

let running: Promise<Browser> | undefined;

/** Starts the browser on the first call. It ends with the process. */
function startBrowser(): Promise<Browser> {
  // Chromium cannot use its sandbox as root, under which the tests run; the tests open only our own pages.
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

/** What was recorded while a page was open. */
export interface PageTrace {
  /** Requested URLs, the page's own first. */
  readonly requests: string[];
  /** Console messages, uncaught errors, and dialogs. */
  readonly complaints: string[];
}

/** Runs `use` with a page opened from a file, as people open a report, and closes it. */
export async function withReportPage<T>(
  html: string,
  options: BrowserContextOptions,
  use: (page: Page, trace: PageTrace) => Promise<T>,
): Promise<T> {
  const file = join(scratchDirectory(), 'report.html');
  writeFileSync(file, html);
  return withPage(options, async (page) => {
    const trace: PageTrace = { requests: [], complaints: [] };
    page.on('request', (request) => trace.requests.push(request.url()));
    page.on('console', (message) => trace.complaints.push(message.text()));
    page.on('pageerror', (error) => trace.complaints.push(error.message));
    page.on('dialog', (dialog) => {
      trace.complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(pathToFileURL(file).href);
    return use(page, trace);
  });
}

/** Returns the violations that axe-core finds in the current page, one line per rule. Needs a context with `bypassCSP`. */
export async function findAccessibilityFaults(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axeFile });
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** Returns these violations in light and in dark mode, and whether the page requires horizontal scrolling. */
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

/** Closes the browser; the next page starts a new one. */
export async function closeBrowser(): Promise<void> {
  const browser = await running;
  running = undefined;
  await browser?.close();
}
