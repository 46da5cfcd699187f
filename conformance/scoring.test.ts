// Tests that an unscored check runs, is reported with its reason, and changes neither the verdict nor the exit code.
import { expect } from 'chai';
import type { Check } from './check.ts';
import { createCheckContext } from './check-context.ts';
import { MissingInput } from './check-endings.ts';
import { checkOptions } from './conformance-options.ts';
import type { Unscored } from './contract/clause.ts';
import { findOutcome } from './report/baseline.ts';
import { assertConforms } from './report/finding.ts';
import { runChecks } from './run-checks.ts';
import { describeUnscored, findUnscored } from './scoring.ts';
import { sampleReport } from './testing/sample-report.ts';

const unscored: Unscored = { because: 'added-after', scoredFrom: '99.0', why: 'It is new.' };

const check: Check = {
  id: 'new-check',
  title: 'MUST be new',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-1'],
  impact: 'refused',
  why: 'It is a test.',
  fix: [{ stack: 'any', text: 'Fix it.' }],
  needs: [],
  unscored,
  async run() {
    assertConforms(false, { asked: 'x', expected: 'y', seen: 'z', change: 'a' });
  },
};

async function run(changed: Check) {
  const context = createCheckContext(checkOptions({ url: 'http://127.0.0.1:1/', auth: 'none' }));
  const { checks, notRun } = await runChecks([{ title: 'New', checks: [changed] }], context);
  return { result: checks[0], notRun };
}

describe('a check that is not scored yet', () => {
  it('has the status info, with the reason, when it finds a violation', async () => {
    const { result } = await run(check);
    expect(result).to.deep.include({ status: 'info', unscored });
    expect(result?.message).to.match(
      /\nNot scored \(added-after\): it was added after this contract version\. The check counts from version 99\.0\. It is new\.$/,
    );
  });

  it('does not fail a run, whatever the value of --fail-on', async () => {
    const { result } = await run(check);
    const checks = result ? [result] : [];
    const { baseline: _, ...report } = sampleReport;
    expect(findOutcome({ ...report, verdict: 'conforms', checks, failOn: 'hardening' })).to.equal('succeeds');
  });

  it('does not appear beside the verdict when it was not run', async () => {
    const missing: Check = {
      ...check,
      async run() {
        throw new MissingInput('Give --x.');
      },
    };
    expect((await run(missing)).notRun).to.deep.equal([]);
    const { unscored: _, ...scored } = missing;
    expect((await run(scored)).notRun).to.deep.equal(['new-check']);
  });

  it('is scored from its version on', async () => {
    expect((await run({ ...check, unscored: { ...unscored, scoredFrom: '1.0' } })).result?.status).to.equal('failed');
    for (const [version, isScored] of [
      ['1.0', false],
      ['1.9', false],
      ['1.10', true],
      ['2.0', true],
    ] as const) {
      const found = findUnscored({ unscored: { ...unscored, scoredFrom: '1.10' } }, version);
      expect(found === null, version).to.equal(isScored);
    }
  });

  it('describes an open interpretation, too', () => {
    expect(
      describeUnscored({ because: 'open-interpretation', scoredFrom: '1.1', why: 'Names may be trimmed.' }),
    ).to.equal(
      'Not scored (open-interpretation): the contract can be read in two ways. The check counts from version 1.1. Names may be trimmed.',
    );
  });
});
