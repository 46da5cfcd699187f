// Tests the data of the experiments: that it conforms to the schema, and to rules that the schema cannot express.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { readSchema } from '../../schemas/read-schema.ts';
import { experimentNames } from './experiment-order.ts';
import { experiments, measurements, parseExperiments } from './experiments.ts';
import { provided } from './test-users.ts';
import { isResponseName } from './variants.ts';

const text = readFileSync(new URL('experiments.yaml', import.meta.url), 'utf8');

interface Setting {
  readonly type?: string;
  readonly enum?: readonly string[];
}
const { $defs } = readSchema('iam-settings.schema.json') as {
  readonly $defs: { readonly guesses: { readonly properties: Readonly<Record<string, Setting>> } };
};

describe('the experiments', () => {
  it('are read from experiments.yaml, with the measurements at the end', () => {
    expect(experimentNames.slice(0, 2)).to.deep.equal(['space-in-userid', 'letter-case']);
    expect(experimentNames.slice(-3)).to.deep.equal(['no-response', 'repeats', 'padded-body']);
    expect(parseExperiments(text)).to.deep.equal(parseExperiments(stringify(parseExperiments(text))));
  });

  for (const [what, wrong, message] of [
    [
      'an unknown key',
      text.replace('mayFail: true', 'mayfail: true'),
      'experiments[8].steps[0].mayfail: unknown option',
    ],
    ['an unknown assumption', text.replace('assumption: spaceAs', 'assumption: spaceIs'), 'did you mean "spaceAs"?'],
    ['an observation without a step', text.replace('{ step: 0, spaceAs:', '{ spaceAs:'), '.when[0].step: is missing'],
    [
      'a measurement without code',
      text.replace('measuredBy: repeats', 'measuredBy: retries'),
      'must be one of time-limit',
    ],
    [
      'an unusual response with an unknown property',
      text.replace('cutsBody: true', 'cutBody: true'),
      'did you mean "cutsBody"?',
    ],
    ['an experiment without a question', text.replace(/ {4}question: .*\n/, ''), 'experiments[0].question: is missing'],
  ] as const) {
    it(`are rejected with ${what}`, () => {
      expect(wrong).to.not.equal(text);
      expect(() => parseExperiments(wrong))
        .to.throw(`experiments.yaml: `)
        .with.property('message')
        .that.includes(message);
    });
  }

  it('have unique names', () => {
    expect(experimentNames).to.have.length(experiments.length + measurements.length);
  });

  it('refer only to their own steps', () => {
    for (const { id, steps, requires = [], reads } of experiments) {
      const sights = [...requires, ...reads.flatMap(({ outcomes }) => outcomes.flatMap(({ when }) => when))];
      expect(sights.length, id).to.be.greaterThan(0);
      for (const { step } of sights) expect(step, id).to.be.lessThan(steps.length);
    }
  });

  it("can determine exactly the values that the simulator's setting allows", () => {
    const stated = new Map<string, Set<unknown>>();
    for (const { assumption, outcomes } of experiments.flatMap(({ reads }) => reads)) {
      if (isResponseName(assumption)) continue;
      const values = stated.get(assumption) ?? new Set();
      stated.set(assumption, values);
      for (const { value } of outcomes) if (value !== null) values.add(value);
    }
    expect(stated.size).to.be.greaterThan(8);
    for (const [assumption, values] of stated) {
      const setting = $defs.guesses.properties[assumption];
      expect([...values], assumption).to.have.members([...(setting?.enum ?? [true, false])]);
    }
  });

  it('contain a reason for each outcome without a value', () => {
    for (const { id, reads } of experiments) {
      for (const { outcomes, reasonForNull = '' } of reads) {
        const saysNothing = outcomes.some(({ value }) => value === null);
        expect(reasonForNull !== '', id).to.equal(saysNothing);
      }
    }
  });

  it('use the group and the attributes of the user list', () => {
    const merge = JSON.stringify(experiments.find(({ id }) => id === 'merge'));
    expect(merge).to.include(`"${provided.group}"`);
    for (const [name, value] of provided.attributes) {
      expect(merge).to.include(`"${name}":`);
      expect(merge).to.include(`${name.toLowerCase()}=${value}`);
    }
  });
});
