// Tests that an operator can correct an answer after its experiment has ended: the experiment is repeated.
import { expect } from 'chai';
import { correction, createOperatorDriver, type Operator } from './operator-driver.ts';
import { accessCheck } from './questions.ts';
import { createPerson, createPersonOperator } from './testing/simulated-person.ts';
import { type SimulatedPlatform, startSimulatedPlatform } from './testing/simulated-platform.ts';

describe('an operator who corrects an answer', () => {
  let platform: SimulatedPlatform;
  beforeEach(async () => {
    platform = await startSimulatedPlatform({ guesses: { contentType: 'json' }, isPlain: true });
  });
  afterEach(() => platform.close());

  it('causes the previous experiment to be repeated before the run continues', async () => {
    const person = createPersonOperator(createPerson(platform.driver));
    const begun: string[] = [];
    const offered: Array<string | null> = [];
    let isCorrected = false;
    const operator: Operator = {
      ...person,
      async act(userid, plan, signal, previous) {
        if (plan.experiment !== accessCheck || isCorrected) return person.act(userid, plan, signal, previous);
        isCorrected = true;
        offered.push(previous);
        return correction;
      },
      async ask(question, userid, plan, previous) {
        const answer = await person.ask(question, userid, plan, previous);
        const isWrong = !isCorrected && plan.experiment === 'text-plain' && question.names.includes('learn-first');
        return isWrong ? 'yes' : answer;
      },
    };
    const driver = createOperatorDriver(operator, platform.endpoint);
    const { profile, left } = await platform.learn({
      ...{ driver, only: new Set(['text-plain', 'removed-group']) },
      onExperiment: (name) => begun.push(name),
    });
    expect(begun).to.deep.equal(['text-plain', 'text-plain', 'removed-group']);
    expect(offered).to.deep.equal(['learn-003: yes']);
    expect(person.said.join()).to.not.include('contradicts');
    expect(left).to.deep.equal([]);
    const { contentType, removalRule } = profile.facts;
    expect(contentType).to.include({ determined: 'answered', value: 'json' });
    expect(contentType?.evidence?.[0]).to.include({ tries: 2, agreeing: 2 });
    expect(removalRule?.value).to.equal('remove');
    expect(profile.run?.control).to.deep.equal({ experiment: 'text-plain', outcome: 'same' });
  });
});
