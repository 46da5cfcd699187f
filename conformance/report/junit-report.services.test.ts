// Tests of the JUnit report with xmllint, against a schema of what GitLab, GitHub viewers and Jenkins accept.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { makeVisible } from '../../schemas/printable-text.ts';
import { hostileReport, hostileText, sampleReport, unreachableReport } from '../testing/sample-report.ts';
import { renderJunitReport } from './junit-report.ts';

const schema = fileURLToPath(new URL('../testing/junit-report.xsd', import.meta.url));

/** Returns the output of xmllint for a text; throws with its errors. */
function xmllint(text: string, ...flags: string[]): string {
  return execFileSync('xmllint', ['--nonet', ...flags, '-'], { input: text, encoding: 'utf8', stdio: 'pipe' });
}

/** Returns the string value of an XPath expression. */
const evaluate = (text: string, path: string) => xmllint(text, '--xpath', path).trimEnd();

const reports = { sampleReport, hostileReport, unreachableReport };

describe('the JUnit report', () => {
  for (const [name, report] of Object.entries(reports)) {
    it(`matches the schema: ${name}`, () => {
      xmllint(renderJunitReport(report), '--noout', '--schema', schema);
    });
  }

  it('does not match the schema when it is wrong, which proves the validation', () => {
    const wrong = renderJunitReport(sampleReport).replace('<skipped ', '<skiped ');
    expect(() => xmllint(wrong, '--noout', '--schema', schema)).to.throw('skiped');
  });

  it('has failures only for checks that fail the run, and for stale entries of the baseline', () => {
    const text = renderJunitReport(sampleReport);
    const namesOf = (element: string) =>
      evaluate(text, `//testcase[${element}]/@name`)
        .split('\n')
        .map((line) => /name="([^":]*)/.exec(line)?.[1]);
    expect(namesOf('failure')).to.deep.equal(['leaking', 'fail-open', 'passed-check is not stale in the baseline']);
    expect(evaluate(text, 'count(//testcase[error])')).to.equal('0');
    const skipped = ['cosmetic-should', 'accepted', 'left', 'open-should', 'open-must'];
    expect(namesOf('skipped')).to.deep.equal(skipped);
    const strict = renderJunitReport({ ...sampleReport, failOn: 'standards' });
    expect(evaluate(strict, 'string(//testcase[starts-with(@name, "cosmetic")]/failure/@type)')).to.equal(
      'standards SHOULD warning',
    );
    expect(evaluate(text, 'string(//testcase[starts-with(@name, "accepted")]/skipped/@message)')).to.include(
      'Fixed in March.',
    );
  });

  it('counts its entries', () => {
    const text = renderJunitReport(sampleReport);
    const counts: Readonly<Record<string, string>> = {
      'string(/testsuites/@tests)': 'count(//testcase)',
      'string(/testsuites/@failures)': 'count(//failure)',
      'string(/testsuites/@errors)': 'count(//error)',
      'string(sum(//testsuite/@tests))': 'count(//testcase)',
      'string(sum(//testsuite/@skipped))': 'count(//skipped)',
    };
    for (const [xpath, expected] of Object.entries(counts)) {
      expect(evaluate(text, xpath), xpath).to.equal(evaluate(text, expected));
    }
  });

  it('is an error when the run could not begin, with the reason', () => {
    const text = renderJunitReport(unreachableReport);
    expect(evaluate(text, 'string(//error/@message)')).to.equal(unreachableReport.reason);
  });

  it('contains text from an endpoint completely and literally', () => {
    const text = renderJunitReport(hostileReport);
    expect(evaluate(text, 'string(//failure[1])')).to.include(makeVisible(hostileText));
    expect(evaluate(text, 'count(//script) + count(//img) + count(//failure/*)')).to.equal('0');
    expect(evaluate(text, 'string(//skipped[contains(@message, "canary")]/@message)')).to.equal(
      makeVisible(hostileText),
    );
  });
});
