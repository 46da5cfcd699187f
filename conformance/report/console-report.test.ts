// Tests of the report on a terminal.
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { hostileReport, sampleReport, unreachableReport } from '../testing/sample-report.ts';
import { renderConsoleReport } from './console-report.ts';

const plain = { isColored: false, columns: 100 };

describe('the console report', () => {
  it('shows a line per topic, warnings by topic, failures, the options that would run the rest, and the verdict last', () => {
    expect(renderConsoleReport(sampleReport, plain)).to.equal(`✗ First   1 passed, 2 failed, 1 warning
– Second  1 known, 3 not run

Warnings, which do not change the verdict
  First
  ! SHOULD be tidy (cosmetic-should)
    sent        this.
    $ curl --user "$USERNAME:$PASSWORD" "https://users.example.com/user-info?userid=$UNKNOWN_USER"
    seen        status 200.
    expected    404.
    why         It hurts.
    to fix      A long advice of several words.
    to fix      Answer 404.

Failures, most severe first
  ✗ MUST refuse
    effect      silently wrong access
    sent        this.
    $ curl --user "$USERNAME:$PASSWORD" "https://users.example.com/user-info?userid=$UNKNOWN_USER"
    answered    status 200, application/json, 36 bytes: {"groups":[],"authorizations":{}}
    seen        status 200.
    expected    404.
    why         It hurts.
    to fix      A long advice of several words.
    to fix      Answer 404.
    Express     Call response.status(404).
    clauses     C-1 (documented; Platform page), rule set contract
    more        user-info explain fail-open

  ✗ MUST NOT leak
    effect      information leak
    sent        this.
    $ curl --user "$USERNAME:$PASSWORD" "https://users.example.com/user-info?userid=$UNKNOWN_USER"
    answered    status 200, application/json, 36 bytes: {"groups":[],"authorizations":{}}
    seen        status 200.
    expected    404.
    why         It hurts.
    to fix      A long advice of several words.
    to fix      Answer 404.
    Express     Call response.status(404).
    clauses     C-1 (documented; Platform page), rule set contract
    more        user-info explain leaking

Known violations
  - accepted: Fixed in March. (until 2027-03-31)

The baseline is stale
  - passed-check passes now. Remove it from the baseline.

Checks not run, and the flags that run them
  --x FILE               1 check, 1 of the contract
  --max-requests NUMBER  1 check, 1 of the contract
  1 check: the responses of the endpoint do not allow the test

Requests were sent through the proxy http://proxy.example.com:3128, at the address 192.0.2.7.
https://users.example.com/user-info does not conform (contract 1.0; 1 passed, 3 failed (1 known), 1 warning, 2 untestable, 1 skipped).
`);
  });

  it('shows the number of failures when a baseline accepts all of them, and the verdict when it is stale', () => {
    const checks = sampleReport.checks.filter(({ status, known }) => status !== 'failed' || known !== undefined);
    const verdictOf = (stale: NonNullable<typeof sampleReport.baseline>['stale']) => {
      const baseline = { ...sampleReport.baseline, stale } as NonNullable<typeof sampleReport.baseline>;
      return renderConsoleReport({ ...sampleReport, checks, baseline }, plain)
        .trimEnd()
        .split('\n')
        .at(-1);
    };
    expect(verdictOf([])).to.match(/^https:\S+ passes with 1 known failure accepted \(contract /);
    expect(verdictOf(sampleReport.baseline?.stale ?? [])).to.match(/^https:\S+ does not conform \(contract /);
  });

  it('shows the advice for the detected stack only', () => {
    const express = renderConsoleReport({ ...sampleReport, stack: 'express' }, plain);
    expect(express.match(/Express {5}Call response/g)).to.have.length(3);
    const checks = sampleReport.checks.map((check) => ({
      ...check,
      fix: [...check.fix, { stack: 'go' as const, text: 'Call http.NotFound.' }],
    }));
    const go = renderConsoleReport({ ...sampleReport, checks, stack: 'go' }, plain);
    expect(go).to.include('Go net/http Call http.NotFound.').and.not.to.include('Express');
  });

  it('lists every check with --verbose, and all details of warnings', () => {
    const text = renderConsoleReport(sampleReport, { ...plain, isVerbose: true });
    expect(text.slice(0, text.indexOf('Warnings'))).to.equal(`✗ First   1 passed, 2 failed, 1 warning
    ✓ MUST hold
    ! SHOULD be tidy (warning)
    ✗ MUST NOT leak (failed)
    ✗ MUST refuse (failed)

– Second  1 known, 3 not run
    ✗ MUST be known (known, failed)
    – MUST hold (skipped)
        Give --x.
    – SHOULD hold (untestable)
        Why not.
    – MUST hold (untestable)
        Why this not.

`);
    const explained = [...text.matchAll(/user-info explain (\S+)/g)].map(([, id]) => id);
    expect(explained).to.deep.equal(['cosmetic-should', 'fail-open', 'leaking']);
    expect(text).to.include('Left out\n  - The budget of failed logins was used up.');
  });

  it('stays within the width of the terminal, except for the verdict and for commands, which are copied', () => {
    const lines = renderConsoleReport(sampleReport, { isColored: false, columns: 48 }).split('\n').slice(0, -2);
    const tooLong = lines.filter((line) => line.length > 48 && !line.startsWith('    $ '));
    // A word that is longer than the line is not broken.
    expect(tooLong.filter((line) => line.trim().includes(' '))).to.deep.equal([]);
  });

  it('shows “conforms” with its limits, and never “failed” beside it', () => {
    const checks = sampleReport.checks.filter(({ status }) => status !== 'failed');
    const summary = { ...sampleReport.summary, failed: 0 };
    const text = renderConsoleReport({ ...sampleReport, verdict: 'conforms', checks, summary }, plain);
    expect(text.trimEnd().split('\n').at(-1)).to.equal(
      'https://users.example.com/user-info conforms, as far as it was tested: 2 contract checks were not run (contract 1.0; 1 passed, 1 warning, 2 untestable, 1 skipped).',
    );
    expect(text).not.to.match(/failed\)/);
  });

  it('shows the same text with color and without', () => {
    const colored = renderConsoleReport(sampleReport, { isColored: true, columns: 80 });
    expect(colored).to.include('\u001b[');
    expect(stripVTControlCharacters(colored)).to.equal(
      renderConsoleReport(sampleReport, { isColored: false, columns: 80 }),
    );
  });

  it('shows why a run could not begin', () => {
    expect(renderConsoleReport(unreachableReport, plain)).to.equal(
      `Nothing answered: nothing listens on that port. Start the endpoint, or check host and port.
Requests were sent through the proxy http://proxy.example.com:3128, at the address 192.0.2.7.
https://users.example.com/user-info could not be tested (contract 1.0).
`,
    );
  });

  it('does not let a response move the cursor, change colors, or look like a line of the report', () => {
    const text = renderConsoleReport(hostileReport, plain);
    // The report contains only printable characters and line breaks: nothing else may reach a terminal.
    expect(text.match(/[^\n\P{C}]|[\u2028\u2029]/gu)).to.equal(null);
    expect(text).to.include('\\u{1b}[31mred').and.to.include('\\u{202e}').and.to.include('\\u{d800}');
    const marked = text.split('\n').filter((line) => /^ {0,2}[✓✗!–]/u.test(line));
    // Two topics, two failures and a warning.
    expect(marked).to.have.length(5);
  });
});
