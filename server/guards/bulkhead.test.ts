// Tests that a source never gets more concurrent lookups than configured, and that no slot is lost.
import { expect } from 'chai';
import { SourceError } from '../adapters/user-source.ts';
import { guardSource } from './guard-source.ts';
import {
  createScriptedSource,
  createSurroundings,
  neverAborted,
  outcomeOf,
  settle,
  userIn,
} from './testing/scripted-source.ts';

describe('the bulkhead', () => {
  function open(concurrent: number, queued: number) {
    const source = createScriptedSource();
    const { tally, counts, log } = createSurroundings();
    const guarded = guardSource(source, { coalesce: false, bulkhead: { concurrent, queued } }, { tally, log });
    return { source, counts, guarded, ask: (userid: string) => guarded.findUser(userid, neverAborted()) };
  }

  it('queues further lookups in order, and rejects lookups beyond the queue limit', async () => {
    const { source, counts, ask } = open(2, 1);
    const lookUps = ['a', 'b', 'c', 'd'].map((userid) => outcomeOf(ask(userid)));
    await settle();
    expect(source.asked.map(({ userid }) => userid)).to.deep.equal(['a', 'b']);
    expect(await lookUps[3]).to.equal('unavailable');
    expect(counts()).to.deep.equal({ 'bulkhead-refused': 1 });
    source.asked[1]?.answer(userIn('b'));
    await settle();
    expect(source.asked.map(({ userid }) => userid)).to.deep.equal(['a', 'b', 'c']);
    source.asked[0]?.fail('unavailable');
    source.asked[2]?.answer(null);
    expect(await Promise.all(lookUps)).to.deep.equal(['unavailable', ['b'], null, 'unavailable']);
  });

  it('returns a Retry-After', async () => {
    const { ask } = open(1, 0);
    void ask('a');
    const error = await ask('b').catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(SourceError).and.include({ kind: 'unavailable', retryAfterSeconds: 1 });
  });

  it('frees the slot of an aborted lookup, even if the source never responds', async () => {
    const { source, guarded, ask } = open(1, 1);
    const leaving = new AbortController();
    const first = outcomeOf(guarded.findUser('a', leaving.signal));
    const second = ask('b');
    await settle();
    leaving.abort();
    expect(await first).to.equal('unavailable');
    await settle();
    expect(source.asked.map(({ userid }) => userid)).to.deep.equal(['a', 'b']);
    source.asked[1]?.answer(userIn('b'));
    expect(await outcomeOf(second)).to.deep.equal(['b']);
  });

  it('skips an aborted lookup in the queue, and runs the next one', async () => {
    const { source, guarded, ask } = open(1, 2);
    const first = ask('a');
    const leaving = new AbortController();
    const second = outcomeOf(guarded.findUser('b', leaving.signal));
    const third = ask('c');
    await settle();
    leaving.abort();
    source.asked[0]?.answer(null);
    expect(await first).to.equal(null);
    expect(await second).to.equal('unavailable');
    await settle();
    expect(source.asked.map(({ userid }) => userid)).to.deep.equal(['a', 'c']);
    source.asked[1]?.answer(null);
    expect(await third).to.equal(null);
  });
});
