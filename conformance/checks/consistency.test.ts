// Tests of the checks that compare several responses.
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
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
import { consistency } from './consistency.ts';

const dataOf = ({ userids: [userid] }: ShortRequest) => answer(200, userInfo(`group of ${userid}`));
const noData = 'untestable: A known user did not get a 200 with readable JSON';

function run(id: string, fake: FakeOptions, knownUsers: readonly string[] = ['ada', 'bob']) {
  const created = createFakeContext({ respond: dataOf, ...fake, options: { knownUsers } });
  return { ...created, ended: checkOf(consistency, id).run(created.context) };
}

const end = (id: string, fake: FakeOptions, knownUsers?: readonly string[]) =>
  endingOf(run(id, fake, knownUsers).ended);
const namesOf = (sent: readonly ShortRequest[]) => sent.map(({ userids }) => userids.join());

describe('same-question-same-answer', () => {
  it('requests the same user twice, and compares the data', async () => {
    const { ended, sent } = run('same-question-same-answer', {});
    expect(await endingOf(ended)).to.equal('passed');
    expect(namesOf(sent)).to.deep.equal(['ada', 'ada']);
    const respond = (_question: ShortRequest, index: number) => answer(200, userInfo(`group ${index}`));
    expect(await end('same-question-same-answer', { respond })).to.equal('violated: two responses that differ');
    expect(await end('same-question-same-answer', { respond: () => answer(404, 'x') })).to.include(noData);
  });
});

describe('same-question-same-order', () => {
  const id = 'same-question-same-order';
  const inOrder = (...orders: readonly (readonly string[])[]): FakeOptions => ({
    respond: (_question, index) =>
      answer(200, { groups: (orders[index] ?? []).map((name) => ({ name })), authorizations: {} }),
  });

  it('requests the user three times', async () => {
    const { ended, sent } = run(id, {});
    expect(await endingOf(ended)).to.equal('passed');
    expect(namesOf(sent)).to.deep.equal(['ada', 'ada', 'ada']);
  });

  it('finds a different order in the second or the third response', async () => {
    const violated = 'violated: the same groups and values in another order';
    expect(await end(id, inOrder(['a', 'b'], ['b', 'a'], ['a', 'b']))).to.equal(violated);
    expect(await end(id, inOrder(['a', 'b'], ['a', 'b'], ['b', 'a']))).to.equal(violated);
    expect(await end(id, inOrder(['a', 'b'], ['a', 'b'], ['a', 'b']))).to.equal('passed');
  });

  it('is untestable when the responses differ in more than the order', async () => {
    expect(await end(id, inOrder(['a', 'b'], ['b']))).to.include(
      'untestable: The responses differ in more than their order',
    );
  });
});

describe('parallel-users-not-swapped', () => {
  const id = 'parallel-users-not-swapped';

  it('requests two users with different data alternately, four times each, over two connections', async () => {
    const { ended, sent, parallel } = run(id, {});
    expect(await endingOf(ended)).to.equal('passed');
    expect(namesOf(sent.slice(-8))).to.deep.equal(['ada', 'bob', 'ada', 'bob', 'ada', 'bob', 'ada', 'bob']);
    expect(namesOf(sent.slice(0, -8))).to.deep.equal(['ada', 'bob', 'bob']);
    expect(parallel).to.deep.equal([undefined]);
  });

  it('finds responses with different data, and ignores other statuses', async () => {
    const respond = (request: ShortRequest, index: number) =>
      index === 5 || index === 8 ? dataOf({ userids: ['x'] }) : index === 6 ? answer(503, 'x') : dataOf(request);
    const finding = await findingOf(run(id, { respond }).ended);
    expect(finding.seen).to.equal('responses with other data: 2');
    expect(finding.asked).to.include('8 requests over two connections');
    const refusing = (request: ShortRequest, index: number) => (index > 3 ? answer(503, 'x') : dataOf(request));
    expect(await end(id, { respond: refusing })).to.equal('passed');
  });

  it('looks for a user with different data among all users, and skips unreadable responses', async () => {
    const respond = (request: ShortRequest) => {
      if (request.userids[0] === 'bob') return dataOf({ userids: ['ada'] });
      return request.userids[0] === 'carl' ? answer(404) : dataOf(request);
    };
    const { ended, sent } = run(id, { respond }, ['ada', 'bob', 'carl', 'dora']);
    expect(await endingOf(ended)).to.equal('passed');
    expect(namesOf(sent.slice(-2))).to.deep.equal(['ada', 'dora']);
  });

  it('explains why there is no user with different data', async () => {
    const same = () => dataOf({ userids: ['ada'] });
    expect(await end(id, { respond: same })).to.include(
      'skipped: All known users have the same groups and authorizations',
    );
    const respond = (request: ShortRequest) => (request.userids[0] === 'bob' ? answer(404) : same());
    expect(await end(id, { respond }, ['ada', 'bob', 'carl'])).to.include(noData);
    const silent = (request: ShortRequest) => (request.userids[0] === 'bob' ? closed() : dataOf(request));
    expect(await end(id, { respond: silent }, ['ada', 'bob', 'carl'])).to.equal('no answer: ECONNRESET');
  });
});

describe('userid-from-query-alone', () => {
  const id = 'userid-from-query-alone';
  const unusual = (request: ShortRequest) => request.headers !== undefined;

  it('names the other user in a cookie, in headers and in a body', async () => {
    const { ended, sent } = run(id, {});
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent.filter(unusual)).to.deep.equal([
      { userids: ['ada'], headers: [['Cookie', 'userid=bob; user=bob']] },
      {
        userids: ['ada'],
        headers: [
          ['X-User-Id', 'bob'],
          ['X-Userid', 'bob'],
          ['X-User', 'bob'],
        ],
      },
      { userids: ['ada'], headers: [['Content-Type', 'application/json']], body: '{"userid":"bob"}' },
    ]);
  });

  it('omits the places where the name would need escaping', async () => {
    for (const [name, places] of [
      ['b,b', 1],
      ['b"b', 0],
      ['b;b', 1],
      ['b\\b', 0],
      ['böb', 1],
      ['b b', 1],
      ["!#+-:<[]~'", 3],
    ] as const) {
      const { ended, sent } = run(id, {}, ['ada', name]);
      expect(await endingOf(ended), name).to.equal('passed');
      expect(sent.filter(unusual), name).to.have.length(places);
    }
  });

  it('finds the data of the other user in any response', async () => {
    for (let place = 0; place < 3; place++) {
      let count = 0;
      const respond = (request: ShortRequest) =>
        unusual(request) && count++ === place ? dataOf({ userids: ['bob'] }) : dataOf(request);
      const finding = await findingOf(run(id, { respond }).ended);
      expect(finding.seen).to.equal('the data of the other user');
      expect(finding.answers).to.have.length(1);
    }
  });

  it('accepts refusals and closed connections', async () => {
    for (const response of [answer(400), closed()]) {
      expect(await end(id, { respond: (request) => (unusual(request) ? response : dataOf(request)) })).to.equal(
        'passed',
      );
    }
  });
});

describe('kept-connection-other-user', () => {
  const id = 'kept-connection-other-user';
  const second = (response: ReturnType<typeof answer> | Error, alone = 404): FakeOptions => ({
    onConnection: (_question, index) => (index === 0 ? answer(200) : response),
    respond: () => answer(alone, userInfo('x')),
  });

  it('requests the known user, and on the same connection the unknown user', async () => {
    const { ended, sent } = run(id, second(answer(404)));
    expect(await endingOf(ended)).to.equal('passed');
    expect(namesOf(sent)).to.deep.equal(['ada', 'nobody@kit.test', 'nobody@kit.test']);
    expect(await end(id, second(closed()))).to.equal('passed');
  });

  it('finds a 200 for the unknown user, unless a separate request gets a 200 too', async () => {
    const finding = await findingOf(run(id, second(answer(200, userInfo('a')))).ended);
    expect(finding.seen).to.equal('status 200 with application/json: user info');
    expect(finding.answers).to.have.length(1);
    expect(await end(id, second(answer(200), 200))).to.equal(
      'untestable: A single request was not refused either: see unknown-user-refused.',
    );
    const { respond: _respond, ...kept } = second(answer(200));
    expect(await end(id, { ...kept, respond: closed })).to.include('violated: status 200');
  });
});

describe('answer-not-from-cache', () => {
  const id = 'answer-not-from-cache';
  const withHeader = (name: string, value: string): FakeOptions => ({
    respond: (request, index) => (index === 0 ? dataOf(request) : answer(200, '', { rawHeaders: [[name, value]] })),
  });
  const cases: readonly (readonly [name: string, value: string, seen: string | null])[] = [
    ['Age', '0', null],
    ['Age', '1', 'an Age header greater than 0'],
    ['Age', '08', 'an Age header greater than 0'],
    ['Age', '-1', null],
    ['Age', 'x', null],
    ['Cache-Status', 'front; hit', 'a Cache-Status with a hit'],
    ['Cache-Status', 'front;HIT; ttl=3', 'a Cache-Status with a hit'],
    ['Cache-Status', 'front;\t hit', 'a Cache-Status with a hit'],
    ['Cache-Status', 'front; fwd=miss, hit', 'a Cache-Status with a hit'],
    ['Cache-Status', 'front; hits', null],
    ['Cache-Status', 'hit-cache; fwd=miss', null],
    ['Cache-Status', 'front; fwd=miss', null],
    ['X-Cache', 'TCP_HIT', null],
    ['X-Cache', 'Hit from front', 'an X-Cache header that indicates a hit'],
    ['X-Cache', 'RefreshHit', null],
    ['X-Cache', 'a hit', 'an X-Cache header that indicates a hit'],
    ['X-Cache', 'hits', null],
    ['X-Other', 'hit', null],
  ];
  for (const [name, value, seen] of cases) {
    it(`${seen === null ? 'accepts' : 'finds'} ${name}: ${value}`, async () => {
      expect(await end(id, withHeader(name, value))).to.equal(seen === null ? 'passed' : `violated: ${seen}`);
    });
  }

  it('requests the user twice, and shows the second response', async () => {
    const { ended, sent } = run(id, withHeader('Age', '5'));
    const finding = await findingOf(ended);
    expect(finding.answers).to.have.length(1);
    expect(namesOf(sent)).to.deep.equal(['ada', 'ada']);
    expect(await end(id, { respond: () => new NoAnswer('timeout', 'ETIMEDOUT') })).to.equal('no answer: ETIMEDOUT');
  });
});
