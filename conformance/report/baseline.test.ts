// Tests of the effect of a baseline on a report and on the ending of a run.
import { expect } from 'chai';
import type { ConformanceBaseline, KnownFailure } from '../../schemas/generated/conformance-baseline.ts';
import type { RuleSet } from '../../schemas/generated/conformance-report.ts';
import type { CheckResult, ConformanceReport } from '../run-conformance.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { applyBaseline, createBaseline, findOutcome, type RunOutcome } from './baseline.ts';
import { validateConformanceReport } from './read-report.ts';

const today = '2026-11-24';
const { baseline: _held, ...bare } = sampleReport;
const template = sampleReport.checks[0] as CheckResult;

/** Creates a report with these results of checks, e.g. `{ a: 'failed', b: 'warning' }`; a warning belongs to the rule set standards. */
function createReport(
  endings: Readonly<Record<string, CheckResult['status']>>,
  failOn: RuleSet = 'contract',
): ConformanceReport {
  const checks = Object.entries(endings).map(([id, status]): CheckResult => {
    const ruleSet = status === 'warning' || id.startsWith('standards') ? 'standards' : 'contract';
    return { ...template, id, status, ruleSet };
  });
  const has = (wanted: CheckResult['status']) => checks.some(({ status }) => status === wanted);
  const verdict = has('failed') ? 'does-not-conform' : has('error') ? 'could-not-run' : 'conforms';
  return { ...bare, verdict, checks, failOn };
}

const accept = (...entries: (string | KnownFailure)[]): ConformanceBaseline => ({
  knownFailures: entries.map((entry) => (typeof entry === 'string' ? { check: entry, reason: 'It is known.' } : entry)),
});

describe('a baseline', () => {
  const cases: Readonly<
    Record<string, [Readonly<Record<string, CheckResult['status']>>, ConformanceBaseline, RunOutcome, RuleSet?]>
  > = {
    'accepts a failure': [{ a: 'passed', b: 'failed' }, accept('b'), 'succeeds'],
    'accepts until the day itself': [
      { a: 'passed', b: 'failed' },
      accept({ check: 'b', reason: 'r', until: today }),
      'succeeds',
    ],
    'is stale when its check fails after that day': [
      { b: 'failed' },
      accept({ check: 'b', reason: 'r', until: '2026-11-23' }),
      'stale-baseline',
    ],
    'accepts nothing that it does not name': [{ a: 'failed', b: 'failed' }, accept('b'), 'fails'],
    'is stale when its check passes': [{ a: 'passed', b: 'failed' }, accept('a', 'b'), 'stale-baseline'],
    'is stale when its check passes, whatever the date': [
      { a: 'passed' },
      accept({ check: 'a', reason: 'r', until: '2030-01-01' }),
      'stale-baseline',
    ],
    'turns no expired warning into a failure': [
      { a: 'passed', b: 'warning' },
      accept({ check: 'b', reason: 'r', until: '2020-01-01' }),
      'succeeds',
    ],
    'does not turn a resolved warning into a failure': [
      { a: 'passed', 'standards-b': 'passed' },
      accept('standards-b'),
      'succeeds',
    ],
    'is stale when an expired warning counts': [
      { a: 'passed', b: 'warning' },
      accept({ check: 'b', reason: 'r', until: '2020-01-01' }),
      'stale-baseline',
      'standards',
    ],
    'accepts a warning that counts': [{ a: 'passed', b: 'warning' }, accept('b'), 'succeeds', 'hardening'],
    'does not accept a warning that counts and that it does not name': [
      { a: 'passed', b: 'warning' },
      accept(),
      'fails',
      'standards',
    ],
    'is not stale when its check did not run': [{ a: 'passed', b: 'skipped' }, accept('b'), 'succeeds'],
    'needs no entry for an untestable check': [{ a: 'failed', b: 'untestable', c: 'passed' }, accept('a'), 'succeeds'],
    'can name an untestable check': [{ a: 'failed', b: 'untestable', c: 'passed' }, accept('a', 'b'), 'succeeds'],
    'never accepts an error of the kit': [{ a: 'passed', b: 'error' }, accept('b'), 'could-not-run'],
    'does not make a run succeed in which no check passed': [{ a: 'failed' }, accept('a'), 'fails'],
    'that is stale counts less than a new failure': [{ a: 'passed', b: 'failed' }, accept('a'), 'fails'],
    'that is stale counts more than an untestable check': [
      { a: 'passed', b: 'untestable' },
      accept('a'),
      'stale-baseline',
    ],
    'without entries changes nothing': [{ a: 'passed' }, accept(), 'succeeds'],
  };
  for (const [name, [endings, baseline, outcome, failOn]] of Object.entries(cases)) {
    it(`${name}: ${outcome}`, () => {
      const report = createReport(endings, failOn);
      const applied = applyBaseline(report, baseline, today);
      expect(findOutcome(applied)).to.equal(outcome);
      expect(applied.verdict, 'the endpoint is what it is').to.equal(report.verdict);
      expect(validateConformanceReport(applied), JSON.stringify(validateConformanceReport.errors)).to.equal(true);
    });
  }

  it('marks accepted findings with reason and date, and lists stale ones', () => {
    const entry = { check: 'b', reason: 'Fixed in March.', until: '2027-03-31' };
    const applied = applyBaseline(createReport({ a: 'passed', b: 'failed' }), accept(entry, 'a'), today);
    expect(applied.checks.map(({ known }) => known)).to.deep.equal([
      undefined,
      { reason: 'Fixed in March.', until: '2027-03-31' },
    ]);
    expect(applied.baseline?.stale).to.deep.equal([{ check: 'a', why: 'passed', reason: 'It is known.' }]);
  });

  it('can be created from a run: it lists the failures, and keeps earlier entries unless their check passed', () => {
    const report = createReport({ a: 'failed', b: 'failed', c: 'passed', d: 'skipped', e: 'untestable', f: 'warning' });
    const earlier = accept({ check: 'b', reason: 'Old.', until: '2027-03-31' }, 'c', 'd');
    const made = createBaseline(report, earlier);
    expect(made.knownFailures.map(({ check }) => check)).to.deep.equal(['a', 'b', 'd']);
    expect(made.knownFailures[1]).to.deep.equal({ check: 'b', reason: 'Old.', until: '2027-03-31' });
    expect(made.knownFailures[0]?.reason).to.match(/^Found on 2026-01-02\./);
  });

  it('does not change a run that could not begin', () => {
    const report: ConformanceReport = { ...bare, verdict: 'could-not-run', checks: [] };
    expect(findOutcome(applyBaseline(report, accept('a'), today))).to.equal('could-not-run');
  });
});
