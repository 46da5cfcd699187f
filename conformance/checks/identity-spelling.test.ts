// Tests of the checks of equivalent encodings: the exact queries, and the evaluation of each response.
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
import { answer, checkOf, closed, createFakeContext, endingOf, findingOf, userInfo } from '../testing/fake-context.ts';
import { identitySpelling } from './identity-spelling.ts';

type Response = ReturnType<typeof answer> | Error;

/** Runs a check against an endpoint where each known user gets their own data and the request with a raw query gets `other`. */
function run(id: string, knownUsers: readonly string[], other: Response | (() => Response), known?: () => Response) {
  const respond = ({ userids: [userid], query }: ShortRequest): Response => {
    if (query !== undefined) return typeof other === 'function' ? other() : other;
    return known ? known() : answer(200, userInfo(`group of ${userid}`));
  };
  const { context, sent } = createFakeContext({ respond, options: { knownUsers } });
  return { ended: checkOf(identitySpelling, id).run(context), sent };
}

const ownData = (userid: string) => answer(200, userInfo(`group of ${userid}`));
const queries = (sent: readonly ShortRequest[]) => sent.flatMap(({ query }) => query ?? []);

describe('userid-plus-escaped', () => {
  it('requests only known users with a plus sign or a space', async () => {
    const { ended, sent } = run('userid-plus-escaped', ['ada', 'a+b', 'c d'], answer(500));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([{ userids: ['a+b'] }, { userids: ['c d'] }]);
  });

  it('finds a user who does not get a 200', async () => {
    const { ended } = run('userid-plus-escaped', ['a+b'], answer(200), () => answer(404, 'x'));
    const finding = await findingOf(ended);
    expect(finding.seen).to.equal('status 404 with application/json');
    expect(finding.answers).to.have.length(1);
  });
});

describe('the checks that another encoding gets the data of the same user', () => {
  const cases: readonly (readonly [id: string, name: string, query: string])[] = [
    ['userid-at-unescaped', 'a+d@kit.test', 'userid=a%2Bd@kit.test'],
    ['userid-needless-escapes', 'aé\n', 'userid=%61%c3%a9%0a'],
  ];
  for (const [id, name, query] of cases) {
    it(`${id} sends the other encoding, and passes for the same data`, async () => {
      const { ended, sent } = run(id, [name], ownData(name));
      expect(await endingOf(ended)).to.equal('passed');
      expect(queries(sent)).to.deep.equal([query]);
      expect(sent.map(({ userids }) => userids)).to.deep.equal([[name], []]);
    });

    it(`${id} distinguishes a refusal, a closed connection and different data`, async () => {
      expect(await endingOf(run(id, [name], answer(404, 'x')).ended)).to.equal(
        'violated: status 404 with application/json',
      );
      expect(await endingOf(run(id, [name], closed()).ended)).to.equal('violated: a closed connection');
      const { ended, sent } = run(id, [name], answer(200, userInfo('other')));
      expect(await endingOf(ended)).to.equal('violated: status 200 with other data');
      expect(sent, 'the user is requested once more').to.have.length(3);
      const { ended: refused, sent: others } = run(id, [name], answer(403, userInfo(`group of ${name}`)));
      expect(await endingOf(refused)).to.include('violated: status 403');
      expect(others).to.have.length(2);
    });

    it(`${id} shows the received response`, async () => {
      expect((await findingOf(run(id, [name], answer(404)).ended)).answers).to.have.length(1);
      expect(await findingOf(run(id, [name], closed()).ended)).to.not.have.property('answers');
    });

    it(`${id} is untestable when the user gets different data each time`, async () => {
      let count = 0;
      const known = () => answer(200, userInfo(`group ${count++}`));
      expect(await endingOf(run(id, [name], answer(200, userInfo('x')), known).ended)).to.include(
        'untestable: The known user gets different data each time',
      );
    });
  }

  it('put their own advice first, followed by the advice for a stack', () => {
    const { fix } = checkOf(identitySpelling, 'userid-needless-escapes');
    expect(fix.map(({ stack }) => stack)).to.deep.equal(['any', 'nginx']);
    expect(fix[0]?.text).to.equal('Decode the query before comparing names.');
  });

  it('need a name with an @ where they test the @', async () => {
    expect(await endingOf(run('userid-at-unescaped', ['ada'], answer(200)).ended)).to.include(
      'skipped: Add a known user whose name contains an @',
    );
    const { ended, sent } = run('userid-at-unescaped', ['ada', 'b@c'], ownData('b@c'));
    expect(await endingOf(ended)).to.equal('passed');
    expect(queries(sent)).to.deep.equal(['userid=b@c']);
  });
});

describe('userid-plus-not-space', () => {
  it('exchanges plus sign and space, and passes for any response without the data of the user', async () => {
    const { ended, sent } = run('userid-plus-not-space', ['ada', 'a+b c/'], answer(404));
    expect(await endingOf(ended)).to.equal('passed');
    expect(queries(sent)).to.deep.equal(['userid=a%20b%2Bc%2F']);
    expect(await endingOf(run('userid-plus-not-space', ['a+b'], closed()).ended)).to.equal('passed');
    expect(await endingOf(run('userid-plus-not-space', ['a+b'], answer(200, userInfo('x'))).ended)).to.equal('passed');
  });

  it('finds the data of the user', async () => {
    const finding = await findingOf(run('userid-plus-not-space', ['a+b'], ownData('a+b')).ended);
    expect(finding.seen).to.equal('the data of this user');
    expect(finding.answers).to.have.length(1);
  });

  it('needs a name with a plus sign or a space', async () => {
    expect(await endingOf(run('userid-plus-not-space', ['ada'], answer(404)).ended)).to.include(
      'skipped: Add a known user with a plus sign or a space',
    );
  });
});

describe('userid-plus-as-space', () => {
  it('sends a space as a plus sign, and passes when that finds the user', async () => {
    const { ended, sent } = run('userid-plus-as-space', ['a+b c/'], ownData('a+b c/'));
    expect(await endingOf(ended)).to.equal('passed');
    expect(queries(sent)).to.deep.equal(['userid=a%2Bb+c%2F']);
    expect(await endingOf(run('userid-plus-as-space', ['a b'], answer(404)).ended)).to.include('violated:');
  });

  it('sends a plus sign unescaped, and passes when the endpoint finds no user', async () => {
    const { ended, sent } = run('userid-plus-as-space', ['a+b'], answer(404));
    expect(await endingOf(ended)).to.equal('passed');
    expect(queries(sent)).to.deep.equal(['userid=a+b']);
    const finding = await findingOf(run('userid-plus-as-space', ['a+b'], ownData('a+b')).ended);
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(run('userid-plus-as-space', ['a+b'], closed()).ended)).to.equal('passed');
  });

  it('compares data only where the user gets the same data each time', async () => {
    let count = 0;
    const known = () => answer(200, userInfo(`group ${count++}`));
    const untestable = 'untestable: The known user gets different data each time';
    const { ended, sent } = run('userid-plus-as-space', ['a b'], answer(200, userInfo('x')), known);
    expect(await endingOf(ended)).to.include(untestable);
    expect(sent.map(({ userids }) => userids)).to.deep.equal([['a b'], [], ['a b']]);
    const { sent: others, ended: other } = run('userid-plus-as-space', ['a b'], answer(404), known);
    expect(await endingOf(other)).to.include('violated:');
    expect(others, 'a refusal needs no second request').to.have.length(2);
    const same = run('userid-plus-as-space', ['a b'], ownData('a b'));
    expect(await endingOf(same.ended)).to.equal('passed');
    expect(same.sent).to.have.length(2);
  });
});
