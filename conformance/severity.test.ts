// Tests the order in which failures matter.
import { expect } from 'chai';
import { compareSeverity } from './severity.ts';

describe('the severity of a failure', () => {
  it('puts what fails open first, whatever its level, then MUST before SHOULD before MAY', () => {
    const ordered = [
      { platformVerdict: 'silently-wrong-access', level: 'MUST' },
      { platformVerdict: 'silently-wrong-access', level: 'MAY' },
      { platformVerdict: 'information-leak', level: 'MUST' },
      { platformVerdict: 'refused', level: 'MUST' },
      { platformVerdict: 'refused', level: 'SHOULD' },
      { platformVerdict: 'cosmetic', level: 'MUST' },
    ] as const;
    expect([...ordered].reverse().sort(compareSeverity)).to.deep.equal(ordered);
  });
});
