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
    /** Looks up a user, and provides the source's answer if the source is called. @returns the result, and whether the source was called. */
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

  it('returns a cached entry until it expires, and then calls the source again', async () => {
    const { clock, ask, counts } = open();
    expect(await ask('ada', (asked) => asked.answer(userIn('a')))).to.deep.equal({ outcome: ['a'], asked: true });
    clock.advance(59);
    expect(await ask('ada')).to.deep.equal({ outcome: ['a'], asked: false });
    clock.advance(1);
    expect(await ask('ada', (asked) => asked.answer(userIn('b')))).to.deep.equal({ outcome: ['b'], asked: true });
    expect(counts()).to.include({ 'cache-hit': 1, 'cache-miss': 2 });
  });

  it('counts the age from the start of the lookup, not from its end', async () => {
    const { clock, ask } = open();
    await ask('ada', (asked) => {
      clock.advance(59);
      asked.answer(userIn('a'));
    });
    clock.advance(1);
    expect((await ask('ada', (asked) => asked.answer(userIn('b')))).asked).to.equal(true);
  });

  it('does not cache stale user info, whose age would be lost', async () => {
    const { ask } = open();
    const stale = new StaleUserInfo(Buffer.from(JSON.stringify(userIn('a'))), 61);
    expect(await ask('ada', (asked) => asked.answer(stale))).to.deep.equal({ outcome: ['a'], asked: true });
    expect(await ask('ada', (asked) => asked.answer(userIn('b')))).to.deep.equal({ outcome: ['b'], asked: true });
  });

  it('does not cache user info that lacks data from a source, and removes the previous entry', async () => {
    const { ask, clock } = open({ staleIfError: { maxStaleSeconds: 600 } });
    await ask('ada', (asked) => asked.answer(userIn('a', 'withdrawn')));
    clock.advance(60);
    const part = new PassingUserInfo(Buffer.from(JSON.stringify(userIn('a'))));
    expect(await ask('ada', (asked) => asked.answer(part))).to.deep.equal({ outcome: ['a'], asked: true });
    const failed = await ask('ada', (asked) => asked.fail('unavailable'));
    expect(failed).to.deep.equal({ outcome: 'unavailable', asked: true });
  });

  it('distinguishes userids exactly', async () => {
    const { ask } = open();
    await ask('ada', (asked) => asked.answer(userIn('a')));
    for (const other of ['Ada', 'ada ', '__proto__', 'constructor']) {
      expect(await ask(other, (asked) => asked.answer(null))).to.deep.equal({ outcome: null, asked: true });
    }
  });

  it('returns encoded bytes, and an object that no other caller can change', async () => {
    const { guarded, ask } = open();
    await ask('ada', (asked) => asked.answer(userIn('a')));
    const first = await guarded.findUser('ada', neverAborted());
    expect(first).to.be.instanceOf(EncodedUserInfo);
    expect(String((first as EncodedUserInfo).json)).to.equal(JSON.stringify(userIn('a')));
    first?.groups.push({ name: 'intruder' });
    expect(groupsOf(await guarded.findUser('ada', neverAborted()))).to.deep.equal(['a']);
  });

  for (const kind of ['unavailable', 'too-slow', 'bad-answer'] as const) {
    it(`does not cache a lookup that failed as ${kind}`, async () => {
      const { ask } = open();
      expect((await ask('ada', (asked) => asked.fail(kind))).outcome).to.equal(kind);
      expect(await ask('ada', (asked) => asked.answer(userIn('a')))).to.deep.equal({ outcome: ['a'], asked: true });
    });
  }

  it('caches "no such user" only when negativeTtlSeconds is set, and for that time', async () => {
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

  it('removes all entries when the source loads newer data', async () => {
    const { source, ask } = open({ negativeTtlSeconds: 60 });
    await ask('ada', (asked) => asked.answer(userIn('old')));
    await ask('eve', (asked) => asked.answer(null));
    source.generation = 2;
    expect((await ask('ada', (asked) => asked.answer(userIn('new')))).outcome).to.deep.equal(['new']);
    expect((await ask('eve', (asked) => asked.answer(userIn('made')))).outcome).to.deep.equal(['made']);
  });

  it('does not cache a lookup during which the data of the source was replaced', async () => {
    const { source, ask } = open();
    await ask('ada', (asked) => {
      source.generation = 2;
      asked.answer(userIn('old'));
    });
    expect(await ask('ada', (asked) => asked.answer(userIn('new')))).to.deep.equal({ outcome: ['new'], asked: true });
  });

  it('does not cache a lookup during which the data was replaced, even after a lookup of another user', async () => {
    const { source, guarded, ask } = open();
    const slow = guarded.findUser('ada', neverAborted());
    await settle();
    source.generation = 2;
    await ask('bob', (asked) => asked.answer(userIn('b')));
    source.asked[0]?.answer(userIn('old'));
    await slow;
    expect(await ask('ada', (asked) => asked.answer(userIn('new')))).to.deep.equal({ outcome: ['new'], asked: true });
  });

  it('keeps at most maxEntries entries', async () => {
    const { cache, ask } = open({ maxEntries: 10 });
    for (let user = 0; user < 30; user++) await ask(`user${user}`, (asked) => asked.answer(userIn('a')));
    expect(cache.entries).to.equal(10);
    expect((await ask('user29')).asked).to.equal(false);
    expect((await ask('user0', (asked) => asked.answer(userIn('a')))).asked).to.equal(true);
  });

  it('keeps at most maxBytes bytes, and no entry that is larger', async () => {
    const { cache, ask } = open({ maxBytes: 20_000 });
    for (let user = 0; user < 30; user++) {
      await ask(`user${user}`, (asked) => asked.answer(userIn('g'.repeat(1000))));
      expect(cache.bytes).to.be.at.most(20_000);
    }
    expect(cache.entries).to.be.within(5, 15);
    await ask('large', (asked) => asked.answer(userIn('g'.repeat(30_000))));
    expect((await ask('large', (asked) => asked.answer(userIn('a')))).asked).to.equal(true);
  });

  it('does not retain the memory pool of a small buffer', () => {
    const cache = new AnswerCache(limits, () => 0);
    cache.keep('ada', userIn('a'), 0);
    const found = cache.findFresh('ada') as EncodedUserInfo;
    expect(found.json.buffer.byteLength).to.equal(found.json.length);
  });

  it('rejects user info that does not match the schema', () => {
    const cache = new AnswerCache(limits, () => 0);
    expect(() => cache.keep('ada', userIn(''), 0))
      .to.throw(SourceError)
      .with.property('kind', 'bad-answer');
  });

  it('removes its entries when it is closed', async () => {
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
      it(`returns an expired entry with its age for up to maxStaleSeconds while the source is ${kind}`, async () => {
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

    it('does not return an expired entry when staleIfError is absent', async () => {
      const { clock, ask } = open();
      await ask('ada', (asked) => asked.answer(userIn('a')));
      clock.advance(61);
      expect((await ask('ada', (asked) => asked.fail('unavailable'))).outcome).to.equal('unavailable');
    });

    it('does not return an expired entry when the source fails as bad-answer', async () => {
      const { clock, ask } = await openFilled();
      clock.advance(61);
      expect((await ask('ada', (asked) => asked.fail('bad-answer'))).outcome).to.equal('bad-answer');
    });

    it('does not return an expired entry instead of "no such user" or after it', async () => {
      const { clock, ask } = await openFilled();
      clock.advance(61);
      expect((await ask('ada', (asked) => asked.answer(null))).outcome).to.equal(null);
      expect((await ask('ada', (asked) => asked.fail('unavailable'))).outcome).to.equal('unavailable');
    });

    it('does not return an expired entry when the data of the source was replaced', async () => {
      const { source, clock, ask } = await openFilled();
      clock.advance(61);
      source.generation = 2;
      expect((await ask('ada', (asked) => asked.fail('unavailable'))).outcome).to.equal('unavailable');
    });

    it('does not return an expired entry when the source throws because of a bug', async () => {
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
