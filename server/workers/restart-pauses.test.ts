// Tests of the delays before a worker is replaced.
import { expect } from 'chai';
import { createRestartPauses } from './restart-pauses.ts';

describe('the pause before another worker takes the place of one that died', () => {
  it('is none after a sound life, and doubles up to half a minute while they die of their start', () => {
    const pauses = createRestartPauses();
    const lives = [60_000, 100, 100, 100, 100, 100, 100, 100, 100, 9_999, 10_001, 100];
    expect(lives.map((livedMs) => pauses.after(livedMs))).to.deep.equal([
      0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 0, 500,
    ]);
  });
});
