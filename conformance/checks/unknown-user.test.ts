// Tests of the checks of an unknown user: statuses, user info and caching.
import { expect } from 'chai';
import { answer, checkOf, closed, createFakeContext, endingOf, findingOf, userInfo } from '../testing/fake-context.ts';
import { unknownUser } from './unknown-user.ts';

function run(id: string, response: ReturnType<typeof answer> | Error) {
  const created = createFakeContext({ respond: () => response });
  return { ...created, ended: checkOf(unknownUser, id).run(created.context) };
}

const end = (id: string, response: ReturnType<typeof answer> | Error) => endingOf(run(id, response).ended);
const withCaching = (value: string | null, status = 404) =>
  answer(status, '', { rawHeaders: value === null ? [] : [['Cache-Control', value]] });

describe('the checks of the status for an unknown user', () => {
  it('send only the name of the user, and accept the suitable statuses', async () => {
    const { ended, sent } = run('unknown-user-404', answer(404));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([{ userids: ['nobody@kit.test'] }]);
    for (const status of [410, 204, 403, 400, 422])
      expect(await end('unknown-user-404', answer(status))).to.equal('passed');
    for (const status of [401, 500])
      expect(await end('unknown-user-404', answer(status))).to.include(`violated: status ${status}`);
    expect(await end('unknown-user-refused', answer(200, userInfo('a')))).to.equal(
      'violated: status 200 with application/json: user info',
    );
    expect(await end('unknown-user-error-body', answer(404, { groups: [] }))).to.include('a body with such a key');
  });
});

for (const [id, seen] of [
  ['unknown-user-caching-not-asked-for', 'violated: max-age, s-maxage or public'],
  [
    'unknown-user-caching-forbidden',
    'untestable: Caches are allowed to store the response: see unknown-user-caching-not-asked-for.',
  ],
] as const) {
  describe(id, () => {
    it('depends on whether caching is allowed', async () => {
      expect(await end(id, withCaching('public'))).to.equal(seen);
      expect(await end(id, withCaching('no-store'))).to.equal('passed');
      expect(await end(id, closed())).to.equal('untestable: The connection was closed, so there is no header.');
      expect(await end(id, answer(200))).to.equal('untestable: The request was not refused: see unknown-user-refused.');
      expect(checkOf(unknownUser, id).needs).to.deep.equal(['control']);
    });
  });
}

describe('unknown-user-caching-forbidden', () => {
  const id = 'unknown-user-caching-forbidden';
  it('requires a directive for the statuses that caches store by default', async () => {
    for (const status of [204, 404, 410])
      expect(await end(id, withCaching(null, status))).to.equal('violated: no such header');
    for (const status of [400, 403, 422]) expect(await end(id, withCaching(null, status))).to.equal('passed');
    expect(await end(id, withCaching('must-revalidate'))).to.equal(
      'violated: Cache-Control without any of these directives',
    );
    for (const value of ['no-cache', 'private', 'max-age=0'])
      expect(await end(id, withCaching(value))).to.equal('passed');
    expect((await findingOf(run(id, withCaching(null)).ended)).answers).to.have.length(1);
    expect(
      (await findingOf(run('unknown-user-caching-not-asked-for', withCaching('public')).ended)).answers,
    ).to.have.length(1);
  });
});
