// Tests how many bodies the measurement of the limit needs.
import { expect } from 'chai';
import { chooseSize } from './measure-body-limit.ts';

const largest = 8 * 1024 * 1024;

/** Returns the limit that is found, and the number of bodies. */
function findLimit(limit: number): { readonly low: number; readonly steps: number } {
  let [low, high, steps] = [1024, largest, 0];
  while (high - low > 1) {
    const bytes = chooseSize(low, high);
    expect(bytes).to.be.greaterThan(low).and.lessThan(high);
    if (bytes <= limit) low = bytes;
    else high = bytes;
    steps++;
  }
  return { low, steps };
}

describe('the search for the body limit', () => {
  it('finds a common limit in at most 7 steps', () => {
    for (const limit of [2048, 10_000, 65_536, 100_000, 1_000_000, 1_048_576, 4_194_304, 5_000_000]) {
      const { low, steps } = findLimit(limit);
      expect([low, steps <= 7], `${limit}: ${steps}`).to.deep.equal([limit, true]);
    }
  });

  it('finds every other limit exactly, in at most 28 steps', () => {
    for (const limit of [1024, 1025, 4097, 123_456, 777_777, 1_048_575, 3_000_001, 6_543_210, largest - 1]) {
      const { low, steps } = findLimit(limit);
      expect([low, steps <= 28], `${limit}: ${steps}`).to.deep.equal([limit, true]);
    }
  });
});
