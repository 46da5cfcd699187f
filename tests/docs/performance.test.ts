// Tests that docs/performance.md and its plots are up to date with the committed results.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { generatePerformancePages } from './generate-performance-page.ts';
import { plotBars } from './plot-bars.ts';

const pages = generatePerformancePages();

describe('the page on performance', () => {
  for (const [name, text] of Object.entries(pages)) {
    it(`${name} is up to date`, () => {
      const committed = readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
      expect(text === committed, `docs/${name} is stale: run npm run generate:docs`).to.equal(true);
    });
  }

  it('has a chapter for each committed result, and no plot of a removed result', () => {
    const results = readdirSync(new URL('../../bench/results', import.meta.url)).map((file) =>
      file.replace('.json', ''),
    );
    const plots = readdirSync(new URL('../../docs/performance', import.meta.url)).map((file) =>
      file.replace('.svg', ''),
    );
    expect(plots).to.have.members(results);
    for (const name of results) expect(pages['performance.md']).to.include(`](performance/${name}.svg)`);
  });

  it('states for each target whether it is met', () => {
    const rows = [
      ...(pages['performance.md'] ?? '').matchAll(/\| ([\d.]+) \| (at least|below) ([\d.]+) \| (yes|\*\*no\*\*) \|$/gm),
    ];
    expect(rows).to.have.length.above(8);
    for (const [row, measured, direction, wanted, met] of rows) {
      const isMet = direction === 'below' ? Number(measured) < Number(wanted) : Number(measured) >= Number(wanted);
      expect(met === 'yes', row).to.equal(isMet);
    }
  });
});

describe('bars', () => {
  it('have lengths proportional to their values, show the spread as a line, and escape text', () => {
    const plot = plotBars('a < b', [
      { label: 'ours & theirs', value: 50, low: 40, high: 100 },
      { label: 'half', value: 25, low: 25, high: 25 },
    ]);
    const [long = Number.NaN, half = Number.NaN] = [
      ...plot.matchAll(/<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)"/g),
    ].map(([, width]) => Number(width));
    expect(long).to.equal(half * 2);
    expect(plot.match(/<path /g)).to.have.length(1);
    expect(plot).to.include('a &lt; b').and.to.include('ours &amp; theirs');
  });
});
