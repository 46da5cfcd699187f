// Tests of the shrink guard: a large loss is delayed, and a confirmed one gets through.
import { expect } from 'chai';
import type { ShrinkConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { withShrinkGuard } from './shrink.ts';
import {
  createAnsweringSource,
  createStillClock,
  createSurroundings,
  neverAborted,
  outcomeOf,
  userIn,
} from './testing/scripted-source.ts';

const full = ['a', 'b', 'c', 'd'];
const half = ['a', 'b'];
const quarter = ['a'];

describe('the shrink guard', () => {
  /** @param answers of the source, in order; the last one is repeated. */
  function open(config: Partial<ShrinkConfig>, answers: ReadonlyArray<UserInfo | null>) {
    const clock = createStillClock();
    const { tally, counts } = createSurroundings();
    const waiting = [...answers];
    const source = createAnsweringSource(() => (waiting.length > 1 ? waiting.shift() : waiting[0]) ?? null);
    const whole: ShrinkConfig = {
      maxLossPercent: 50,
      minSeen: 4,
      action: 'ask-again',
      holdSeconds: 900,
      maxUsers: 1000,
      ...config,
    };
    const guarded = withShrinkGuard(source, whole, tally, clock.now);
    return { clock, counts, source, ask: (userid = 'ada') => outcomeOf(guarded.findUser(userid, neverAborted())) };
  }

  it('gives what lost no more than it may, and remembers it', async () => {
    const { ask, source } = open({}, [userIn(...full), userIn(...half), userIn()]);
    expect([await ask(), await ask(), await ask()]).to.deep.equal([full, half, []]);
    expect(source.calls).to.equal(3);
  });

  it('counts what is missing, not how many there are', async () => {
    const { ask, counts } = open({}, [userIn(...full), userIn('a', 'x', 'y', 'z')]);
    await ask();
    expect(await ask()).to.deep.equal(['a', 'x', 'y', 'z']);
    expect(counts()).to.include({ 'shrink-asked-again': 1 });
  });

  it('judges attribute values as it judges groups', async () => {
    const withValues = (...values: string[]): UserInfo => ({ groups: [], authorizations: { region: values } });
    const { ask, counts } = open({}, [withValues(...full), withValues(...quarter)]);
    await ask();
    await ask();
    expect(counts()).to.include({ 'shrink-asked-again': 1 });
  });

  it('does not take a value that moved to another attribute for the same', async () => {
    const { ask, counts } = open({}, [
      { groups: [], authorizations: { region: full } },
      { groups: [], authorizations: { former: full } },
    ]);
    await ask();
    await ask();
    expect(counts()).to.include({ 'shrink-asked-again': 1 });
  });

  it('compares each user with that user', async () => {
    const { ask, source } = open({}, [userIn(...full), userIn()]);
    await ask('ada');
    expect(await ask('bob')).to.deep.equal([]);
    expect(source.calls).to.equal(2);
  });

  it('lets "no such user" through, and compares with what was before it', async () => {
    const { ask, counts } = open({}, [userIn(...full), null, userIn()]);
    await ask();
    expect(await ask()).to.equal(null);
    await ask();
    expect(counts()).to.include({ 'shrink-asked-again': 1 });
  });

  it('remembers no more users than it may', async () => {
    const { ask, source } = open({ maxUsers: 1 }, [userIn(...full), userIn(...full), userIn()]);
    await ask('ada');
    await ask('bob');
    expect(await ask('ada')).to.deep.equal([]);
    expect(source.calls).to.equal(3);
  });

  describe('that asks again', () => {
    it('gives the loss when it comes out the same', async () => {
      const { ask, source } = open({}, [userIn(...full), userIn(...quarter)]);
      await ask();
      expect(await ask()).to.deep.equal(quarter);
      expect(source.calls).to.equal(3);
    });

    it('gives the second answer when that lost nothing', async () => {
      const { ask } = open({}, [userIn(...full), userIn(), userIn(...full)]);
      await ask();
      expect(await ask()).to.deep.equal(full);
    });

    it('believes neither of two losses that differ', async () => {
      const { ask, counts } = open({}, [userIn(...full), userIn('a'), userIn('b'), userIn(...full)]);
      await ask();
      expect(await ask()).to.equal('bad-answer');
      expect(counts()).to.include({ 'shrink-held-back': 1 });
      expect(await ask()).to.deep.equal(full);
    });

    it('gives "no such user" when that is the second answer', async () => {
      const { ask } = open({}, [userIn(...full), userIn(), null]);
      await ask();
      expect(await ask()).to.equal(null);
    });
  });

  describe('that holds back', () => {
    const hold = { action: 'hold-back', holdSeconds: 900 } as const;

    it('refuses the loss until it has come out the same for the time', async () => {
      const { ask, clock, source, counts } = open(hold, [userIn(...full), userIn(...quarter)]);
      await ask();
      expect(await ask()).to.equal('bad-answer');
      clock.advance(899);
      expect(await ask()).to.equal('bad-answer');
      clock.advance(1);
      expect(await ask()).to.deep.equal(quarter);
      expect(source.calls).to.equal(4);
      expect(counts()).to.include({ 'shrink-held-back': 2 });
    });

    it('begins the time anew when the loss is another one', async () => {
      const { ask, clock } = open(hold, [userIn(...full), userIn('a'), userIn('b')]);
      await ask();
      await ask();
      clock.advance(900);
      expect(await ask()).to.equal('bad-answer');
    });

    it('gives a full answer at once, and forgets the loss', async () => {
      const { ask, clock } = open(hold, [userIn(...full), userIn('a'), userIn(...full), userIn('a')]);
      await ask();
      await ask();
      expect(await ask()).to.deep.equal(full);
      clock.advance(900);
      expect(await ask()).to.equal('bad-answer');
    });
  });
});
