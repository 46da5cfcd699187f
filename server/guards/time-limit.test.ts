// Tests that a source ends at its own limit, before the overall deadline.
import { expect } from 'chai';
import { type LookUpSource, SourceError } from '../adapters/user-source.ts';
import { guardSource } from './guard-source.ts';
import {
  createAnsweringSource,
  createScriptedSource,
  createSurroundings,
  neverAborted,
  outcomeOf,
  settle,
  userIn,
} from './testing/scripted-source.ts';
import { withTimeLimit } from './time-limit.ts';

describe('the time limit of a source', () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

  it('ends the lookup of a source that does not respond, and aborts its signal', async () => {
    const source = createScriptedSource();
    expect(await outcomeOf(withTimeLimit(source, 20).findUser('ada', neverAborted()))).to.equal('too-slow');
    expect(source.asked[0]?.signal.aborted).to.equal(true);
  });

  it('ends the lookup when the caller aborts, with the same reason', async () => {
    const source = createScriptedSource();
    const caller = new AbortController();
    const lookUp = outcomeOf(withTimeLimit(source, 60_000).findUser('ada', caller.signal));
    const reason = new SourceError('bad-answer', 'the reason');
    caller.abort(reason);
    expect(await lookUp).to.equal('bad-answer');
    expect(source.asked[0]?.signal.reason).to.equal(reason);
  });

  it('leaves no timer, whatever the result of the lookup', async () => {
    // The test's own timer fires only after the test's first line has run.
    await settle();
    const before = timers();
    const failing: LookUpSource = {
      ...createScriptedSource(),
      findUser: () => Promise.reject(new SourceError('unavailable', 'down')),
    };
    await outcomeOf(
      withTimeLimit(
        createAnsweringSource(() => userIn('a')),
        60_000,
      ).findUser('ada', neverAborted()),
    );
    await outcomeOf(withTimeLimit(failing, 60_000).findUser('ada', neverAborted()));
    await outcomeOf(withTimeLimit(createScriptedSource(), 60_000).findUser('ada', AbortSignal.abort()));
    expect(timers()).to.equal(before);
  });

  it('is counted by the breaker, and includes the wait for a slot of the bulkhead', async () => {
    const source = createScriptedSource();
    const guards = {
      coalesce: false,
      deadlineMs: 20,
      breaker: { failures: 2, openSeconds: 60 },
      bulkhead: { concurrent: 1, queued: 5 },
    };
    const guarded = guardSource(source, guards, createSurroundings());
    const outcomes = ['a', 'b'].map((userid) => outcomeOf(guarded.findUser(userid, neverAborted())));
    expect(await Promise.all(outcomes)).to.deep.equal(['too-slow', 'too-slow']);
    expect(await outcomeOf(guarded.findUser('c', neverAborted()))).to.equal('unavailable');
    expect(source.asked.length).to.be.at.most(2);
  });
});
