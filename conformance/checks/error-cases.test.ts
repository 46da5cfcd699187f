// Tests of the requests that lead to errors, and of the responses that count as errors.
import { expect } from 'chai';
import { NoAnswer } from '../http/no-answer.ts';
import { answer, closed, createFakeContext, endingOf } from '../testing/fake-context.ts';
import { askErrors, everyError, otherErrors, otherPath, usualErrors } from './error-cases.ts';

const { context } = createFakeContext({ options: { knownUsers: ['ada@kit.test'] } });
const at = (url: string) => createFakeContext({ options: { url: new URL(url) } }).context;

describe('the requests that cause errors', () => {
  it('are the usual ones and the additional ones', () => {
    const usual = [{ userids: ['nobody@kit.test'] }, { userids: [] }];
    const others = [
      { userids: [''] },
      { userids: ['ada@kit.test', 'nobody@kit.test'] },
      { userids: [], query: 'userid=ada%40kit.test%00', shown: `userid=\${KNOWN_USER_ENCODED}%00` },
      { userids: ['ada@kit.test'], method: 'PROPFIND' },
      { userids: ['ada@kit.test'], path: '/user-info-kit-no-such-path' },
    ];
    expect(usualErrors(context).map(({ request }) => request)).to.deep.equal(usual);
    expect(otherErrors(context).map(({ request }) => request)).to.deep.equal(others);
    expect(everyError(context).map(({ request }) => request)).to.deep.equal([...usual, ...others]);
  });

  it('have a path next to that of the endpoint, with or without a trailing slash', () => {
    expect(otherPath(at('https://kit.test/a/b/')).request.path).to.equal('/a/b-kit-no-such-path');
    expect(otherPath(at('https://kit.test/')).request.path).to.equal('-kit-no-such-path');
  });
});

describe('askErrors', () => {
  const cases = ['a', 'b', 'c', 'd'].map((asked) => ({ asked, request: { userids: [asked] } }));

  it('returns the responses with status 300 or above', async () => {
    const statuses: Record<string, number> = { a: 200, b: 299, c: 300, d: 500 };
    const fake = createFakeContext({ respond: ({ userids }) => answer(statuses[userids[0] ?? ''] ?? 0) });
    const errors = await askErrors(cases, fake.context);
    expect(errors.map(({ asked, answer: { status } }) => [asked, status])).to.deep.equal([
      ['c', 300],
      ['d', 500],
    ]);
  });

  it('omits closed connections, and throws other failures', async () => {
    const { context: closing } = createFakeContext({ respond: () => closed() });
    expect(await askErrors(cases, closing)).to.deep.equal([]);
    const { context: silent } = createFakeContext({ respond: () => new NoAnswer('timeout', 'ETIMEDOUT') });
    expect(await endingOf(askErrors(cases, silent))).to.equal('no answer: ETIMEDOUT');
  });
});
