// Tests of the delays before a worker is replaced.
import { expect } from 'chai';
import { createRestartPauses } from './fleet.ts';

describe('the pause before a dead worker is replaced', () => {
  it('is 0 after a long lifetime, and doubles up to half a minute while workers die at startup', () => {
    const pauses = createRestartPauses();
    const lives = [60_000, 100, 100, 100, 100, 100, 100, 100, 100, 9_999, 10_001, 100];
    expect(lives.map((livedMs) => pauses.after(livedMs))).to.deep.equal([
      0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 0, 500,
    ]);
  });
});
