// Tests that each generated reference page is what its generator makes now, and says all that its source says and no more.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { exitCodes } from '../cli/exit-codes.ts';
import { catalogue } from '../conformance/checks/catalogue.ts';
import { errorCodes } from '../schemas/error-codes.ts';
import { referencePages } from './generate-reference.ts';

const readPage = (name: string) => readFileSync(new URL(`reference/${name}`, import.meta.url), 'utf8');

describe('the generated reference pages', () => {
  for (const [name, generate] of Object.entries(referencePages)) {
    it(`${name} is fresh`, async () => {
      const text = await generate();
      expect(text === readPage(name), `docs/reference/${name} is stale: run npm run generate:docs`).to.equal(true);
    });
  }

  it('errors.md has a heading for each code of the catalogue, and none else', () => {
    const headings = [...readPage('errors.md').matchAll(/^### (.+)$/gm)].map(([, code]) => code);
    expect(headings).to.have.members(Object.keys(errorCodes));
  });

  it('errors.md shows each code under its status, with its title and what the operator does', () => {
    const page = readPage('errors.md');
    for (const [code, { status, title, operator }] of Object.entries(errorCodes)) {
      const section = page.split(/^## /m).find((text) => text.startsWith(`${status} `));
      expect(section, code).to.include(`### ${code}\n\n**${title}** ${operator}\n`);
    }
  });

  it('exit-codes.md has a row for each exit code, and none else', () => {
    const rows = [...readPage('exit-codes.md').matchAll(/^\| (\d+) \| (\w+) \|/gm)].map(([, code, name]) => [
      name,
      Number(code),
    ]);
    expect(Object.fromEntries(rows)).to.deep.equal(exitCodes);
  });

  it('checks/ has a heading for each check, in order, and no page of a topic that is gone', () => {
    const pages = Object.keys(referencePages).filter((name) => /^checks\/(?!README)/.test(name));
    const headings = pages.flatMap((name) => [...readPage(name).matchAll(/^## (.+)$/gm)].map(([, id]) => id));
    expect(headings).to.deep.equal(catalogue.flatMap(({ checks }) => checks.map(({ id }) => id)));
    const files = readdirSync(new URL('reference/checks/', import.meta.url)).map((file) => `checks/${file}`);
    expect(files).to.have.members(['checks/README.md', ...pages]);
  });
});
