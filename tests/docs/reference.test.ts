// Tests that each generated reference page except those of the checks is up to date and as complete as its source.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { exitCodes } from '../../cli/exit-codes.ts';
import { errorCodes } from '../../schemas/error-codes.ts';
import { drawTerminalRecording } from './draw-terminal.ts';
import { checkPages } from './generate-check-pages.ts';
import { generateContractPage } from './generate-contract-page.ts';
import { referencePages } from './generate-reference.ts';

const readPage = (name: string) => readFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), 'utf8');

describe('the generated reference pages', () => {
  for (const [name, generate] of Object.entries(referencePages).filter(([each]) => !(each in checkPages))) {
    it(`${name} is up to date`, async () => {
      const text = await generate();
      expect(text === readPage(name), `docs/reference/${name} is stale: run npm run generate:docs`).to.equal(true);
    });
  }

  it('contract.md is up to date', () => {
    const page = readFileSync(new URL('../../docs/contract.md', import.meta.url), 'utf8');
    expect(generateContractPage() === page, 'docs/contract.md is stale: run npm run generate:docs').to.equal(true);
  });

  it('the terminal recording shows the commands of the README', () => {
    const recording = readFileSync(new URL('../../docs/screenshots/terminal.svg', import.meta.url), 'utf8');
    expect(drawTerminalRecording() === recording, 'terminal.svg is stale: run npm run generate:docs').to.equal(true);
    expect(recording).to.include('>$ npm ci &amp;&amp; npm start<');
  });

  it('errors.md has a heading for each code in the catalogue, and no others', () => {
    const headings = [...readPage('errors.md').matchAll(/^### (.+)$/gm)].map(([, code]) => code);
    expect(headings).to.have.members(Object.keys(errorCodes));
  });

  it('errors.md shows each code under its status, with its title and the fix for an operator', () => {
    const page = readPage('errors.md');
    for (const [code, { status, title, operator }] of Object.entries(errorCodes)) {
      const section = page.split(/^## /m).find((text) => text.startsWith(`${status} `));
      expect(section, code).to.include(`### ${code}\n\n**${title}** ${operator}\n`);
    }
  });

  it('exit-codes.md has a row for each exit code, and no others', () => {
    const rows = [...readPage('exit-codes.md').matchAll(/^\| (\d+) \| (\w+) \|/gm)].map(([, code, name]) => [
      name,
      Number(code),
    ]);
    expect(Object.fromEntries(rows)).to.deep.equal(exitCodes);
  });
});
