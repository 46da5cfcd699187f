// Tests of the limits of --explore and --seed.
import { expect } from 'chai';
import { findExploreFaults } from './explore-options.ts';

const faultsOf = (options: { readonly explore?: number; readonly seed?: number }) => [...findExploreFaults(options)];
const exploreFault = '--explore must be a whole number from 1 to 10000.';
const seedFault = '--seed must be a whole number from 0 to 2147483647.';
const alone = '--seed has no effect without --explore. Add --explore N.';

describe('findExploreFaults', () => {
  it('accepts both options at their limits, and accepts the absence of both', () => {
    expect(faultsOf({})).to.deep.equal([]);
    for (const explore of [1, 10_000])
      for (const seed of [0, 2 ** 31 - 1]) expect(faultsOf({ explore, seed })).to.deep.equal([]);
    expect(faultsOf({ explore: 5 })).to.deep.equal([]);
  });

  it('finds a number beyond its limits', () => {
    for (const explore of [0, -1, 1.5, 10_001, Number.NaN]) expect(faultsOf({ explore })).to.deep.equal([exploreFault]);
    for (const seed of [-1, 0.5, 2 ** 31]) expect(faultsOf({ explore: 1, seed })).to.deep.equal([seedFault]);
  });

  it('finds a seed without --explore', () => {
    expect(faultsOf({ seed: 0 })).to.deep.equal([alone]);
    expect(faultsOf({ seed: -1 })).to.deep.equal([seedFault, alone]);
  });
});
