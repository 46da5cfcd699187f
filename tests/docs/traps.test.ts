// Tests that each trap of docs/reference/traps.md names existing tests.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';

const page = readFileSync(new URL('../../docs/reference/traps.md', import.meta.url), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('](../../'))
  .map((line) => line.slice(2, -2).split(' | ') as [trap: string, tests: string]);

describe('the traps of libraries and servers', () => {
  it('are listed on the page', () => {
    expect(rows.length).to.be.greaterThan(30);
  });

  for (const [trap, tests] of rows) {
    it(`have existing tests: ${trap}`, () => {
      const files = tests.split(/\[[^\]]+\]\(\.\.\/\.\.\//).slice(1);
      for (const named of files) {
        const [, file = '', titles = ''] = /^([^)]+)\): (.*)$/.exec(named) ?? [];
        const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
        for (const [, title = ''] of titles.matchAll(/`([^`]+)`/g)) {
          expect(text.includes(title), `${file} has no ${title}`).to.equal(true);
        }
      }
    });
  }
});
