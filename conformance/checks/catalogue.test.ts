// Tests of the properties of all checks as data.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { catalogue } from './catalogue.ts';

const checks = catalogue.flatMap((topic) => topic.checks);

describe('the catalogue of checks', () => {
  it('gives each check a unique id in lower case with hyphens', () => {
    const ids = checks.map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(ids.filter((id) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id))).to.deep.equal([]);
  });

  it('gives each check a unique title that begins with its level', () => {
    const titles = checks.map(({ title }) => title);
    expect(new Set(titles).size).to.equal(titles.length);
    expect(checks.filter(({ title, level }) => !title.startsWith(`${level} `)).map(({ id }) => id)).to.deep.equal([]);
  });

  it('contains exactly the ids in docs/reference/check-ids.txt: an id is permanent, and a changed requirement gets a new one', () => {
    const committed = readFileSync(new URL('../../docs/reference/check-ids.txt', import.meta.url), 'utf8');
    expect(
      `${checks
        .map(({ id }) => id)
        .sort()
        .join('\n')}\n`,
      'see npm run generate:docs',
    ).to.equal(committed);
  });

  it('assigns the level MUST to contract checks, and other levels to hardening checks', () => {
    expect(checks.filter(({ ruleSet, level }) => ruleSet === 'contract' && level !== 'MUST')).to.deep.equal([]);
    expect(checks.filter(({ ruleSet, level }) => ruleSet === 'hardening' && level === 'MUST')).to.deep.equal([]);
  });

  it('is written literally in the topic files: id, title and clauses', () => {
    const directory = new URL('.', import.meta.url);
    const sources = readdirSync(directory)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => readFileSync(new URL(name, directory), 'utf8'))
      .join('\n');
    for (const { id, title, clauses } of checks) {
      expect(sources).to.include(`id: '${id}'`);
      expect(sources, id).to.include(title);
      expect(sources, id).to.include(`clauses: [${clauses.map((clause) => `'${clause}'`).join(', ')}]`);
    }
  });

  it('sends wrong credentials only in checks that require Basic credentials', () => {
    const wrong = checks.filter(({ id }) => /^(?:wrong-|malformed-|credentials-)/.test(id));
    expect(wrong.length).to.be.greaterThan(0);
    for (const { id, needs } of wrong) expect(needs, id).to.include.members(['basic-credentials', 'control']);
  });
});
