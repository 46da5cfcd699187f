// Tests of reading Retry-After, and of the total pauses of a run.
import { expect } from 'chai';
import { PauseBudget, readRetryAfter } from './retry-after.ts';

describe('Retry-After', () => {
  const now = Date.parse('2026-01-02T03:04:05Z');
  const cases: readonly [string, string | null, number][] = [
    ['seconds', '7', 7000],
    ['none', '0', 0],
    ['a date', 'Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
    ['a date that is over', 'Fri, 02 Jan 2026 03:04:00 GMT', 0],
    ['no header', null, 1000],
    ['nonsense', 'soon', 1000],
  ];
  for (const [name, header, ms] of cases) {
    it(`is read as ${ms} ms from ${name}`, () => {
      expect(readRetryAfter(header, now)).to.equal(ms);
    });
  }

  it('causes a pause of up to ten seconds at a time and thirty in total', () => {
    const pauses = new PauseBudget();
    expect(pauses.take(10_001, 0)).to.equal(null);
    const taken = [10_000, 10_000, 9000, 1000, 1].map((ms) => pauses.take(ms, 0));
    expect(taken).to.deep.equal([10_000, 10_000, 9000, 1000, null]);
  });

  it('of 0 causes increasing pauses, at most four for one request', () => {
    const pauses = new PauseBudget();
    const taken = [0, 1, 2, 3, 4].map((repetitions) => pauses.take(0, repetitions));
    expect(taken).to.deep.equal([500, 1000, 2000, 4000, null]);
  });
});
