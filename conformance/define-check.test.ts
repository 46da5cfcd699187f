// Tests of custom checks: required parts of a definition, the resulting check, and how failures of other libraries are reported.
import { AssertionError, expect } from 'chai';
import type { Topic } from './check.ts';
import { Untestable } from './check-endings.ts';
import {
  type CheckDefinition,
  checkKit,
  defineCheck,
  findCustomCheckFaults,
  readUserInfo,
  withCustomChecks,
} from './define-check.ts';
import { assertConforms } from './report/finding.ts';
import { answer, createFakeContext, userInfo } from './testing/fake-context.ts';

const good: CheckDefinition = {
  ...({ id: 'kit-rule-1', title: 'MUST hold', level: 'MUST', why: 'Why.', fix: 'Fix it.' } as const),
  run: async () => undefined,
};
const { context } = createFakeContext({});

describe('defineCheck', () => {
  it('has a default impact and default needs, and belongs to the custom rule set', () => {
    const { run: _run, ...data } = defineCheck(good);
    expect(data).to.deep.equal({
      ...{ id: 'kit-rule-1', title: 'MUST hold', level: 'MUST', ruleSet: 'custom', clauses: [], impact: 'cosmetic' },
      ...{ why: 'Why.', needs: ['known-user'], fix: [{ stack: 'any', text: 'Fix it.' }] },
    });
    const own = defineCheck({ ...good, impact: 'refused', needs: ['control'], auth: ['basic'] });
    expect(own).to.deep.include({ impact: 'refused', needs: ['control'], auth: ['basic'] });
  });

  const wrong: readonly (readonly [change: object, fault: string])[] = [
    ...['', 'Kit', '1a', 'a--b', 'a-', '-a', 'a b', 'a_b', 'a-b!', '!a'].map(
      (id) => [{ id }, 'id must be lower-case words joined by hyphens'] as const,
    ),
    [{ level: 'WILL' }, 'level must be MUST, SHOULD or MAY'],
    [{ title: 'MUSTARD' }, 'title must begin with MUST'],
    [{ level: 'MAY' }, 'title must begin with MAY'],
    [{ title: undefined }, 'title must begin with MUST'],
    [{ why: '' }, 'why must not be empty'],
    [{ why: 7 }, 'why must not be empty'],
    [{ fix: '' }, 'fix must not be empty'],
    [{ fix: [] }, 'fix must not be empty'],
    [{ run: 'x' }, 'run must be a function'],
  ];
  for (const [change, fault] of wrong) {
    it(`rejects ${JSON.stringify(change)}`, () => {
      const definition = { ...good, ...change } as CheckDefinition;
      expect(() => defineCheck(definition)).to.throw(
        TypeError,
        `The check ${JSON.stringify(definition.id)}: ${fault}.`,
      );
    });
  }

  it('lists all errors', () => {
    const definition = { ...good, why: '', fix: '' };
    expect(() => defineCheck(definition)).to.throw('why must not be empty; fix must not be empty.');
  });

  it('accepts every level, and ids of one word', () => {
    for (const level of ['MUST', 'SHOULD', 'MAY'] as const)
      expect(defineCheck({ ...good, id: 'a1', level, title: `${level} hold` }).level).to.equal(level);
  });
});

describe('the run of a custom check', () => {
  const failureOf = async (error: unknown) => {
    const check = defineCheck({ ...good, run: () => Promise.reject(error) });
    return check.run(context).then(
      () => null,
      (thrown: unknown) => thrown,
    );
  };

  it('receives the context', async () => {
    const seen: unknown[] = [];
    await defineCheck({ ...good, run: async (given) => void seen.push(given) }).run(context);
    expect(seen).to.deep.equal([context]);
  });

  it('turns the assertion error of another library into an error of the kit, with its first line', async () => {
    const foreign = Object.assign(new Error('Not equal\n+ secret'), { name: 'AssertionError [ERR_ASSERTION]' });
    const failure = await failureOf(foreign);
    expect(failure).to.be.instanceOf(AssertionError).with.property('message', 'Not equal');
  });

  it('passes on every other failure unchanged', async () => {
    const own = new AssertionError('Seen\nmore');
    const others = [own, new Untestable('why'), new TypeError('a bug'), 'AssertionError', { name: 'AssertionError' }];
    for (const error of others) expect(await failureOf(error)).to.equal(error);
  });
});

describe('readUserInfo', () => {
  it('returns the user info of a 200, including additional keys', () => {
    const value = { ...userInfo('a'), more: 1 };
    expect(readUserInfo(answer(200, value))).to.deep.equal(value);
  });

  it('is untestable for any other response', () => {
    for (const response of [answer(404, userInfo('a')), answer(200, 'x'), answer(200, { groups: null })])
      expect(() => readUserInfo(response)).to.throw(Untestable, 'A known user did not get a 200 with valid user info');
  });
});

describe('the custom checks of a run', () => {
  const check = defineCheck(good);
  const topics: readonly Topic[] = [{ title: 'Kit', checks: [{ ...check, id: 'known-user-200' }] }];

  it('come after the checks of the kit, under their own title', () => {
    expect(withCustomChecks(topics)).to.equal(topics);
    expect(withCustomChecks(topics, [])).to.equal(topics);
    expect(withCustomChecks(topics, [check])).to.deep.equal([...topics, { title: 'Custom checks', checks: [check] }]);
  });

  it('have unique ids', () => {
    const named = (id: string) => ({ ...check, id });
    expect(findCustomCheckFaults(topics)).to.deep.equal([]);
    expect(findCustomCheckFaults(topics, [named('a'), named('b')])).to.deep.equal([]);
    expect(findCustomCheckFaults(topics, [named('known-user-200'), named('b'), named('b')])).to.deep.equal([
      'The custom check known-user-200 has the same id as a check of the kit. Choose another id.',
      'Two custom checks have the id b. Ids must be unique.',
    ]);
  });

  it('can use the helpers of the kit', () => {
    expect(checkKit).to.deep.equal({ defineCheck, assertConforms, readUserInfo, Untestable });
  });
});
