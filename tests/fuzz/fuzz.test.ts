// Tests with a few inputs of each kind; `npm run fuzz` runs 100,000 by default.
import { expect } from 'chai';
import fc from 'fast-check';
import { fuzzTargets } from './fuzz-targets.ts';

const numRuns = 400;

describe('generated input', () => {
  for (const { name, property, examples } of fuzzTargets) {
    it(name, () => {
      fc.assert(property, { numRuns, examples });
    });
  }

  it('is distributed to all targets in a long run', () => {
    expect(fuzzTargets.reduce((sum, { share }) => sum + share, 0)).to.equal(100);
  });
});
