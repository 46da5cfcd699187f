// Tests that a soak runs, and that half a minute of it sees no wrong answer and no failure in calm stretches. How fast it is, is not judged here.
import { expect } from 'chai';
import { runSoak } from './soak.ts';

describe('a short soak', () => {
  it('sees nothing wrong, and each kind of request and answer', async () => {
    const seen: string[] = [];
    const { faults, stretches } = await runSoak(30, (name) => seen.push(name));
    expect(faults.filter((fault) => !/^(?:p99|resident memory|open files|sockets)/.test(fault))).to.deep.equal([]);
    expect(seen.slice(0, 3)).to.deep.equal(['reload', 'restart of the source', 'step of the clock']);
    const outcomes = new Set(stretches.flatMap((stretch) => Object.keys(stretch.outcomes)));
    expect([...outcomes]).to.include.members(['known 200', 'unknown 404', 'malformed 400', 'guess 429']);
  }).timeout(240_000);
});
