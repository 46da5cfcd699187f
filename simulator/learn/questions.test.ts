// Tests which closed questions the experiments need, and their wording.
import { expect } from 'chai';
import type { Sight } from '../../schemas/generated/learn-experiments.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { experiments } from './experiments.ts';
import { choicesOf, findQuestions, wordQuestion } from './questions.ts';

const all = () => true;

function ask(id: string, step: number, isPossible: (when: readonly Sight[]) => boolean = all): string[] {
  const experiment = experiments.find((one) => one.id === id);
  if (experiment === undefined) throw new Error(`there is no experiment ${id}`);
  return findQuestions(experiment, step, isPossible).map((question) => wordQuestion(question, 'learn-7'));
}

describe('the questions to an operator', () => {
  it('are about the groups and values that distinguish the outcomes', () => {
    expect(ask('text-plain', 0)).to.deep.equal(['Does learn-7 have the group learn-first?']);
    expect(ask('text-plain', 1)).to.deep.equal(['Does learn-7 have the group learn-second?']);
    expect(ask('removed-group', 1)).to.deep.equal([
      'Does learn-7 have all of these: group learn-first, group learn-third, value one of the attribute learnkept?',
      'Does learn-7 have the group learn-second?',
      'Does learn-7 have the value two of the attribute learnkept?',
    ]);
  });

  it('ask for the spelling of a name, without asking for the name itself', () => {
    expect(ask('letter-case', 0)).to.deep.equal([
      'How does the platform spell the group of learn-7?',
      'How does the platform spell the attribute of learn-7?',
    ]);
  });

  it('omit the facts that previous steps have determined', () => {
    const isEnabled = (when: readonly Sight[]) => when.every(({ step, user }) => step !== 0 || user === 'enabled');
    const isDisabled = (when: readonly Sight[]) => when.every(({ step, user }) => step !== 0 || user === 'disabled');
    const group = 'Does learn-7 have the group learn-first?';
    const state = 'Which state does the platform show for learn-7?';
    expect(ask('not-found', 0)).to.deep.equal([state]);
    expect(ask('not-found', 1, isEnabled)).to.deep.equal([group]);
    expect(ask('not-found', 1, isDisabled)).to.deep.equal([group, state]);
    expect(ask('not-found', 2, isDisabled)).to.deep.equal([state, group]);
  });

  it('omit the facts that the endpoint measures', () => {
    expect(ask('space-in-userid', 0)).to.deep.equal([]);
    const ended = 'Does the platform show that the sync of learn-7 has ended?';
    expect([...ask('redirect', 0), ...ask('redirect', 1)]).to.deep.equal([ended]);
    expect(ask('untrusted-certificate', 0)).to.deep.equal([ended]);
  });

  it('may concern any test user between the experiments', () => {
    const text = wordQuestion({ kind: 'any-disabled', names: [] }, '');
    expect(text).to.equal('Does the platform show any test user as disabled?');
  });

  it('offer 2 to 4 choices each', () => {
    const questions = experiments.flatMap((one) => one.steps.flatMap((_, step) => findQuestions(one, step, all)));
    expect(questions).to.have.length.greaterThan(30);
    for (const question of questions) expect(choicesOf(question).length, question.kind).to.be.within(2, 4);
  });

  it('can be answered from a file for each experiment that has questions', () => {
    const { experiments: answered } = readSchema('learn-answers.schema.json').properties as Record<
      string,
      { readonly propertyNames: { readonly enum: readonly string[] } }
    >;
    const asking = experiments.filter(({ reads }) => reads.some(({ source }) => source === 'shown'));
    expect(answered?.propertyNames.enum).to.have.members(asking.map(({ id }) => id));
  });
});
