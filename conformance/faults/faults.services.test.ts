// Tests of the checks: the conformant endpoint passes all of them in every mode, and each fault triggers exactly its own checks.
import { expect } from 'chai';
import { catalogue } from '../checks/catalogue.ts';
import { validateConformanceReport } from '../report/read-report.ts';
import type { ConformanceReport } from '../run-conformance.ts';
import { canaries } from '../testing/fixture.ts';
import { conformantCases, faultCases, findDeviations, toFaultCase } from '../testing/gate.ts';
import { faults } from './faults.ts';

const checks = catalogue.flatMap((topic) => topic.checks);

/** Returns every string of the fixture that occurs in a report; there must be none. */
function findLeaks(report: ConformanceReport): string[] {
  const text = JSON.stringify(report);
  return canaries.filter((canary) => text.includes(canary));
}

describe('the conformant endpoint', () => {
  for (const mode of conformantCases) {
    it(`passes every check that applies, and only those: ${mode.name}`, async () => {
      const report = await mode.run();
      expect(report.reason).to.equal(undefined);
      expect(report.checks.map(({ id }) => id)).to.deep.equal(checks.map(({ id }) => id));
      expect(findDeviations(mode, report)).to.deep.equal([]);
      expect(report.verdict).to.equal('conforms');
    });
  }
});

describe('the faults', () => {
  for (const fault of faultCases) {
    it(`${fault.name} violates exactly ${fault.trips.join(', ')}`, async () => {
      const report = await fault.run();
      expect(report.reason).to.equal(undefined);
      expect(report.checks.map(({ id }) => id)).to.include.members(fault.trips);
      expect(findDeviations(fault, report)).to.deep.equal([]);
      const isFailed = report.checks.some(({ status }) => status === 'failed');
      expect(report.verdict).to.equal(isFailed ? 'does-not-conform' : 'conforms');
      expect(report.summary.failed > 0, 'a report that says “failed”').to.equal(report.verdict === 'does-not-conform');
      expect(validateConformanceReport(report), JSON.stringify(validateConformanceReport.errors)).to.equal(true);
      expect(findLeaks(report)).to.deep.equal([]);
    });
  }

  for (const ruleSet of ['contract', 'standards', 'hardening'] as const) {
    it(`prove every check of the rule set ${ruleSet}: each has a fault`, () => {
      const tripped = new Set(faults.flatMap(({ trips }) => trips));
      const ids = checks.filter((check) => check.ruleSet === ruleSet).map(({ id }) => id);
      expect(ids.length).to.be.greaterThan(0);
      expect(ids.filter((id) => !tripped.has(id))).to.deep.equal([]);
    });
  }

  it('are detected when one triggers an undeclared failure or warning, or does not trigger a declared one', async () => {
    const only = ['known-user-caching-not-asked-for', 'userid-sql-refused', 'unknown-user-refused'];
    const outcomes: string[][] = [];
    for (const [name, trips] of [
      ['cacheable-public', []],
      ['sql-concatenated', []],
      ['cacheable-public', ['known-user-caching-not-asked-for', 'unknown-user-refused']],
    ] as const) {
      const fault = faults.find((each) => each.name === name);
      if (!fault) throw new Error(`There is no fault ${name}.`);
      const wrong = toFaultCase({ ...fault, trips });
      const deviations = findDeviations(wrong, await wrong.run({ only }));
      outcomes.push(deviations.map((line) => line.replace(/,.*/s, '')));
    }
    expect(outcomes).to.deep.equal([
      ['known-user-caching-not-asked-for: warning'],
      ['userid-sql-refused: failed'],
      ['unknown-user-refused: passed'],
    ]);
  });

  it('name only existing checks, and have unique names', () => {
    const ids = new Set(checks.map(({ id }) => id));
    expect(faults.flatMap(({ trips }) => trips).filter((id) => !ids.has(id))).to.deep.equal([]);
    expect(new Set(faults.map(({ name }) => name)).size).to.equal(faults.length);
  });
});
