// Tests of the comparison of two reports: better, worse, added, and differences between the runs.
import { expect } from 'chai';
import type { CheckResult, ConformanceReport } from '../run-conformance.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { compareReports, type ReportComparison } from './compare-reports.ts';

const template = sampleReport.checks[0] as CheckResult;

function createReport(...changes: Partial<CheckResult>[]): ConformanceReport {
  return { ...sampleReport, checks: changes.map((change) => ({ ...template, ...change })) };
}

const one = (change: Partial<CheckResult>) => createReport({ id: 'a', ...change });
const gone = createReport();
const [passed, failed, skipped, untestable, broken] = [
  one({ status: 'passed' }),
  one({ status: 'failed' }),
  one({ status: 'skipped' }),
  one({ status: 'untestable' }),
  one({ status: 'error' }),
];

/** Returns the list in which a comparison includes check `a`. */
function placeOf({ worse, better, added, unchanged }: ReportComparison): string {
  const places = { worse: worse.length, better: better.length, added: added.length, unchanged };
  const [place = '', count] = Object.entries(places).find(([, number]) => number > 0) ?? [];
  expect(count).to.equal(1);
  return place;
}

describe('the comparison of two reports', () => {
  const cases: Readonly<Record<string, [ConformanceReport, ConformanceReport, string]>> = {
    'a check that failed and passes': [failed, passed, 'better'],
    'a check that passed and fails': [passed, failed, 'worse'],
    'a check that passes still': [passed, passed, 'unchanged'],
    'a check that fails still': [failed, failed, 'unchanged'],
    'a warning that becomes a failure': [one({ status: 'warning' }), failed, 'worse'],
    'a failure that becomes a warning': [failed, one({ status: 'warning' }), 'better'],
    'a check that passed and warns': [passed, one({ status: 'warning' }), 'worse'],
    'a resolved warning': [one({ status: 'warning' }), passed, 'better'],
    'a check that fails in a worse way': [
      one({ status: 'failed', impact: 'cosmetic' }),
      one({ status: 'failed', impact: 'silently-wrong-access' }),
      'worse',
    ],
    'a check that fails in a milder way': [
      one({ status: 'failed', impact: 'information-leak' }),
      one({ status: 'failed', impact: 'refused' }),
      'better',
    ],
    'a check that passed and no longer has a result': [passed, untestable, 'worse'],
    'a check that failed and no longer has a result': [failed, skipped, 'worse'],
    'a removed check': [passed, gone, 'worse'],
    'a check without a result that passes now': [skipped, passed, 'better'],
    'a check without a result that fails now': [untestable, failed, 'worse'],
    'a check without a result, for another reason now': [skipped, broken, 'unchanged'],
    'a check without a result that was removed': [skipped, gone, 'unchanged'],
    'a check that is new and passes': [gone, passed, 'added'],
    'a check that is new and fails': [gone, failed, 'added'],
  };
  for (const [name, [before, after, place]] of Object.entries(cases)) {
    it(`puts ${name} under ${place}`, () => {
      expect(placeOf(compareReports(before, after))).to.equal(place);
    });
  }

  it('is empty for identical reports', () => {
    const { worse, better, added, unchanged, differences } = compareReports(sampleReport, sampleReport);
    expect([worse, better, added, differences]).to.deep.equal([[], [], [], []]);
    expect(unchanged).to.equal(sampleReport.checks.length);
  });

  it('lists the previous and present status of each check, the worst first', () => {
    const before = createReport({ id: 'mild', impact: 'cosmetic' }, { id: 'bad' });
    const after = createReport(
      { id: 'mild', status: 'failed', impact: 'cosmetic' },
      { id: 'bad', status: 'failed', impact: 'silently-wrong-access' },
    );
    const { worse } = compareReports(before, after);
    expect(worse.map(({ check, before: was, after: is }) => [check, was, is])).to.deep.equal([
      ['bad', 'passed', 'failed'],
      ['mild', 'passed', 'failed'],
    ]);
  });

  it('reports when the runs are not comparable', () => {
    const { proxy: _, ...direct } = sampleReport.target;
    const target = { ...direct, strictKeys: true };
    expect(compareReports(sampleReport, { ...sampleReport, target }).differences).to.deep.equal([
      'route: through the proxy http://proxy.example.com:3128, at the address 192.0.2.7, now at the address 192.0.2.7',
      'strict keys: false, now true',
    ]);
  });
});
