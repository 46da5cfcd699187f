// Tests that concurrent equal lookups call the source once, and that one caller's abort does not affect another.
import { expect } from 'chai';
import { SourceError } from '../adapters/user-source.ts';
import { withCoalescing } from './coalescing.ts';
import { PassingUserInfo, StaleUserInfo } from './passing-user-info.ts';
import {
  createScriptedSource,
  createSurroundings,
  groupsOf,
  neverAborted,
  outcomeOf,
  settle,
  userIn,
} from './testing/scripted-source.ts';

describe('coalescing', () => {
  function open() {
    const source = createScriptedSource();
    const { tally, counts } = createSurroundings();
    return { source, counts, guarded: withCoalescing(source, tally) };
  }

  it('calls the source once for identical concurrent lookups, and once for each other userid', async () => {
    const { source, counts, guarded } = open();
    const lookUps = ['ada', 'ada', 'Ada', 'ada'].map((userid) => guarded.findUser(userid, neverAborted()));
    expect(source.asked.map(({ userid }) => userid)).to.deep.equal(['ada', 'Ada']);
    source.asked[0]?.answer(userIn('a'));
    source.asked[1]?.answer(null);
    expect((await Promise.all(lookUps)).map(groupsOf)).to.deep.equal([['a'], ['a'], null, ['a']]);
    expect(counts()).to.deep.equal({ coalesced: 2 });
  });

  it('returns user info that must not be cached to each caller, still marked as such', async () => {
    const { source, guarded } = open();
    const lookUps = [guarded.findUser('ada', neverAborted()), guarded.findUser('ada', neverAborted())];
    source.asked[0]?.answer(new PassingUserInfo(Buffer.from(JSON.stringify(userIn('a')))));
    for (const answer of await Promise.all(lookUps)) expect(answer).to.be.instanceOf(PassingUserInfo);
  });

  it('returns stale user info as stale to each caller', async () => {
    const { source, guarded } = open();
    const lookUps = [guarded.findUser('ada', neverAborted()), guarded.findUser('ada', neverAborted())];
    source.asked[0]?.answer(new StaleUserInfo(Buffer.from(JSON.stringify(userIn('a'))), 61));
    for (const answer of await Promise.all(lookUps)) {
      expect(answer).to.be.instanceOf(StaleUserInfo).with.property('ageSeconds', 61);
      expect(groupsOf(answer)).to.deep.equal(['a']);
    }
  });

  it('returns a separate object to each caller', async () => {
    const { source, guarded } = open();
    const lookUps = [guarded.findUser('ada', neverAborted()), guarded.findUser('ada', neverAborted())];
    source.asked[0]?.answer(userIn('a'));
    const [first, second] = await Promise.all(lookUps);
    first?.groups.push({ name: 'intruder' });
    expect(groupsOf(second ?? null)).to.deep.equal(['a']);
  });

  it('shares an error with the concurrent lookups only', async () => {
    const { source, guarded } = open();
    const failing = [guarded.findUser('ada', neverAborted()), guarded.findUser('ada', neverAborted())];
    source.asked[0]?.fail('unavailable');
    expect(await Promise.all(failing.map(outcomeOf))).to.deep.equal(['unavailable', 'unavailable']);
    const later = guarded.findUser('ada', neverAborted());
    source.asked[1]?.answer(userIn('a'));
    expect(await outcomeOf(later)).to.deep.equal(['a']);
  });

  it('calls the source again after the end of a lookup', async () => {
    const { source, guarded } = open();
    for (const round of [0, 1]) {
      const lookUp = guarded.findUser('ada', neverAborted());
      source.asked[round]?.answer(userIn(`${round}`));
      expect(await outcomeOf(lookUp)).to.deep.equal([`${round}`]);
    }
  });

  it('continues for the other callers when one aborts', async () => {
    const { source, guarded } = open();
    const leaving = new AbortController();
    const first = outcomeOf(guarded.findUser('ada', leaving.signal));
    const second = guarded.findUser('ada', neverAborted());
    leaving.abort();
    expect(await first).to.equal('unavailable');
    expect(source.asked[0]?.signal.aborted).to.equal(false);
    source.asked[0]?.answer(userIn('a'));
    expect(await outcomeOf(second)).to.deep.equal(['a']);
  });

  it('aborts the lookup when the last caller aborts, and passes the reason to the source', async () => {
    const { source, guarded } = open();
    const callers = [new AbortController(), new AbortController()];
    const lookUps = callers.map(({ signal }) => outcomeOf(guarded.findUser('ada', signal)));
    callers[0]?.abort();
    const tooSlow = new SourceError('too-slow', 'the deadline');
    callers[1]?.abort(tooSlow);
    expect(await Promise.all(lookUps)).to.deep.equal(['unavailable', 'too-slow']);
    expect(source.asked[0]?.signal).to.include({ aborted: true, reason: tooSlow });
  });

  it('does not join a lookup that all callers aborted', async () => {
    const { source, guarded } = open();
    const leaving = new AbortController();
    const left = outcomeOf(guarded.findUser('ada', leaving.signal));
    leaving.abort();
    await left;
    const next = guarded.findUser('ada', neverAborted());
    // The end of the abandoned call must not remove the entry of the next one.
    source.asked[0]?.fail('unavailable');
    await settle();
    const joined = guarded.findUser('ada', neverAborted());
    expect(source.asked.length).to.equal(2);
    source.asked[1]?.answer(userIn('a'));
    expect([await outcomeOf(next), await outcomeOf(joined)]).to.deep.equal([['a'], ['a']]);
  });

  it('does not join a lookup that began before the data was replaced', async () => {
    const { source, guarded } = open();
    const before = guarded.findUser('ada', neverAborted());
    source.generation = 2;
    const after = guarded.findUser('ada', neverAborted());
    source.asked[0]?.answer(userIn('old'));
    source.asked[1]?.answer(userIn('new'));
    expect([await outcomeOf(before), await outcomeOf(after)]).to.deep.equal([['old'], ['new']]);
  });

  it('does not call the source when the caller has already aborted', async () => {
    const { source, guarded } = open();
    expect(await outcomeOf(guarded.findUser('ada', AbortSignal.abort()))).to.equal('unavailable');
    expect(source.asked).to.deep.equal([]);
  });

  it('reports an exception that the source throws synchronously as a failed lookup', async () => {
    const { tally } = createSurroundings();
    const throwing = withCoalescing(
      {
        ...createScriptedSource(),
        findUser() {
          throw new Error('a bug');
        },
      },
      tally,
    );
    const error = await throwing.findUser('ada', neverAborted()).catch((reason: unknown) => reason);
    expect(error).to.include({ message: 'a bug' });
  });
});
