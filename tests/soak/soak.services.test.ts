// Tests that half a minute of a soak test has no wrong responses, and no failures in calm stretches. Growing memory must be detected. Speed is not
// evaluated here.
import { expect } from 'chai';
import { findGrowth, growthOf } from './calm.ts';
import { runSoak } from './soak.ts';

describe('a short soak', () => {
  it('finds no error, and covers each kind of request and response', async () => {
    const seen: string[] = [];
    const { faults, stretches } = await runSoak(30, (name) => seen.push(name));
    expect(faults.filter((fault) => !/^(?:p99|resident memory|open files|sockets)/.test(fault))).to.deep.equal([]);
    expect(seen.slice(0, 3)).to.deep.equal(['reload', 'restart of the source', 'clock step']);
    const outcomes = new Set(stretches.flatMap((stretch) => Object.keys(stretch.outcomes)));
    expect([...outcomes]).to.include.members(['known 200', 'unknown 404', 'malformed 400', 'guess 429']);
    // Limit for a hanging run. Restarts of the data source are slow on a busy machine.
  }).timeout(600_000);
});

describe('memory under a constant load', () => {
  const samples = (megabytesAt: (minutes: number) => number[]) =>
    Array.from({ length: 60 }, (_, index) => {
      const minutes = (index + 1) / 6;
      return { minutes, megabytes: megabytesAt(minutes), openFiles: 1, sockets: 1 };
    });

  it('is compared for each process, between the second and the last minute', () => {
    const growth = growthOf(samples((minutes) => [50, minutes < 1 ? 20 : minutes > 9 ? 108 : 100]));
    expect(growth).to.deep.equal({ afterAMinute: [50, 100], atTheEnd: [50, 108] });
    expect(findGrowth(growth)).to.deep.equal([]);
  });

  it('fails when one process grows beyond the limit, or is missing', () => {
    expect(findGrowth(growthOf(samples((minutes) => [50, 100 + 2 * minutes])))).to.deep.equal([
      'process 2: 119.0 MB is more than 1.1 × 103.0',
    ]);
    expect(findGrowth({ afterAMinute: [50, 100], atTheEnd: [50] })).to.have.length(1);
  });
});
