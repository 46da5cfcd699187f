// Tests of the HTML report in a real Chromium: no external resources, no scripts, accessible, on a phone, in dark mode and in print.
import { expect } from 'chai';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { makeVisible } from '../../schemas/printable-text.ts';
import { closeBrowser, findDisplayFaults, type PageTrace, withReportPage } from '../../tests/browser.ts';
import type { ConformanceReport } from '../run-conformance.ts';
import { hostileReport, hostileText, sampleReport, unreachableReport } from '../testing/sample-report.ts';
import { renderHtmlReport } from './html-report.ts';

const conformingReport: ConformanceReport = {
  ...sampleReport,
  verdict: 'conforms',
  checks: sampleReport.checks.filter(({ status }) => status === 'passed'),
  leftOut: [],
  baseline: { stale: [] },
};
const reports = { sampleReport, hostileReport, unreachableReport, conformingReport };

const phone = { viewport: { width: 390, height: 844 } };
const desk = { viewport: { width: 1200, height: 900 } };

describe('the HTML report', function () {
  this.timeout(60_000);
  after(closeBrowser);

  const open = <T>(
    report: ConformanceReport,
    options: BrowserContextOptions,
    use: (page: Page, trace: PageTrace) => Promise<T>,
  ): Promise<T> => withReportPage(renderHtmlReport(report), options, use);

  for (const [name, report] of Object.entries(reports)) {
    it(`loads no resource, runs no script, and violates no rule of its own content security policy: ${name}`, async () => {
      const [url, trace] = await open(report, desk, async (page, seen) => [page.url(), seen] as const);
      expect(trace).to.deep.equal({ requests: [url], complaints: [] });
    });

    it(`has no violation that axe finds, light and dark, unfolded, and fits a phone: ${name}`, async () => {
      await open(report, { ...phone, bypassCSP: true }, async (page) => {
        await page.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true');
        expect(await findDisplayFaults(page)).to.deep.equal([]);
      });
    });
  }

  it('has its own colors in dark mode', async () => {
    await open(sampleReport, desk, async (page) => {
      const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      const light = await background();
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await background()).not.to.equal(light);
    });
  });

  it('works without JavaScript: the verdict first, then failures, worst first, and the rest in collapsible sections', async () => {
    await open(sampleReport, { ...desk, javaScriptEnabled: false }, async (page) => {
      expect(await page.title()).to.equal('https://users.example.com/user-info does not conform');
      expect(await page.locator('.verdict strong').first().textContent()).to.equal('Does not conform');
      const ids = await page.locator('article .tags code').allInnerTexts();
      expect(ids).to.deep.equal(['fail-open', 'leaking', 'cosmetic-should', 'accepted']);
      const passed = page.locator('li', { hasText: 'passed-check' });
      expect(await passed.isVisible()).to.equal(false);
      await page.locator('summary', { hasText: 'Passed' }).click();
      expect(await passed.isVisible()).to.equal(true);
    });
  });

  it('shows the evidence, and the accepted and stale entries of the baseline', async () => {
    const text = await open(sampleReport, desk, (page) => page.locator('body').textContent());
    expect(text)
      .to.include('curl --user "$USERNAME:$PASSWORD"')
      .and.to.include('status 200, application/json, 36 bytes: {"groups":[],"authorizations":{}}')
      .and.to.include('Fixed in March.')
      .and.to.include('passed-check passes now. Remove it from the baseline.')
      .and.to.include('The budget of failed logins was used up.');
  });

  it('shows the counts by topic, and the flags that would run the skipped checks', async () => {
    await open(sampleReport, desk, async (page) => {
      expect(await page.locator('table.topics tbody tr').allInnerTexts()).to.deep.equal([
        'First\t1 passed, 2 failed, 1 warning',
        'Second\t1 known, 3 not run',
      ]);
      expect(await page.locator('dl.wide dt').allInnerTexts()).to.deep.equal([
        '--x FILE',
        '--max-requests NUMBER',
        'the responses of the endpoint do not allow the test',
      ]);
    });
  });

  it('expands everything when printed', async () => {
    await open(sampleReport, desk, async (page) => {
      await page.emulateMedia({ media: 'print' });
      const heights = await page
        .locator('details > *:not(summary)')
        .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().height));
      expect(heights.length).to.be.greaterThan(5);
      expect(Math.min(...heights)).to.be.greaterThan(0);
      expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).to.equal('%PDF-');
    });
  });

  it('shows text from an endpoint literally', async () => {
    await open(hostileReport, desk, async (page) => {
      expect(
        await page
          .locator('script, img, iframe, link, form, [onerror], a:not([href^="https://www.rfc-editor.org/rfc/"])')
          .count(),
      ).to.equal(0);
      expect(await page.locator('article').count()).to.equal(4);
      const shown = await page.locator('article pre').first().textContent();
      expect(shown).to.equal(`curl "${makeVisible(hostileText)}"`);
    });
  });
});
