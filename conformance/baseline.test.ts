// Tests what a baseline does to a report, and how a run ends with it.
import { expect } from 'chai';
import type { ConformanceBaseline, KnownFailure } from '../schemas/generated/conformance-baseline.ts';
import { validateConformanceReport } from '../schemas/validate-conformance-report.ts';
import { applyBaseline, createBaseline, findOutcome, type RunOutcome } from './baseline.ts';
import type { CheckResult, ConformanceReport } from './run-conformance.ts';
import { sampleReport } from './testing/sample-report.ts';

const today = '2026-11-24';
const { baseline: _held, ...bare } = sampleReport;
const template = sampleReport.checks[0] as CheckResult;

/** A report of checks that ended as given, e.g. `{ a: 'failed', b: 'SHOULD failed' }`; MUST where no level stands. */
function createReport(endings: Readonly<Record<string, string>>): ConformanceReport {
  const checks = Object.entries(endings).map(([id, ending]) => {
    const [status, level = 'MUST'] = ending.split(' ').reverse() as [CheckResult['status'], CheckResult['level']?];
    return { ...template, id, status, level };
  });
  const musts = checks.filter(({ level }) => level === 'MUST').map(({ status }) => status);
  const verdict = musts.includes('failed')
    ? 'does-not-conform'
    : musts.includes('untestable') || musts.includes('error')
      ? 'could-not-run'
      : 'conforms';
  return { ...bare, verdict, checks };
}

const accept = (...entries: (string | KnownFailure)[]): ConformanceBaseline => ({
  knownFailures: entries.map((entry) => (typeof entry === 'string' ? { check: entry, reason: 'It is known.' } : entry)),
});

describe('a baseline', () => {
  const cases: Readonly<Record<string, [Readonly<Record<string, string>>, ConformanceBaseline, RunOutcome]>> = {
    'accepts a failed MUST': [{ a: 'passed', b: 'failed' }, accept('b'), 'conforms'],
    'accepts until the day itself': [
      { a: 'passed', b: 'failed' },
      accept({ check: 'b', reason: 'r', until: today }),
      'conforms',
    ],
    'is stale when its check fails after that day': [
      { b: 'failed' },
      accept({ check: 'b', reason: 'r', until: '2026-11-23' }),
      'stale-baseline',
    ],
    'accepts nothing that it does not name': [{ a: 'failed', b: 'failed' }, accept('b'), 'does-not-conform'],
    'is stale when its check passes': [{ a: 'passed', b: 'failed' }, accept('a', 'b'), 'stale-baseline'],
    'is stale when its check passes, whatever the date': [
      { a: 'passed' },
      accept({ check: 'a', reason: 'r', until: '2030-01-01' }),
      'stale-baseline',
    ],
    'is stale when the date of a SHOULD that fails is over': [
      { a: 'passed', b: 'SHOULD failed' },
      accept({ check: 'b', reason: 'r', until: '2020-01-01' }),
      'stale-baseline',
    ],
    'is not stale when its check was not judged': [{ a: 'passed', b: 'skipped' }, accept('b'), 'conforms'],
    'does not accept an untestable MUST that it does not name': [
      { a: 'failed', b: 'untestable', c: 'passed' },
      accept('a'),
      'could-not-run',
    ],
    'accepts an untestable MUST that it names': [
      { a: 'failed', b: 'untestable', c: 'passed' },
      accept('a', 'b'),
      'conforms',
    ],
    'never accepts a fault of the kit': [{ a: 'passed', b: 'error' }, accept('b'), 'could-not-run'],
    'makes no run good in which nothing was passed': [{ a: 'failed' }, accept('a'), 'does-not-conform'],
    'that is stale counts less than a new failure': [{ a: 'passed', b: 'failed' }, accept('a'), 'does-not-conform'],
    'that is stale counts more than what could not be judged': [
      { a: 'passed', b: 'untestable' },
      accept('a'),
      'stale-baseline',
    ],
    'without entries changes nothing': [{ a: 'passed' }, accept(), 'conforms'],
  };
  for (const [name, [endings, baseline, outcome]] of Object.entries(cases)) {
    it(`${name}: ${outcome}`, () => {
      const report = createReport(endings);
      const held = applyBaseline(report, baseline, today);
      expect(findOutcome(held)).to.equal(outcome);
      expect(held.verdict, 'the endpoint is what it is').to.equal(report.verdict);
      expect(validateConformanceReport(held), JSON.stringify(validateConformanceReport.errors)).to.equal(true);
    });
  }

  it('marks what it accepts, with reason and date, and names what is stale', () => {
    const entry = { check: 'b', reason: 'Mended in March.', until: '2027-03-31' };
    const held = applyBaseline(createReport({ a: 'passed', b: 'failed' }), accept(entry, 'a'), today);
    expect(held.checks.map(({ known }) => known)).to.deep.equal([
      undefined,
      { reason: 'Mended in March.', until: '2027-03-31' },
    ]);
    expect(held.baseline?.stale).to.deep.equal([{ check: 'a', why: 'passed', reason: 'It is known.' }]);
  });

  it('can be made of a run: everything that failed, with the reasons that are there', () => {
    const report = createReport({ a: 'failed', b: 'SHOULD failed', c: 'passed', d: 'skipped', e: 'untestable' });
    const earlier = accept({ check: 'b', reason: 'Old.', until: '2027-03-31' }, 'c', 'd');
    const made = createBaseline(report, earlier);
    expect(made.knownFailures.map(({ check }) => check)).to.deep.equal(['a', 'b', 'd', 'e']);
    expect(made.knownFailures[1]).to.deep.equal({ check: 'b', reason: 'Old.', until: '2027-03-31' });
    expect(made.knownFailures[0]?.reason).to.match(/^Found on 2026-01-02\./);
  });

  it('leaves a run that could not begin what it is', () => {
    const report: ConformanceReport = { ...bare, verdict: 'could-not-run', checks: [] };
    expect(findOutcome(applyBaseline(report, accept('a'), today))).to.equal('could-not-run');
  });
});
