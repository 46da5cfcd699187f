// Tests facts that an operator can determine with more effort than the REST API: an overriding merge, and the limit of a body.
import { expect } from 'chai';
import { createOperatorDriver, type Operator } from './operator-driver.ts';
import { Unanswered } from './platform-driver.ts';
import { createPerson, createPersonOperator } from './testing/simulated-person.ts';
import { type SimulatedPlatform, startSimulatedPlatform } from './testing/simulated-platform.ts';

describe('the facts from an operator', () => {
  let platform: SimulatedPlatform;
  afterEach(() => platform.close());

  /** @param skipsAfter number of questions about padded-body after which the operator skips it. */
  async function learn(guesses: Readonly<Record<string, unknown>>, only: readonly string[], skipsAfter = Infinity) {
    platform = await startSimulatedPlatform({ guesses, isPlain: true });
    const person = createPersonOperator(createPerson(platform.driver));
    const asked: string[] = [];
    let sizes = 0;
    const operator: Operator = {
      ...person,
      async ask(question, userid, plan, previous) {
        asked.push(...question.names);
        if (plan.experiment === 'padded-body' && ++sizes > skipsAfter)
          throw new Unanswered('The operator skipped the experiment.');
        return person.ask(question, userid, plan, previous);
      },
    };
    const driver = createOperatorDriver(operator, platform.endpoint);
    const { profile } = await platform.learn({ driver, only: new Set(only), seed: 1 });
    return { facts: profile.facts, asked };
  }
  const countProvided = (asked: readonly string[]) => asked.filter((name) => name === 'learn-provided').length;

  it('show that the group of the identity provider is overridden when it returns after a failed response', async () => {
    const { facts, asked } = await learn({ mergeRule: 'override' }, ['merge', 'status-403']);
    expect(facts.mergeRule).to.include({ determined: 'answered', value: 'override' });
    expect(countProvided(asked), 'four tries of merge with the control, and status-403 once').to.equal(4 + 1);
  });

  it('require no question about this group when it is visible', async () => {
    const { facts, asked } = await learn({ mergeRule: 'union' }, ['merge', 'status-403']);
    expect(facts.mergeRule).to.include({ determined: 'answered', value: 'union' });
    expect(countProvided(asked)).to.equal(4);
  });

  it('contain a usual limit of the body exactly, after few questions', async () => {
    const { facts, asked } = await learn({ maxBodyBytes: 100_000 }, ['padded-body']);
    expect(facts.maxBodyBytes).to.include({ determined: 'answered', value: 100_000 });
    expect(asked.filter((name) => name.startsWith('learn-size-')).length).to.be.at.most(11);
  });

  it('contain the known bounds when the operator skips the remaining questions', async () => {
    const { facts } = await learn({ maxBodyBytes: 100_000 }, ['padded-body'], 6);
    const { determined, reason = '' } = facts.maxBodyBytes ?? {};
    expect(determined).to.equal('no');
    const [, low, high] =
      /^The operator skipped the experiment\. The limit is between (\d+) and (\d+) bytes\.$/.exec(reason) ?? [];
    expect(Number(low)).to.be.at.most(100_000);
    expect(Number(high))
      .to.be.greaterThan(100_000)
      .and.lessThan(8 * 1024 * 1024);
  });
});
