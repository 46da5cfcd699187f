// Tests of the circuit breaker: open, half-open and closed.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { SourceError, type SourceErrorKind } from '../adapters/user-source.ts';
import { guardSource } from './guard-source.ts';
import {
  createScriptedSource,
  createSurroundings,
  neverAborted,
  outcomeOf,
  settle,
  userIn,
} from './testing/scripted-source.ts';

describe('the breaker', () => {
  function open({ failures = 3, openSeconds = 1 } = {}) {
    const source = createScriptedSource();
    const { tally, counts, log, lines } = createSurroundings();
    const guarded = guardSource(source, { coalesce: false, breaker: { failures, openSeconds } }, { tally, log });
    async function fail(kind: SourceErrorKind, times = 1) {
      for (let time = 0; time < times; time++) {
        const lookUp = outcomeOf(guarded.findUser('ada', neverAborted()));
        await settle();
        source.asked.at(-1)?.fail(kind);
        expect(await lookUp).to.equal(kind);
      }
    }
    async function answer() {
      const lookUp = outcomeOf(guarded.findUser('ada', neverAborted()));
      await settle();
      source.asked.at(-1)?.answer(userIn('a'));
      return lookUp;
    }
    const refusal = () => guarded.findUser('ada', neverAborted()).catch((error: unknown) => error);
    return { source, tally, counts, lines, guarded, fail, answer, refusal };
  }

  it('opens after consecutive failures, and returns a Retry-After', async () => {
    const { source, tally, counts, lines, fail, refusal } = open({ failures: 3, openSeconds: 30 });
    await fail('unavailable', 2);
    await fail('too-slow');
    expect(tally.read('user_info_breaker_open')).to.equal(1);
    const error = await refusal();
    expect(error).to.be.instanceOf(SourceError).and.include({ kind: 'unavailable' });
    expect((error as SourceError).retryAfterSeconds).to.be.within(29, 30);
    expect(source.asked.length).to.equal(3);
    expect(counts()).to.include({ 'breaker-opened': 1, 'breaker-refused': 1 });
    expect(lines).to.deep.equal(['the breaker opened']);
  });

  it('resets its count after a successful lookup, including "no such user"', async () => {
    const { source, guarded, fail, answer } = open();
    await fail('unavailable', 2);
    await answer();
    await fail('unavailable', 2);
    const unknown = guarded.findUser('eve', neverAborted());
    await settle();
    source.asked.at(-1)?.answer(null);
    expect(await unknown).to.equal(null);
    await fail('unavailable', 2);
    expect(await answer()).to.deep.equal(['a']);
  });

  it('counts bad-answer as a response', async () => {
    const { fail, answer } = open();
    await fail('bad-answer', 10);
    expect(await answer()).to.deep.equal(['a']);
  });

  it('does not count lookups that the caller aborts', async () => {
    const { guarded, answer } = open();
    for (let caller = 0; caller < 10; caller++) {
      const leaving = new AbortController();
      const lookUp = outcomeOf(guarded.findUser('ada', leaving.signal));
      leaving.abort();
      expect(await lookUp).to.equal('unavailable');
    }
    expect(await answer()).to.deep.equal(['a']);
  });

  it('counts each lookup that reaches its deadline', async () => {
    const { guarded, refusal, source } = open();
    for (let time = 0; time < 3; time++) {
      const deadline = new AbortController();
      const lookUp = outcomeOf(guarded.findUser('ada', deadline.signal));
      deadline.abort(new SourceError('too-slow', 'the deadline'));
      expect(await lookUp).to.equal('too-slow');
    }
    expect(await refusal()).to.include({ kind: 'unavailable' });
    expect(source.asked.length).to.equal(3);
  });

  it('passes on one lookup after openSeconds, and closes when that lookup succeeds', async () => {
    const { source, tally, lines, fail, answer } = open({ failures: 1 });
    await fail('unavailable');
    await delay(1010);
    expect(await answer()).to.deep.equal(['a']);
    expect(source.asked.length).to.equal(2);
    expect(tally.read('user_info_breaker_open')).to.equal(0);
    expect(lines).to.deep.equal(['the breaker opened', 'the breaker closed: the source responds again']);
  });

  it('stays open when the caller aborts the deciding lookup', async () => {
    const { guarded, tally, fail, refusal } = open({ failures: 1 });
    await fail('unavailable');
    await delay(1010);
    const leaving = new AbortController();
    const deciding = outcomeOf(guarded.findUser('ada', leaving.signal));
    await settle();
    leaving.abort();
    expect(await deciding).to.equal('unavailable');
    expect(tally.read('user_info_breaker_open')).to.equal(1);
    expect(await refusal()).to.include({ kind: 'unavailable' });
  });
});
