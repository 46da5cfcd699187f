// Tests of the cache: contents, lifetimes and limits.
import { expect } from 'chai';
import { EncodedUserInfo } from '../../schemas/encoded-user-info.ts';
import { SourceError } from '../adapters/user-source.ts';
import { AnswerCache } from './answer-cache.ts';
import { withCache, withCacheFilling } from './cache.ts';
import { PassingUserInfo, StaleUserInfo } from './passing-user-info.ts';
import {
  createAnsweringSource,
  createScriptedSource,
  createStillClock,
  createSurroundings,
  groupsOf,
  neverAborted,
  outcomeOf,
  settle,
  userIn,
} from './testing/scripted-source.ts';

const limits = { ttlSeconds: 60, negativeTtlSeconds: 0, maxEntries: 1000, maxBytes: 1_000_000 };
type Limits = ConstructorParameters<typeof AnswerCache>[0];

describe('the cache', () => {
  function open(config: Partial<Limits> = {}) {
    const source = createScriptedSource();
    const clock = createStillClock();
    const { tally, counts, log, lines } = createSurroundings();
    const cache = new AnswerCache({ ...limits, ...config }, clock.now);
    const guarded = withCache(withCacheFilling(source, cache, null, clock.now), cache, tally, log);
    /** Looks up, and answers when the source is called. @returns the result, and whether the source was called. */
    async function ask(userid: string, answer: ((asked: (typeof source.asked)[number]) => void) | null = null) {
      const before = source.asked.length;
      const lookUp = outcomeOf(guarded.findUser(userid, neverAborted()));
      await settle();
      const asked = source.asked[before];
      if (asked && answer) answer(asked);
      return { outcome: await lookUp, asked: asked !== undefined };
    }
    return { source, clock, cache, counts, lines, guarded, ask };
  }

  it('answers from memory until the time is over, then asks again', async () => {
    const { clock, ask, counts } = open();
    expect(await ask('ada', (asked) => asked.answer(userIn('a')))).to.deep.equal({ outcome: ['a'], asked: true });
    clock.advance(59);
    expect(await ask('ada')).to.deep.equal({ outcome: ['a'], asked: false });
    clock.advance(1);
    expect(await ask('ada', (asked) => asked.answer(userIn('b')))).to.deep.equal({ outcome: ['b'], asked: true });
    expect(counts()).to.include({ 'cache-hit': 1, 'cache-miss': 2 });
  });

  it('counts the time from the question, not from the answer', async () => {
    const { clock, ask } = open();
    await ask('ada', (asked) => {
      clock.advance(59);
      asked.answer(userIn('a'));
    });
    clock.advance(1);
    expect((await ask('ada', (asked) => asked.answer(userIn('b')))).asked).to.equal(true);
  });

  it('does not remember what is past its time already, of a cache around a merged source: it would be young again', async () => {
    const { ask } = open();
    const stale = new StaleUserInfo(Buffer.from(JSON.stringify(userIn('a'))), 61);
    expect(await ask('ada', (asked) => asked.answer(stale))).to.deep.equal({ outcome: ['a'], asked: true });
    expect(await ask('ada', (asked) => asked.answer(userIn('b')))).to.deep.equal({ outcome: ['b'], asked: true });
  });

  it('does not remember an answer that lacks a source, nor what was known before it', async () => {
    const { ask, clock } = open({ staleIfError: { maxStaleSeconds: 600 } });
    await ask('ada', (asked) => asked.answer(userIn('a', 'withdrawn')));
    clock.advance(60);
    const part = new PassingUserInfo(Buffer.from(JSON.stringify(userIn('a'))));
    expect(await ask('ada', (asked) => asked.answer(part))).to.deep.equal({ outcome: ['a'], asked: true });
    const failed = await ask('ada', (asked) => asked.fail('unavailable'));
    expect(failed).to.deep.equal({ outcome: 'unavailable', asked: true });
  });

  it('keeps userids apart exactly', async () => {
    const { ask } = open();
    await ask('ada', (asked) => asked.answer(userIn('a')));
    for (const other of ['Ada', 'ada ', '__proto__', 'constructor']) {
      expect(await ask(other, (asked) => asked.answer(null))).to.deep.equal({ outcome: null, asked: true });
    }
  });

  it('answers with ready bytes, and with views that no other caller can change', async () => {
    const { guarded, ask } = open();
    await ask('ada', (asked) => asked.answer(userIn('a')));
    const first = await guarded.findUser('ada', neverAborted());
    expect(first).to.be.instanceOf(EncodedUserInfo);
    expect(String((first as EncodedUserInfo).json)).to.equal(JSON.stringify(userIn('a')));
    first?.groups.push({ name: 'intruder' });
    expect(groupsOf(await guarded.findUser('ada', neverAborted()))).to.deep.equal(['a']);
  });

  for (const kind of ['unavailable', 'too-slow', 'bad-answer'] as const) {
    it(`does not remember that a lookup ended as ${kind}`, async () => {
      const { ask } = open();
      expect((await ask('ada', (asked) => asked.fail(kind))).outcome).to.equal(kind);
      expect(await ask('ada', (asked) => asked.answer(userIn('a')))).to.deep.equal({ outcome: ['a'], asked: true });
    });
  }

  it('does not remember that a user is unknown, unless it is told to, and then for a time of its own', async () => {
    const { ask } = open();
    await ask('eve', (asked) => asked.answer(null));
    expect((await ask('eve', (asked) => asked.answer(null))).asked).to.equal(true);

    const negative = open({ negativeTtlSeconds: 5 });
    await negative.ask('eve', (asked) => asked.answer(null));
    negative.clock.advance(4);
    expect(await negative.ask('eve')).to.deep.equal({ outcome: null, asked: false });
    negative.clock.advance(1);
    expect((await negative.ask('eve', (asked) => asked.answer(userIn('a')))).outcome).to.deep.equal(['a']);
  });

  it('forgets all when the source has loaded newer data', async () => {
    const { source, ask } = open({ negativeTtlSeconds: 60 });
    await ask('ada', (asked) => asked.answer(userIn('old')));
    await ask('eve', (asked) => asked.answer(null));
    source.generation = 2;
    expect((await ask('ada', (asked) => asked.answer(userIn('new')))).outcome).to.deep.equal(['new']);
    expect((await ask('eve', (asked) => asked.answer(userIn('made')))).outcome).to.deep.equal(['made']);
  });

  it('does not remember an answer out of data that was replaced while it was looked up', async () => {
    const { source, ask } = open();
    await ask('ada', (asked) => {
      source.generation = 2;
      asked.answer(userIn('old'));
    });
    expect(await ask('ada', (asked) => asked.answer(userIn('new')))).to.deep.equal({ outcome: ['new'], asked: true });
  });

  it('does not remember such an answer when somebody else asked in the meantime', async () => {
    const { source, guarded, ask } = open();
    const slow = guarded.findUser('ada', neverAborted());
    await settle();
    source.generation = 2;
    await ask('bob', (asked) => asked.answer(userIn('b')));
    source.asked[0]?.answer(userIn('old'));
    await slow;
    expect(await ask('ada', (asked) => asked.answer(userIn('new')))).to.deep.equal({ outcome: ['new'], asked: true });
  });

  it('holds no more entries than it may', async () => {
    const { cache, ask } = open({ maxEntries: 10 });
    for (let user = 0; user < 30; user++) await ask(`user${user}`, (asked) => asked.answer(userIn('a')));
    expect(cache.entries).to.equal(10);
    expect((await ask('user29')).asked).to.equal(false);
    expect((await ask('user0', (asked) => asked.answer(userIn('a')))).asked).to.equal(true);
  });

  it('holds no more bytes than it may, and nothing that is larger than all of it', async () => {
    const { cache, ask } = open({ maxBytes: 20_000 });
    for (let user = 0; user < 30; user++) {
      await ask(`user${user}`, (asked) => asked.answer(userIn('g'.repeat(1000))));
      expect(cache.bytes).to.be.at.most(20_000);
    }
    expect(cache.entries).to.be.within(5, 15);
    await ask('large', (asked) => asked.answer(userIn('g'.repeat(30_000))));
    expect((await ask('large', (asked) => asked.answer(userIn('a')))).asked).to.equal(true);
  });

  it('does not keep the slab of a small buffer', () => {
    const cache = new AnswerCache(limits, () => 0);
    cache.keep('ada', userIn('a'), 0);
    const found = cache.findFresh('ada') as EncodedUserInfo;
    expect(found.json.buffer.byteLength).to.equal(found.json.length);
  });

  it('refuses to remember what does not match the schema', () => {
    const cache = new AnswerCache(limits, () => 0);
    expect(() => cache.keep('ada', userIn(''), 0))
      .to.throw(SourceError)
      .with.property('kind', 'bad-answer');
  });

  it('lets go of what it holds when it is closed', async () => {
    const { cache, guarded, ask } = open();
    await ask('ada', (asked) => asked.answer(userIn('a')));
    await guarded.close();
    expect(cache.entries).to.equal(0);
  });

  describe('with staleIfError', () => {
    const stale = { staleIfError: { maxStaleSeconds: 600 } };

    async function openFilled() {
      const opened = open(stale);
      await opened.ask('ada', (asked) => asked.answer(userIn('a')));
      return opened;
    }

    for (const kind of ['unavailable', 'too-slow'] as const) {
      it(`serves an answer past its time while the source is ${kind}, to the second, and says how old it is`, async () => {
        const { clock, ask, guarded, counts, lines } = await openFilled();
        clock.advance(659);
        expect(await ask('ada', (asked) => asked.fail(kind))).to.deep.equal({ outcome: ['a'], asked: true });
        const recalled = guarded.findUserInMemory?.('ada', new SourceError(kind, 'again'));
        expect(recalled).to.be.instanceOf(StaleUserInfo).with.property('ageSeconds', 659);
        expect(counts()).to.include({ 'cache-stale': 2 });
        expect(lines).to.deep.equal(['the source failed; expired cache entries are served']);
        clock.advance(1);
        expect((await ask('ada', (asked) => asked.fail(kind))).outcome).to.equal(kind);
      });
    }

    it('serves none without being asked to', async () => {
      const { clock, ask } = open();
      await ask('ada', (asked) => asked.answer(userIn('a')));
      clock.advance(61);
      expect((await ask('ada', (asked) => asked.fail('unavailable'))).outcome).to.equal('unavailable');
    });

    it('serves none over a bad answer', async () => {
      const { clock, ask } = await openFilled();
      clock.advance(61);
      expect((await ask('ada', (asked) => asked.fail('bad-answer'))).outcome).to.equal('bad-answer');
    });

    it('serves none over a 404, nor after one', async () => {
      const { clock, ask } = await openFilled();
      clock.advance(61);
      expect((await ask('ada', (asked) => asked.answer(null))).outcome).to.equal(null);
      expect((await ask('ada', (asked) => asked.fail('unavailable'))).outcome).to.equal('unavailable');
    });

    it('serves none out of data that was replaced since', async () => {
      const { source, clock, ask } = await openFilled();
      clock.advance(61);
      source.generation = 2;
      expect((await ask('ada', (asked) => asked.fail('unavailable'))).outcome).to.equal('unavailable');
    });

    it('serves none in place of a bug', async () => {
      const { tally, log } = createSurroundings();
      const clock = createStillClock();
      const cache = new AnswerCache({ ...limits, ...stale }, clock.now);
      cache.keep('ada', userIn('a'), clock.now());
      clock.advance(61);
      const buggy = createAnsweringSource(() => {
        throw new Error('a bug');
      });
      const error = await withCache(buggy, cache, tally, log)
        .findUser('ada', neverAborted())
        .catch((reason: unknown) => reason);
      expect(error).to.include({ message: 'a bug' });
    });
  });
});
