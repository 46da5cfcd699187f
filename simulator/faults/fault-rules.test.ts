// Tests of the syntax of faults, and that the seed and the users determine which fault affects which request.
import { expect } from 'chai';
import { createFaultPlan } from './fault-plan.ts';
import { FaultRuleError, type Faults, parseFaultRules, writeFaultRules } from './fault-rules.ts';

describe('faults', () => {
  it('are read and written, with the options after the colon', () => {
    const rules = parseFaultRules('reset=0.5%, delay=5%:200ms,5xx=2%');
    expect(rules).to.deep.equal([
      { kind: 'reset', percent: 0.5, size: 0 },
      { kind: 'delay', percent: 5, size: 200 },
      { kind: '5xx', percent: 2, size: 10 },
    ]);
    expect(writeFaultRules(rules)).to.equal('reset=0.5%,delay=5%:200ms,5xx=2%:10');
    expect(parseFaultRules(writeFaultRules(rules))).to.deep.equal(rules);
  });

  const refused: Readonly<Record<string, RegExp>> = {
    '': /"" is not a fault. Use KIND=PERCENT%/,
    'reset=1': /"reset=1" is not a fault/,
    'rest=1%': /unknown fault "rest"; did you mean "reset"\?/,
    'reset=101%': /exceeds 100%/,
    'reset=1%,reset=2%': /reset occurs twice/,
    'reset=1%:5ms': /reset takes only a percentage/,
    'delay=1%:5s': /delay takes a duration in ms/,
    'delay=1%:5': /delay takes a duration in ms/,
    'delay=1%:0ms': /delay takes a number from 1 to/,
    '5xx=1%:5ms': /5xx takes a number of users/,
  };
  for (const [text, words] of Object.entries(refused)) {
    it(`are rejected as "${text}"`, () => {
      expect(() => parseFaultRules(text)).to.throw(FaultRuleError, words);
    });
  }

  const userids = Array.from({ length: 4000 }, (_, index) => `user${index}`);
  const draw = (text: string, seed: number) => {
    const faults: Faults = { rules: parseFaultRules(text), seed };
    const plan = createFaultPlan(faults);
    return userids.map((userid) => plan(userid)(0)?.kind ?? null);
  };

  it('are the same for the same seed, and different for another seed', () => {
    expect(draw('reset=5%,5xx=10%:8', 7)).to.deep.equal(draw('reset=5%,5xx=10%:8', 7));
    expect(draw('reset=5%,5xx=10%:8', 7)).not.to.deep.equal(draw('reset=5%,5xx=10%:8', 8));
  });

  it('affect the configured percentage of requests, none at 0 and all at 100', () => {
    const share = (text: string) => draw(text, 7).filter((kind) => kind !== null).length / userids.length;
    expect(share('reset=5%')).to.be.within(0.04, 0.06);
    expect(share('5xx=10%:8')).to.be.within(0.07, 0.13);
    expect([share('reset=0%,5xx=0%'), share('reset=100%'), share('5xx=100%:20')]).to.deep.equal([0, 1, 1]);
  });

  it('affect at least the configured number of consecutive users with a 5xx on all attempts', () => {
    const kinds = draw('5xx=4%:8', 7).map((kind) => (kind === null ? '.' : 'x'));
    const bursts = kinds.join('').match(/x+/g) ?? [];
    // The end of the list may truncate the last burst.
    expect(Math.min(...bursts.slice(0, -1).map(({ length }) => length))).to.equal(8);
    const plan = createFaultPlan({ rules: parseFaultRules('5xx=4%:8'), seed: 7 });
    const attempts = userids.map((userid) => {
      const faultOf = plan(userid);
      return [0, 1, 2].map((attempt) => faultOf(attempt) !== null);
    });
    expect(attempts.filter(([first, ...others]) => others.some((other) => other !== first))).to.deep.equal([]);
  });

  it('are drawn again for each attempt, so that retries can succeed', () => {
    const plan = createFaultPlan({ rules: parseFaultRules('reset=50%'), seed: 7 });
    const overcome = userids.filter((userid) => {
      const faultOf = plan(userid);
      return faultOf(0) !== null && faultOf(1) === null;
    });
    expect(overcome.length / userids.length).to.be.within(0.2, 0.3);
  });
});
