// Tests that an endpoint has no failures if it differs from the conformant one only in ways that the contract and HTTP allow.
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
