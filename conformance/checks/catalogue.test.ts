// Tests what holds for every check as data.
import { expect } from 'chai';
import { catalogue } from './catalogue.ts';

const checks = catalogue.flatMap((topic) => topic.checks);

describe('the catalogue of checks', () => {
  it('gives each check an id of its own, in lower case with hyphens', () => {
    const ids = checks.map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(ids.filter((id) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id))).to.deep.equal([]);
  });

  it('gives each check a title of its own that begins with its level', () => {
    const titles = checks.map(({ title }) => title);
    expect(new Set(titles).size).to.equal(titles.length);
    expect(checks.filter(({ title, level }) => !title.startsWith(`${level} `)).map(({ id }) => id)).to.deep.equal([]);
  });

  it('gives each check a source', () => {
    expect(checks.filter(({ source }) => !/RFC \d+|User info contract/.test(source)).map(({ id }) => id)).to.deep.equal(
      [],
    );
  });

  it('lets a check be sent with wrong credentials only where Basic credentials were given', () => {
    const wrong = checks.filter(({ id }) => /^(?:wrong-|malformed-|credentials-)/.test(id));
    expect(wrong.length).to.be.greaterThan(0);
    for (const { id, needs } of wrong) expect(needs, id).to.include.members(['basic-credentials', 'control']);
  });
});
