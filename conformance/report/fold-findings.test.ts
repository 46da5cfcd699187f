// Tests of folding findings: the table, the required evidence, and the display in a report.
import { expect } from 'chai';
import { catalogue } from '../checks/catalogue.ts';
import { type CheckResult, renderReport } from '../run-conformance.ts';
import { findCheck, runAgainst } from '../testing/fixture.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { renderConsoleReport } from './console-report.ts';
import { foldFindings, followers } from './fold-findings.ts';

const failed = sampleReport.checks.find(({ id }) => id === 'fail-open') as CheckResult;
const answered = (text: string): CheckResult['evidence'] => [{ request: 'curl', expected: 'x', answered: text }];
const open = 'status 200, application/json, 36 bytes: {}';
const root: CheckResult = { ...failed, id: 'credentials-missing-refused', evidence: answered(open) };
const follower: CheckResult = { ...failed, id: 'wrong-password-refused', evidence: answered(open) };

describe('the table of findings with one cause', () => {
  it('lists existing checks, none of them its own cause', () => {
    const ids = new Set(catalogue.flatMap(({ checks }) => checks.map(({ id }) => id)));
    const named = Object.entries(followers).flat(2);
    expect(named.filter((id) => !ids.has(id))).to.deep.equal([]);
    const reach = (id: string, seen: readonly string[]): void => {
      expect(seen, `${id} follows from itself`).not.to.include(id);
      for (const next of followers[id] ?? []) reach(next, [...seen, id]);
    };
    for (const id of Object.keys(followers)) reach(id, []);
  });
});

describe('a finding follows from another', () => {
  const cases: readonly (readonly [name: string, Partial<CheckResult>, Partial<CheckResult>, boolean])[] = [
    ['with the same response', {}, {}, true],
    ['with another content type', {}, { evidence: answered('status 200, text/html, 3 bytes') }, false],
    ['with another status', {}, { evidence: answered('status 302, no content type, 0 bytes') }, false],
    ['without evidence', {}, { evidence: [] }, false],
    ['whose root passed', { status: 'passed', evidence: [] }, {}, false],
    ['that passed', {}, { status: 'passed', evidence: [] }, false],
    ['a failure whose root is a warning', { status: 'warning' }, {}, false],
    ['a warning whose root is a failure', {}, { status: 'warning' }, true],
    ['that is inconsistent', {}, { inconsistent: true }, false],
  ];
  for (const [name, ofRoot, ofFollower, isFolded] of cases) {
    it(`${isFolded ? 'only' : 'not'} ${name}`, () => {
      const [, result] = foldFindings([
        { ...root, ...ofRoot },
        { ...follower, ...ofFollower },
      ]);
      expect(result?.followsFrom).to.equal(isFolded ? root.id : undefined);
    });
  }

  it('from the first of a chain of causes', () => {
    const first: CheckResult = { ...root, id: 'nothing-presented-refused' };
    const results = foldFindings([first, root, follower]);
    expect(results.map(({ followsFrom }) => followsFrom)).to.deep.equal([undefined, first.id, first.id]);
  });
});

describe('a report on an endpoint that requires no credentials', () => {
  it('shows one failure and lists the others, and counts all of them', async () => {
    const report = await runAgainst(
      { auth: 'basic', alter: () => ({ admit: () => null }) },
      { skip: ['data-source-failure', 'robustness'] },
    );
    expect(report.summary.failed).to.be.greaterThan(3);
    const failures = report.checks.filter(({ status }) => status === 'failed');
    const folded = failures.filter(({ followsFrom }) => followsFrom !== undefined);
    expect(folded.length).to.equal(failures.length - 1);
    expect(findCheck(report, 'wrong-password-refused').followsFrom).to.equal('credentials-missing-refused');

    const text = renderConsoleReport(report, { isColored: false, columns: 200 });
    const [, details = ''] = text.split('Failures, most severe first\n');
    expect(details.match(/^ {2}✗ /gm)).to.have.length(1);
    expect(details).to.include(`follows     ${folded.length} other findings follow from it: `);
    expect(text).to.include(`${failures.length} failed`);
    for (const format of ['html', 'markdown', 'junit', 'sarif'] as const) {
      expect(renderReport(report, format), format).to.match(
        /other findings follow from it|Follows from credentials-missing-refused|"followsFrom": "credentials-missing-refused"/,
      );
    }
  }).timeout(60_000);
});
