// Tests of the builder of checks that evaluate known users' 200 responses.
import { expect } from 'chai';
import { Untestable } from '../check-endings.ts';
import { NoAnswer } from '../http/no-answer.ts';
import { answer, closed, createFakeContext, endingOf, findingOf } from '../testing/fake-context.ts';
import { askAnsweredUsers, askKnownUsers, bodyCheck } from './body-check.ts';

type Response = ReturnType<typeof answer> | Error;

/** Creates the context of a run in which the known users get these responses in turn. */
function contextOf(...responses: readonly Response[]) {
  const knownUsers = responses.map((_each, index) => `user ${index + 1}`);
  const respond = ({ userids: [userid = ''] }: { userids: readonly string[] }) =>
    responses[knownUsers.indexOf(userid)] ?? answer(500);
  return createFakeContext({ respond, options: { knownUsers } });
}

const rule = {
  ...({ id: 'kit-body', title: 'MUST', ruleSet: 'contract', level: 'MUST', clauses: ['C-5'] } as const),
  ...({ impact: 'refused', why: 'Why.' } as const),
  fix: [{ stack: 'go' as const, text: 'Use ==.' }],
  ...{ expected: 'a good body', change: 'write it well' },
};
/** A check that the body is neither "bad" nor "odd"; it cannot evaluate "unclear". */
const check = bodyCheck({
  ...rule,
  findFault({ body }) {
    if (String(body) === 'unclear') throw new Untestable('unclear');
    if (String(body) === 'broken') throw new TypeError('a bug');
    if (String(body) === 'odd') return { seen: 'an odd body', change: 'write it otherwise' };
    return String(body) === 'bad' ? { seen: 'a bad body' } : null;
  },
});
const run = (...responses: readonly Response[]) => check.run(contextOf(...responses).context);
const truncated = answer(200, 'bad', { isTruncated: true });

describe('askKnownUsers', () => {
  it('names the users by their position, and returns the response for each', async () => {
    const timeout = new NoAnswer('timeout', 'ETIMEDOUT');
    const { context, sent } = contextOf(answer(200), timeout, answer(404), answer(200));
    const exchanges = await askKnownUsers(context);
    expect(exchanges.map(({ asked }) => asked.split(',')[0])).to.deep.equal([
      'a known user',
      'the second known user',
      'known user 3',
      'known user 4',
    ]);
    expect(exchanges[1]).to.include({ userid: 'user 2', came: timeout });
    expect(sent.map(({ userids }) => userids[0])).to.deep.equal(['user 1', 'user 2', 'user 3', 'user 4']);
  });

  it('throws when the endpoint is unreachable', async () => {
    const { context } = contextOf(answer(200), new NoAnswer('unreachable', 'ECONNREFUSED'));
    expect(await endingOf(askKnownUsers(context))).to.equal('no answer: ECONNREFUSED');
    const bug = new TypeError('a bug');
    expect(await askKnownUsers(contextOf(bug).context).catch((error: unknown) => error)).to.equal(bug);
  });
});

describe('askAnsweredUsers', () => {
  it('returns the 200s', async () => {
    const { context } = contextOf(answer(404), answer(200), closed());
    const answered = await askAnsweredUsers(context);
    expect(answered.map(({ userid, answer: { status } }) => [userid, status])).to.deep.equal([['user 2', 200]]);
  });

  it('throws the first failure when no user got a 200, or is untestable when every user got a response', async () => {
    expect(await endingOf(askAnsweredUsers(contextOf(answer(404), closed()).context))).to.equal(
      'no answer: ECONNRESET',
    );
    expect(await endingOf(askAnsweredUsers(contextOf(answer(404)).context))).to.equal(
      'untestable: No known user got a 200: see known-user-200.',
    );
  });
});

describe('bodyCheck', () => {
  it('puts its own advice first, needs a known user, and has no parts of the rule', () => {
    expect(check.fix).to.deep.equal([
      { stack: 'any', text: 'Write it well.' },
      { stack: 'go', text: 'Use ==.' },
    ]);
    expect(check.needs).to.deep.equal(['known-user']);
    expect(check).to.not.have.any.keys('expected', 'change', 'findFault');
  });

  it('passes when no 200 has an error, whatever the other responses contain', async () => {
    expect(await endingOf(run(answer(200, 'good'), answer(404, 'bad')))).to.equal('passed');
  });

  it('finds an error in the response for any user, with the advice of the rule or of the error', async () => {
    const bad = await findingOf(run(answer(200, 'good'), answer(200, 'bad')));
    expect(bad).to.deep.include({ expected: 'a good body', seen: 'a bad body', change: 'write it well' });
    expect(bad.asked).to.match(/^the second known user/);
    expect(bad.answers).to.have.length(1);
    expect(await findingOf(run(answer(200, 'odd')))).to.include({ change: 'write it otherwise' });
  });

  it('finds an error after a response that cannot be evaluated, and is untestable without one', async () => {
    expect(await endingOf(run(answer(200, 'unclear'), answer(200, 'bad')))).to.equal('violated: a bad body');
    expect(await endingOf(run(answer(200, 'unclear'), answer(200, 'good')))).to.equal('untestable: unclear');
    const failure = await run(answer(200, 'broken'), answer(200, 'bad')).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(TypeError);
  });

  it('excludes truncated responses unless the rule includes them', async () => {
    expect(await endingOf(run(truncated, answer(200, 'good')))).to.equal('passed');
    expect(await endingOf(run(truncated))).to.equal('untestable: The response was truncated: see known-user-whole.');
    const taking = bodyCheck({ ...rule, takesTruncated: true, findFault: () => ({ seen: 'a fault' }) });
    expect(await endingOf(taking.run(contextOf(truncated).context))).to.equal('violated: a fault');
  });
});
