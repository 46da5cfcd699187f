// Tests when the tries of an experiment become a fact. They do if three agree and none disagrees, or if five agree against one, and never if two
// disagree.
import { expect } from 'chai';
import { repeatUntilDecided, VoidTry } from './decide.ts';
import { Correction } from './platform-driver.ts';
import type { LearnSession } from './play-step.ts';

/** @param results results of the tries; null: the try is void. An error in the list is thrown by the try. */
async function decide(results: ReadonlyArray<string | null | Error>) {
  const left = [...results];
  const driver = { agreement: { unanimous: 3, againstOne: 5, maxVoidTries: 6 } };
  const session = { voidTries: 0, driver } as LearnSession;
  const decision = await repeatUntilDecided(session, async () => {
    const result = left.shift();
    if (result === undefined) throw new Error('one try too many');
    if (result instanceof Error) throw result;
    if (result === null) throw new VoidTry('a response was slow');
    return { result, observations: [] };
  });
  const { result = null, reason, agreeing } = decision;
  return { result, reason, agreeing, left: left.length, voidTries: session.voidTries };
}

const agreed = { reason: '', voidTries: 0 };

describe('tries of an experiment', () => {
  it('determine the result when three agree and none disagrees', async () => {
    expect(await decide(['a', 'a', 'a', 'b'])).to.deep.equal({ ...agreed, result: 'a', agreeing: 3, left: 1 });
  });

  it('determine the result when five agree and one disagrees, in any order', async () => {
    for (const results of ['baaaaa', 'abaaaa', 'aabaaa']) {
      expect(await decide([...results])).to.deep.equal({ ...agreed, result: 'a', agreeing: 5, left: 0 });
    }
  });

  it('determine no result when two disagree with the others', async () => {
    for (const results of ['abba', 'aabb', 'abc', 'baaab']) {
      const decision = await decide([...results]);
      expect(decision, results).to.include({ result: null, reason: 'The tries disagree.' });
    }
  });

  it('do not count when the operator corrects an answer', async () => {
    const thisTry = new Correction('redirect', 'this try');
    const lastTry = new Correction('redirect', 'the last try');
    expect(await decide(['a', thisTry, 'a', 'a'])).to.deep.equal({ ...agreed, result: 'a', agreeing: 3, left: 0 });
    expect(await decide(['b', lastTry, 'a', 'a', 'a'])).to.deep.equal({ ...agreed, result: 'a', agreeing: 3, left: 0 });
    // A try that did not count because of a wrong answer.
    const voids = Array.from({ length: 6 }, () => null);
    const result = await decide(['a', ...voids, lastTry, null, 'a', 'a']);
    expect(result).to.include({ result: 'a', agreeing: 3 });
    for (const earlier of [lastTry, new Correction('merge', 'another experiment')]) {
      expect(await decide([earlier]).catch((error: unknown) => error)).to.equal(earlier);
    }
  });

  it('are repeated when they do not count, and determine no result when too many do not count', async () => {
    const some = await decide([null, 'a', null, 'a', 'a']);
    expect(some).to.deep.equal({ reason: '', result: 'a', agreeing: 3, left: 0, voidTries: 2 });
    const all = await decide(Array.from({ length: 9 }, () => null));
    expect(all).to.include({
      result: null,
      reason: 'Too many tries did not count: a response was slow.',
      voidTries: 7,
    });
  });
});
