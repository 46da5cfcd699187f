// Tests of the consistency of clauses and checks. Every clause has a check or a reason why there is none. Every check cites a clause of its level.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { catalogue } from '../checks/catalogue.ts';
import { findUnscored } from '../scoring.ts';
import { clauses, contractVersion, findClause } from './contract.ts';

const checks = catalogue.flatMap((topic) => topic.checks);

describe('the clauses of the contract', () => {
  it('have permanent ids by rule set, complete sentences, and the basis of their rule set', () => {
    const prefixes = { contract: 'C', standards: 'S', hardening: 'H' };
    for (const { id, ruleSet, basis, sentence, references, notTestable } of clauses) {
      expect(id).to.match(new RegExp(`^${prefixes[ruleSet]}-[1-9][0-9]*$`));
      expect(sentence, id).to.match(/^[A-Z`].*\.$/s);
      if (notTestable !== undefined) expect(notTestable, id).to.match(/^[A-Z].{20,}\.$/s);
      // A decision of the kit is never a reason to say that an endpoint does not conform.
      const bases = { contract: ['documented', 'observed'], standards: ['standard'], hardening: ['decision'] };
      expect(basis, id).to.be.oneOf(bases[ruleSet]);
      if (ruleSet === 'standards')
        expect(references[0]?.url, id).to.match(/^https:\/\/www\.rfc-editor\.org\/rfc\/rfc\d+#section-/);
      if (ruleSet === 'contract') expect(references.length, id).to.be.greaterThan(0);
    }
  });

  it('have a check of their level, or a reason why there is no check', () => {
    for (const { id, level, ruleSet, notTestable } of clauses) {
      const citing = checks.filter((check) => (check.clauses as readonly string[]).includes(id));
      if (notTestable === undefined) {
        expect(
          citing.some((check) => check.ruleSet === ruleSet && check.level === level),
          `${id} has no check of its level`,
        ).to.equal(true);
      } else {
        expect(
          citing.map((check) => check.id),
          `${id} is not testable`,
        ).to.deep.equal([]);
      }
    }
  });

  it('have a set of scored checks that does not change once the version is published', () => {
    const file = new URL(`../../docs/reference/scored-checks-${contractVersion}.txt`, import.meta.url);
    const frozen = readFileSync(file, 'utf8').trimEnd().split('\n');
    const scored = checks.filter((check) => findUnscored(check) === null).map(({ id }) => id);
    expect(
      scored.filter((id) => !frozen.includes(id)),
      'added after this version: give them `unscored`, or publish a new version',
    ).to.deep.equal([]);
    expect(
      frozen.filter((id) => !scored.includes(id)),
      'counted in this version',
    ).to.deep.equal([]);
  });

  it('include, for each check, a clause that the check cites and that has the same rule set and level', () => {
    for (const check of checks) {
      const cited = check.clauses.map(findClause);
      expect(
        cited.some(({ ruleSet, level }) => ruleSet === check.ruleSet && level === check.level),
        `${check.id} cites no clause of ${check.ruleSet}, ${check.level}`,
      ).to.equal(true);
    }
  });
});
