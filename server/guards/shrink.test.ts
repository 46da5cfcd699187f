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
  /** @param answers the source's answers, in order; the last one is repeated. */
  function open(config: Partial<ShrinkConfig>, answers: ReadonlyArray<UserInfo | null>) {
    const clock = createStillClock();
    const { tally, counts } = createSurroundings();
    const waiting = [...answers];
    const source = createAnsweringSource(() => (waiting.length > 1 ? waiting.shift() : waiting[0]) ?? null);
    const whole: ShrinkConfig = {
      maxLossPercent: 50,
      action: 'ask-again',
      holdSeconds: 900,
      maxUsers: 1000,
      ...config,
    };
    const guarded = withShrinkGuard(source, whole, tally, clock.now);
    return { clock, counts, source, ask: (userid = 'ada') => outcomeOf(guarded.findUser(userid, neverAborted())) };
  }

  it('returns user info that lost at most maxLossPercent, and remembers it', async () => {
    const { ask, source } = open({}, [userIn(...full), userIn(...half), userIn()]);
    expect([await ask(), await ask(), await ask()]).to.deep.equal([full, half, []]);
    expect(source.calls).to.equal(3);
  });

  it('counts missing names, not the difference between the totals', async () => {
    const { ask, counts } = open({}, [userIn(...full), userIn('a', 'x', 'y', 'z')]);
    await ask();
    expect(await ask()).to.deep.equal(['a', 'x', 'y', 'z']);
    expect(counts()).to.include({ 'shrink-asked-again': 1 });
  });

  it('counts attribute values in the same way as groups', async () => {
    const withValues = (...values: string[]): UserInfo => ({ groups: [], authorizations: { region: values } });
    const { ask, counts } = open({}, [withValues(...full), withValues(...quarter)]);
    await ask();
    await ask();
    expect(counts()).to.include({ 'shrink-asked-again': 1 });
  });

  it('counts a value that moved to another attribute as lost', async () => {
    const { ask, counts } = open({}, [
      { groups: [], authorizations: { region: full } },
      { groups: [], authorizations: { former: full } },
    ]);
    await ask();
    await ask();
    expect(counts()).to.include({ 'shrink-asked-again': 1 });
  });

  it('compares each user only with that user', async () => {
    const { ask, source } = open({}, [userIn(...full), userIn()]);
    await ask('ada');
    expect(await ask('bob')).to.deep.equal([]);
    expect(source.calls).to.equal(2);
  });

  it('passes on "no such user", and compares later results with the result before it', async () => {
    const { ask, counts } = open({}, [userIn(...full), null, userIn()]);
    await ask();
    expect(await ask()).to.equal(null);
    await ask();
    expect(counts()).to.include({ 'shrink-asked-again': 1 });
  });

  it('remembers at most maxUsers users', async () => {
    const { ask, source } = open({ maxUsers: 1 }, [userIn(...full), userIn(...full), userIn()]);
    await ask('ada');
    await ask('bob');
    expect(await ask('ada')).to.deep.equal([]);
    expect(source.calls).to.equal(3);
  });

  describe('with the action ask-again', () => {
    it('returns the loss when the second lookup confirms it', async () => {
      const { ask, source } = open({}, [userIn(...full), userIn(...quarter)]);
      await ask();
      expect(await ask()).to.deep.equal(quarter);
      expect(source.calls).to.equal(3);
    });

    it('returns the second result when it has no loss', async () => {
      const { ask } = open({}, [userIn(...full), userIn(), userIn(...full)]);
      await ask();
      expect(await ask()).to.deep.equal(full);
    });

    it('rejects two different losses', async () => {
      const { ask, counts } = open({}, [userIn(...full), userIn('a'), userIn('b'), userIn(...full)]);
      await ask();
      expect(await ask()).to.equal('bad-answer');
      expect(counts()).to.include({ 'shrink-held-back': 1 });
      expect(await ask()).to.deep.equal(full);
    });

    it('returns "no such user" when it is the second result', async () => {
      const { ask } = open({}, [userIn(...full), userIn(), null]);
      await ask();
      expect(await ask()).to.equal(null);
    });
  });

  describe('with the action hold-back', () => {
    const hold = { action: 'hold-back', holdSeconds: 900 } as const;

    it('rejects the loss until it has been the same for holdSeconds', async () => {
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

    it('restarts holdSeconds when the loss changes', async () => {
      const { ask, clock } = open(hold, [userIn(...full), userIn('a'), userIn('b')]);
      await ask();
      await ask();
      clock.advance(900);
      expect(await ask()).to.equal('bad-answer');
    });

    it('returns a result without a loss immediately, and forgets the earlier loss', async () => {
      const { ask, clock } = open(hold, [userIn(...full), userIn('a'), userIn(...full), userIn('a')]);
      await ask();
      await ask();
      expect(await ask()).to.deep.equal(full);
      clock.advance(900);
      expect(await ask()).to.equal('bad-answer');
    });
  });
});
