// Tests that an endpoint which differs from the conformant one in ways that the contract and HTTP allow has no failures.
import { expect } from 'chai';
import { alternativeCases, findDeviations } from '../testing/gate.ts';

describe('an endpoint that conforms in another way', () => {
  for (const alternative of alternativeCases) {
    it(`conforms, with exactly the declared warnings: ${alternative.name}`, async () => {
      const report = await alternative.run();
      expect(findDeviations(alternative, report)).to.deep.equal([]);
      expect(report.verdict).to.equal('conforms');
    });
  }
});
