// Tests of the assertion that a refusal contains no user info.
import { expect } from 'chai';
import { answer, closed, createFakeContext, endingOf, findingOf, userInfo } from '../testing/fake-context.ts';
import { assertNothingDisclosed, disclosure } from './disclosure.ts';
import type { Refusal } from './refusal-checks.ts';

const head = {
  title: 'MUST',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-13'],
  impact: 'information-leak',
} as const;
const refusal = (id: string, ...names: readonly string[]): Refusal => ({
  refused: { ...head, id },
  status: { ...head, id: `${id}-401` },
  ...{ request: id, statuses: [401], why: 'Why.', change: 'refuse it', needs: ['control'] as const },
  requests: () => names.map((name) => ({ userids: [name] })),
});
const refusals = [refusal('first', 'a'), refusal('second', 'b', 'c')];

/** Asserts it where "c" gets this response, and every other name a 401. */
const assertAt = (response: ReturnType<typeof answer> | Error) => {
  const { context, sent } = createFakeContext({
    respond: ({ userids }) => (userids[0] === 'c' ? response : answer(401, { groups: [], authorizations: {} })),
  });
  return { asserted: assertNothingDisclosed(refusals, context), sent };
};

describe('assertNothingDisclosed', () => {
  it('sends every request, and passes when the refusals contain no user info', async () => {
    const { asserted, sent } = assertAt(answer(401, { error: 'no' }));
    expect(await endingOf(asserted)).to.equal('passed');
    expect(sent.map(({ userids }) => userids[0])).to.deep.equal(['a', 'b', 'c']);
    expect(await endingOf(assertAt(closed()).asserted)).to.equal('passed');
  });

  it('finds user info in any refusal', async () => {
    const finding = await findingOf(assertAt(answer(401, userInfo('a'))).asserted);
    expect(finding).to.include({
      asked: 'second',
      seen: 'status 401 with application/json, and a body that contains user info',
    });
    expect(`${finding.change.charAt(0).toUpperCase()}${finding.change.slice(1)}.`).to.equal(disclosure.fix[0].text);
    expect(finding.answers).to.have.length(1);
  });

  it('is untestable when a request is not refused', async () => {
    expect(await endingOf(assertAt(answer(200)).asserted)).to.equal(
      'untestable: The request was not refused: see second.',
    );
  });
});
