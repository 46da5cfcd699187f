// Tests of the builder of the two checks of a refusal: any non-200 status, and a suitable one.
import { expect } from 'chai';
import { NoAnswer } from '../http/no-answer.ts';
import { answer, closed, createFakeContext, endingOf, type FakeOptions, findingOf } from '../testing/fake-context.ts';
import {
  askOrClosed,
  askRefusal,
  assertNoUserInfo,
  type Refusal,
  refusalChecks,
  toSentence,
} from './refusal-checks.ts';

const head = {
  ...({
    title: 'MUST',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-9'],
    impact: 'silently-wrong-access',
  } as const),
};
const refusal: Refusal = {
  refused: { ...head, id: 'kit-refused' },
  status: { ...head, id: 'kit-400' },
  request: 'a name',
  statuses: [400, 422],
  why: 'Why.',
  change: 'compare names',
  needs: ['control'],
  requests: () => [{ userids: ['a'] }, { userids: ['b'] }],
};
const [refused, status] = refusalChecks(refusal);

/** Runs a check against an endpoint where the two names get these responses. */
function run(
  check: typeof refused,
  first: ReturnType<typeof answer> | Error,
  second: ReturnType<typeof answer> | Error,
) {
  const { context } = createFakeContext({ respond: ({ userids }) => (userids[0] === 'a' ? first : second) });
  return check.run(context);
}

describe('toSentence', () => {
  it('begins with a capital letter and ends with a full stop', () => {
    expect(toSentence('compare names')).to.equal('Compare names.');
  });
});

describe('askOrClosed', () => {
  const ask = (respond: NonNullable<FakeOptions['respond']>, control?: () => void) => {
    const { context, controls } = createFakeContext({ respond, ...(control ? { control } : {}) });
    return { came: askOrClosed(context, { userids: ['a'] }), controls };
  };

  it('returns the response', async () => {
    const response = answer(404);
    const { came, controls } = ask(() => response);
    expect(await came).to.equal(response);
    expect(controls()).to.equal(0);
  });

  it('returns null for a closed connection while the control works', async () => {
    const { came, controls } = ask(closed);
    expect(await came).to.equal(null);
    expect(controls()).to.equal(1);
  });

  it('throws the error of the control: an endpoint that has crashed does not refuse', async () => {
    const crash = new NoAnswer('unreachable', 'ECONNREFUSED');
    const { came } = ask(closed, () => {
      throw crash;
    });
    expect(await endingOf(came)).to.equal('no answer: ECONNREFUSED');
  });

  it('throws every other failure', async () => {
    const { came, controls } = ask(() => new NoAnswer('timeout', 'ETIMEDOUT'));
    expect(await endingOf(came)).to.equal('no answer: ETIMEDOUT');
    expect(controls()).to.equal(0);
    const bug = new TypeError('a bug');
    expect(await ask(() => bug).came.catch((error: unknown) => error)).to.equal(bug);
  });
});

describe('askRefusal', () => {
  it('returns the responses to all requests whose connection was not closed', async () => {
    const { context, sent } = createFakeContext({
      respond: ({ userids }) => (userids[0] === 'a' ? closed() : answer(404)),
    });
    expect((await askRefusal(refusal, context)).map((each) => each.status)).to.deep.equal([404]);
    expect(sent).to.deep.equal([{ userids: ['a'] }, { userids: ['b'] }]);
  });
});

describe('refusalChecks', () => {
  it('have only the parts of a check', () => {
    expect(refused)
      .to.include({ id: 'kit-refused', why: 'Why.' })
      .and.to.not.have.any.keys('auth', 'requests', 'statuses');
    expect(refused.fix).to.deep.equal([{ stack: 'any', text: 'Compare names.' }]);
    expect(refused.needs).to.deep.equal(['control']);
    expect(status).to.include({ id: 'kit-400' }).and.to.not.have.any.keys('auth', 'requests', 'statuses');
    expect(status.fix).to.have.length(1);
    expect(status.fix[0]?.text).to.match(/^Respond with 400, /);
    const [withMore, statusOfMore] = refusalChecks({
      ...refusal,
      auth: ['basic'],
      fix: [{ stack: 'go', text: 'Use ==.' }],
    });
    expect(withMore.fix.map(({ stack }) => stack)).to.deep.equal(['any', 'go']);
    expect(withMore.auth).to.deep.equal(['basic']);
    expect(statusOfMore.auth).to.deep.equal(['basic']);
  });

  it('pass for suitable statuses and closed connections', async () => {
    for (const check of [refused, status]) {
      expect(await endingOf(run(check, answer(400), answer(422)))).to.equal('passed');
      expect(await endingOf(run(check, closed(), answer(400)))).to.equal('passed');
    }
  });

  it('find a 200 even for the last request, and do not evaluate its status', async () => {
    const finding = await findingOf(run(refused, answer(400), answer(200, {})));
    expect(finding.seen).to.equal('status 200 with application/json: an empty object or array without user info');
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(run(status, answer(500), answer(200)))).to.equal(
      'untestable: The request was not refused: see kit-refused.',
    );
  });

  it('find an unsuitable status even for the last request', async () => {
    expect(await endingOf(run(refused, answer(400), answer(500)))).to.equal('passed');
    const finding = await findingOf(run(status, answer(400), answer(500, 'x')));
    expect(finding).to.include({
      expected: 'status 400 or 422, or a closed connection',
      seen: 'status 500 with application/json',
    });
    expect(finding.answers).to.have.length(1);
  });
});

describe('assertNoUserInfo', () => {
  const find = (body: unknown, code = 404) => {
    const { context } = createFakeContext({
      respond: ({ userids }) => (userids[0] === 'a' ? answer(404, {}) : answer(code, body)),
    });
    return assertNoUserInfo([refusal], context);
  };

  it('finds a key of user info in any response, and needs a refusal', async () => {
    expect(await endingOf(find({ error: 'no' }))).to.equal('passed');
    const finding = await findingOf(find({ groups: [] }));
    expect(finding.seen).to.equal('status 404 with application/json, and a body with such a key');
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(find({ groups: [] }, 200))).to.equal(
      'untestable: The request was not refused: see kit-refused.',
    );
  });
});
