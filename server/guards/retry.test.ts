// Tests of when a source is called again and when it must not be.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { SourceError } from '../adapters/user-source.ts';
import { guardSource } from './guard-source.ts';
import {
  createAnsweringSource,
  createSurroundings,
  neverAborted,
  outcomeOf,
  userIn,
} from './testing/scripted-source.ts';

describe('the retry', () => {
  /** @param failures errors of the first lookups; later lookups succeed. */
  function open(failures: readonly Error[], attempts = 2) {
    const waiting = [...failures];
    const source = createAnsweringSource(() => {
      const failure = waiting.shift();
      if (failure) throw failure;
      return userIn('a');
    });
    const { tally, counts, log } = createSurroundings();
    return {
      source,
      counts,
      guarded: guardSource(source, { coalesce: false, retry: { attempts } }, { tally, log }),
    };
  }
  const unavailable = () => new SourceError('unavailable', 'refused');

  it('repeats the lookup when the source is unavailable, up to the configured number of attempts', async () => {
    const lucky = open([unavailable(), unavailable()]);
    expect(await outcomeOf(lucky.guarded.findUser('ada', neverAborted()))).to.deep.equal(['a']);
    expect(lucky.counts()).to.deep.equal({ retried: 2 });
    const unlucky = open([unavailable(), unavailable(), unavailable()]);
    expect(await outcomeOf(unlucky.guarded.findUser('ada', neverAborted()))).to.equal('unavailable');
    expect(unlucky.source.calls).to.equal(3);
  });

  for (const [title, failure] of Object.entries({
    'is too slow': new SourceError('too-slow', 'slow'),
    'fails as bad-answer': new SourceError('bad-answer', 'bad'),
    'returns a Retry-After': new SourceError('unavailable', 'busy', { retryAfterSeconds: 7 }),
    'has a bug': new TypeError('a bug'),
  })) {
    it(`does not repeat the lookup when the source ${title}`, async () => {
      const { source, guarded } = open([failure]);
      expect(await guarded.findUser('ada', neverAborted()).catch((error: unknown) => error)).to.equal(failure);
      expect(source.calls).to.equal(1);
    });
  }

  it('does not repeat the lookup after "no such user"', async () => {
    const { tally, log } = createSurroundings();
    const source = createAnsweringSource(() => null);
    const guarded = guardSource(source, { coalesce: false, retry: { attempts: 3 } }, { tally, log });
    expect(await guarded.findUser('eve', neverAborted())).to.equal(null);
    expect(source.calls).to.equal(1);
  });

  it('does not repeat the lookup after the deadline', async () => {
    const { source, guarded } = open([unavailable()]);
    const deadline = new AbortController();
    const lookUp = outcomeOf(guarded.findUser('ada', deadline.signal));
    await delay(1);
    deadline.abort(new SourceError('too-slow', 'the deadline'));
    expect(await lookUp).to.equal('too-slow');
    expect(source.calls).to.equal(1);
  });
});
