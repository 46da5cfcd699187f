// Tests the ledger both ways: no requirement without a check or a reason, no check without a requirement; and that ids stay.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { catalogue } from './checks/catalogue.ts';

interface Requirement {
  readonly id: string;
  readonly sentence: string;
  readonly source: string;
  readonly level: string;
  readonly checks?: readonly string[];
  readonly notCheckable?: string;
}

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const requirements: readonly Requirement[] = parse(read('requirements.yaml'));
const checks = catalogue.flatMap((topic) => topic.checks);
const levelOf = new Map(checks.map(({ id, level }) => [id, level] as const));
const repeated = (ids: readonly string[]) => ids.filter((id, index) => ids.indexOf(id) !== index);

describe('the ledger of requirements', () => {
  it('gives each row an id of its own, a sentence, a source and a level', () => {
    expect(repeated(requirements.map(({ id }) => id))).to.deep.equal([]);
    const keys = new Set(['id', 'sentence', 'source', 'level', 'checks', 'notCheckable']);
    for (const row of requirements) {
      expect(
        Object.keys(row).filter((key) => !keys.has(key)),
        row.id,
      ).to.deep.equal([]);
      expect(row.id).to.match(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      expect(row.sentence, row.id).to.match(/^[A-Z0-9a-z].*\.$/s);
      expect(row.source, row.id).to.match(/RFC \d+, \d|RFC 9457|User info contract/);
      expect(row.level, row.id).to.be.oneOf(['MUST', 'SHOULD', 'MAY']);
    }
  });

  it('has for each row checks, or the reason why there can be none', () => {
    for (const { id, checks: ids = [], notCheckable = '' } of requirements) {
      expect(ids.length > 0, id).to.equal(notCheckable === '');
      if (ids.length === 0) expect(notCheckable, id).to.match(/^[A-Z].{20,}\.$/s);
    }
  });

  it('names only checks that exist, of which one at least has the level of the row', () => {
    for (const { id, checks: ids = [], level } of requirements) {
      expect(
        ids.filter((each) => !levelOf.has(each)),
        id,
      ).to.deep.equal([]);
      expect(repeated(ids), id).to.deep.equal([]);
      if (ids.length > 0)
        expect(
          ids.map((each) => levelOf.get(each)),
          id,
        ).to.include(level);
    }
  });

  it('has a row for each check', () => {
    const covered = new Set(requirements.flatMap(({ checks: ids = [] }) => ids));
    expect(checks.map(({ id }) => id).filter((id) => !covered.has(id))).to.deep.equal([]);
  });
});

describe('the ids of checks', () => {
  it('stay what they were: check-ids.txt has one line a check, sorted; a changed meaning needs a new id', () => {
    const lines = checks.map(({ id, title }) => `${id}: ${title}`).sort();
    const committed = read('check-ids.txt')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(committed).to.deep.equal(lines);
  });
});
