// Tests that the pages of the checks are up to date.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import { checkPages } from './generate-check-pages.ts';

const readPage = (name: string) => readFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), 'utf8');

describe('the pages of the checks', () => {
  for (const [name, generate] of Object.entries(checkPages)) {
    it(`${name} is up to date`, () => {
      expect(generate() === readPage(name), `docs/reference/${name} is stale: run npm run generate:docs`).to.equal(
        true,
      );
    });
  }

  it('have a heading for each check, in order, and no page of a removed topic', () => {
    const pages = Object.keys(checkPages).filter((name) => name !== 'checks/README.md');
    const headings = pages.flatMap((name) => [...readPage(name).matchAll(/^## (.+)$/gm)].map(([, id]) => id));
    expect(headings).to.deep.equal(catalogue.flatMap(({ checks }) => checks.map(({ id }) => id)));
    const files = readdirSync(new URL('../../docs/reference/checks', import.meta.url)).map((file) => `checks/${file}`);
    expect(files).to.have.members(['checks/README.md', ...pages]);
  });
});
