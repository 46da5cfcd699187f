// Tests of the checks of the response for a known user: status, caching and Accept.
import { expect } from 'chai';
import { NoAnswer } from '../http/no-answer.ts';
import {
  answer,
  checkOf,
  closed,
  createFakeContext,
  endingOf,
  type FakeOptions,
  findingOf,
  userInfo,
} from '../testing/fake-context.ts';
import { knownUser } from './known-user.ts';

type Response = ReturnType<typeof answer> | Error;

function run(id: string, respond: NonNullable<FakeOptions['respond']>, knownUsers: readonly string[] = ['ada', 'bob']) {
  const created = createFakeContext({ respond, options: { knownUsers } });
  return { ...created, ended: checkOf(knownUser, id).run(created.context) };
}

describe('known-user-200', () => {
  /** Runs the check against an endpoint where the second user gets this response. */
  const second = (response: Response) =>
    run('known-user-200', ({ userids }) => (userids[0] === 'bob' ? response : answer(200)));

  const redirects = [300, 302, 399];
  const refusals = [204, 299, 304, 400, 404, 500];
  for (const status of [...redirects, ...refusals]) {
    const isRedirect = redirects.includes(status);
    it(`${isRedirect ? 'advises' : 'does not advise'} against redirecting for a ${status}`, async () => {
      const finding = await findingOf(second(answer(status)).ended);
      expect(finding.change.includes('instead of redirecting')).to.equal(isRedirect);
      expect(finding.seen).to.equal(`status ${status} without a body`);
      expect(finding.asked).to.match(/^the second known user/);
      expect(finding.answers).to.have.length(1);
    });
  }

  it('finds a missing response, unless the endpoint is unreachable', async () => {
    const finding = await findingOf(second(closed()).ended);
    expect(finding.seen).to.equal('no response (ECONNRESET)');
    expect(finding.change).to.include('check that the user exists');
    expect(finding).to.not.have.property('answers');
    expect(await endingOf(second(new NoAnswer('unreachable', 'ECONNREFUSED')).ended)).to.equal(
      'no answer: ECONNREFUSED',
    );
    expect(await endingOf(second(answer(200)).ended)).to.equal('passed');
  });
});

describe('the checks of caching', () => {
  const end = (id: string, value: string | null) =>
    endingOf(
      run(id, () =>
        answer(200, '', { isTruncated: true, rawHeaders: value === null ? [] : [['Cache-Control', value]] }),
      ).ended,
    );

  it('find a directive that allows shared caches to store the response', async () => {
    const id = 'known-user-caching-not-asked-for';
    expect(await end(id, 'public')).to.equal('violated: a Cache-Control header with public, s-maxage or max-age');
    expect(await end(id, 'private')).to.equal('passed');
    expect(await end(id, null)).to.equal('passed');
  });

  it('require no-store', async () => {
    const id = 'known-user-no-store';
    expect(await end(id, 'private, no-store')).to.equal('passed');
    expect(await end(id, null)).to.equal('violated: no such header');
    expect(await end(id, 'private')).to.equal('violated: a Cache-Control header without no-store');
    expect(await end(id, 'public')).to.equal(
      'untestable: Caches are allowed to store the response: see known-user-caching-not-asked-for.',
    );
  });
});

describe('any-accept-json', () => {
  const id = 'any-accept-json';
  const typed = (type: string, status = 200) => answer(status, userInfo('a'), { rawHeaders: [['Content-Type', type]] });
  const any = (response: Response) => run(id, ({ headers }) => (headers ? response : typed('application/json')));

  it('requests any media type, and requires a 200 with the same content type as before', async () => {
    const { ended, sent } = any(typed('Application/JSON; charset=utf-8'));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([{ userids: ['ada'] }, { userids: ['ada'], headers: [['Accept', '*/*']] }]);
    const finding = await findingOf(any(typed('text/html')).ended);
    expect(finding).to.include({
      expected: 'status 200 with application/json, as for Accept: application/json',
      seen: 'status 200 with text/html',
    });
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(any(typed('application/json', 406)).ended)).to.equal(
      'violated: status 406 with application/json',
    );
  });
});
