// Tests of the order of findings.
import { expect } from 'chai';
import { compareSeverity } from './severity.ts';

describe('the severity of a finding', () => {
  it('ranks failures before warnings, then access and disclosure before cosmetic findings, then MUST before SHOULD', () => {
    const ordered = [
      { status: 'failed', impact: 'silently-wrong-access', level: 'MUST' },
      { status: 'failed', impact: 'information-leak', level: 'MUST' },
      { status: 'failed', impact: 'refused', level: 'MUST' },
      { status: 'warning', impact: 'silently-wrong-access', level: 'SHOULD' },
      { status: 'warning', impact: 'information-leak', level: 'MUST' },
      { status: 'warning', impact: 'information-leak', level: 'SHOULD' },
      { status: 'warning', impact: 'cosmetic', level: 'MUST' },
      { status: 'info', impact: 'silently-wrong-access', level: 'MAY' },
    ] as const;
    expect([...ordered].reverse().sort(compareSeverity)).to.deep.equal(ordered);
  });
});
