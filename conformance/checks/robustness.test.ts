// Tests of the checks of reused connections, pipelining, fragmented requests, large headers and parallel requests.
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
import { robustness } from './robustness.ts';

type Response = ReturnType<typeof answer> | Error;

const dataOf = ({ userids: [userid] }: ShortRequest) => answer(200, userInfo(`group of ${userid}`));
const timeout = () => new NoAnswer('timeout', 'ETIMEDOUT');
const unreachable = () => new NoAnswer('unreachable', 'ECONNREFUSED');
const users = ['ada', 'bob'];

function run(id: string, fake: FakeOptions, knownUsers: readonly string[] = users) {
  const created = createFakeContext({
    respond: dataOf,
    ...fake,
    options: { knownUsers, concurrency: 3, ...fake.options },
  });
  return { ...created, ended: checkOf(robustness, id).run(created.context) };
}

const end = (id: string, fake: FakeOptions, knownUsers?: readonly string[]) =>
  endingOf(run(id, fake, knownUsers).ended);

/** Simulates an endpoint whose data differs in every individual response. */
const changing = (): NonNullable<FakeOptions['respond']> => {
  let count = 0;
  return () => answer(200, userInfo(`group ${count++}`));
};
/** Simulates an endpoint that sends the data of each user, but different data in the last of three individual responses. */
const changingAtLast = (): NonNullable<FakeOptions['respond']> => {
  let count = 0;
  return (request) => (++count < 3 ? dataOf(request) : answer(200, userInfo('other')));
};

const notJson: FakeOptions = { respond: () => answer(200, 'x') };
const noData = 'untestable: A known user did not get a 200 with readable JSON';
const unsteady = 'untestable: Single requests for the same user get different data too';
const other = answer(200, userInfo('other'));
const differs = 'violated: status 200 with application/json, which differs from the response to a single request';

describe('the checks that compare with the response to a single request', () => {
  /** Map from check id to an endpoint whose unusual response is `response`. */
  const cases: Readonly<Record<string, (response: (request: ShortRequest, index: number) => Response) => FakeOptions>> =
    {
      'kept-connection-again': (response) => ({
        onConnection: (request, index) => (index === 0 ? answer(200) : response(request, index)),
      }),
      'fragmented-request-answered': (response) => ({ onConnection: response }),
      'many-headers-answered': (response) => ({
        respond: (request, index) => (request.headers ? response(request, index) : dataOf(request)),
      }),
    };
  for (const [id, fake] of Object.entries(cases)) {
    it(`${id} passes for the same data`, async () => {
      expect(await end(id, fake(dataOf))).to.equal('passed');
    });

    it(`${id} finds a different status without requesting the user again`, async () => {
      const { ended, sent } = run(
        id,
        fake(() => answer(400, 'x')),
      );
      const finding = await findingOf(ended);
      expect(finding.seen).to.match(/^status 400 with application\/json/);
      expect(sent.length).to.be.lessThan(4);
      expect(
        await end(
          id,
          fake((request) => answer(403, String(dataOf(request).body))),
        ),
      ).to.include('violated: status 403');
    });

    it(`${id} finds different data when separate requests get the same data twice more`, async () => {
      const { ended, sent } = run(
        id,
        fake(() => other),
      );
      expect((await endingOf(ended)).replace(/, which.*/, '')).to.equal('violated: status 200 with application/json');
      expect(sent.slice(-2)).to.deep.equal([{ userids: ['ada'] }, { userids: ['ada'] }]);
    });

    it(`${id} is untestable when separate requests get different data, a different status, or a body that is not JSON`, async () => {
      const once = fake(() => other);
      const merge = (respond: NonNullable<FakeOptions['respond']>): FakeOptions => ({
        ...once,
        respond: (request, index) => (request.headers ? other : respond(request, index)),
      });
      expect(await end(id, merge(changing()))).to.include(unsteady);
      expect(await end(id, merge(changingAtLast()))).to.include(unsteady);
      let count = 0;
      expect(
        await end(
          id,
          merge((request) => (count++ === 0 ? dataOf(request) : answer(500, String(dataOf(request).body)))),
        ),
      ).to.include(unsteady);
      expect(await end(id, { ...once, ...notJson })).to.include(noData);
    });
  }
});

describe('kept-connection-again', () => {
  const second = (response: Response): FakeOptions => ({
    onConnection: (_question, index) => (index === 0 ? answer(200) : response),
  });

  it('sends the same request twice on one connection', async () => {
    const { ended, sent, opened } = run('kept-connection-again', second(dataOf({ userids: ['ada'] })));
    expect(await endingOf(ended)).to.equal('passed');
    expect(opened).to.deep.equal([{ userids: ['ada'] }]);
    expect(sent).to.deep.equal([{ userids: ['ada'] }, { userids: ['ada'] }, { userids: ['ada'] }]);
  });

  it('passes when the connection is closed, and finds a missing response', async () => {
    expect(await end('kept-connection-again', second(closed()))).to.equal('passed');
    const finding = await findingOf(run('kept-connection-again', second(timeout())).ended);
    expect(finding.seen).to.equal('no response (ETIMEDOUT)');
    expect(finding).to.not.have.property('answers');
    expect(await end('kept-connection-again', second(unreachable()))).to.equal('no answer: ECONNREFUSED');
    expect((await findingOf(run('kept-connection-again', second(answer(400))).ended)).answers).to.have.length(1);
    expect(await end('kept-connection-again', second(other))).to.equal(differs);
  });
});

describe('pipelined-in-order', () => {
  const inTurn = (...responses: readonly Response[]): FakeOptions => ({
    onConnection: (request, index) => responses[index] ?? dataOf(request),
  });

  it('sends three requests without waiting, and passes when each response contains that user’s data', async () => {
    const { ended, sent, opened } = run('pipelined-in-order', {});
    expect(await endingOf(ended)).to.equal('passed');
    expect(opened).to.deep.equal([{ userids: ['ada'] }]);
    expect(sent.slice(-3).map(({ userids }) => userids[0])).to.deep.equal(['ada', 'bob', 'ada']);
  });

  it('finds the data of the other user, and names the request', async () => {
    const finding = await findingOf(
      run('pipelined-in-order', inTurn(dataOf({ userids: ['ada'] }), dataOf({ userids: ['ada'] }))).ended,
    );
    expect(finding.seen).to.equal(`for request 2: ${differs.replace('violated: ', '')}`);
    expect(finding.answers).to.have.length(1);
  });

  it('passes when the connection is closed, and finds a missing response', async () => {
    expect(await end('pipelined-in-order', inTurn(closed()))).to.equal('passed');
    expect(await end('pipelined-in-order', inTurn(dataOf({ userids: ['ada'] }), closed()))).to.equal('passed');
    const finding = await findingOf(run('pipelined-in-order', inTurn(timeout())).ended);
    expect(finding.seen).to.equal('for request 1: no response (ETIMEDOUT)');
    expect(finding).to.not.have.property('answers');
    expect(await end('pipelined-in-order', inTurn(unreachable()))).to.equal('no answer: ECONNREFUSED');
  });

  it('needs data of each user', async () => {
    expect(await end('pipelined-in-order', notJson)).to.include(noData);
    expect(robustness.checks.find(({ id }) => id === 'pipelined-in-order')?.needs).to.deep.equal([
      'second-known-user',
      'control',
    ]);
  });
});

describe('many-headers-answered', () => {
  it('sends 40 headers of 60 characters', async () => {
    const { ended, sent } = run('many-headers-answered', {});
    expect(await endingOf(ended)).to.equal('passed');
    const headers = sent.at(-1)?.headers ?? [];
    expect(headers).to.have.length(40);
    expect(headers.at(-1)).to.deep.equal(['X-Trace-39', 'a'.repeat(60)]);
    const { ended: refused } = run('many-headers-answered', {
      respond: (request) => (request.headers ? answer(431) : dataOf(request)),
    });
    expect((await findingOf(refused)).answers).to.have.length(1);
  });
});

describe('oversized-header-no-5xx', () => {
  const id = 'oversized-header-no-5xx';
  it('sends a header of 64 kB, and accepts every status below 500', async () => {
    const { ended, sent, controls } = run(id, { respond: () => answer(431) });
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([{ userids: ['ada'], headers: [['X-Large', 'a'.repeat(65_536)]] }]);
    expect(controls()).to.equal(0);
    expect(await end(id, { respond: () => answer(499) })).to.equal('passed');
  });

  it('finds a 5xx', async () => {
    const finding = await findingOf(run(id, { respond: () => answer(500) }).ended);
    expect(finding.seen).to.equal('status 500 without a body');
    expect(finding.answers).to.have.length(1);
  });

  it('accepts a missing response while the control works', async () => {
    for (const failure of [closed, timeout]) {
      const { ended, controls } = run(id, { respond: failure });
      expect(await endingOf(ended)).to.equal('passed');
      expect(controls()).to.equal(1);
    }
    const control = () => {
      throw unreachable();
    };
    expect(await end(id, { respond: closed, control })).to.equal('no answer: ECONNREFUSED');
    expect(await end(id, { respond: unreachable })).to.equal('no answer: ECONNREFUSED');
  });
});

describe('fragmented-request-answered', () => {
  it('sends a request in three pieces, and finds a missing response', async () => {
    const { ended, opened, pieces } = run('fragmented-request-answered', {});
    expect(await endingOf(ended)).to.equal('passed');
    expect(opened).to.deep.equal([{ userids: ['ada'] }]);
    expect(pieces).to.deep.equal([[3, 40]]);
    expect(await end('fragmented-request-answered', { onConnection: closed })).to.equal(
      'violated: no response (ECONNRESET)',
    );
    expect(await end('fragmented-request-answered', { onConnection: unreachable })).to.equal('no answer: ECONNREFUSED');
  });
});

describe('dawdling-requests-others-answered', () => {
  const id = 'dawdling-requests-others-answered';
  it('sends half a request, and then a complete one on another connection', async () => {
    const { ended, sent, pieces } = run(id, {});
    expect(await endingOf(ended)).to.equal('passed');
    expect(pieces).to.deep.equal([[2, 0, 1]]);
    expect(sent).to.deep.equal([{ userids: ['ada'] }, { userids: ['ada'] }]);
  });

  it('finds a different status, and a missing response', async () => {
    expect(await end(id, { respond: () => answer(503) })).to.equal('violated: status 503 without a body');
    expect(await end(id, { respond: timeout })).to.equal('violated: no response (ETIMEDOUT)');
    expect(await end(id, { respond: unreachable })).to.equal('no answer: ECONNREFUSED');
  });
});

describe('concurrent-requests-answered', () => {
  const id = 'concurrent-requests-answered';
  /** Runs the check with `respond` as the response to parallel requests. Single requests come first, one for each user. */
  const crowd = (respond: (request: ShortRequest, index: number) => Response, knownUsers = users) =>
    run(
      id,
      { respond: (request, index) => (index < knownUsers.length ? dataOf(request) : respond(request, index)) },
      knownUsers,
    );

  it('sends 24 requests for the two users alternately, over the configured number of connections', async () => {
    const { ended, sent, parallel, latencies } = crowd(dataOf);
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent.slice(2, 6).map(({ userids }) => userids[0])).to.deep.equal(['ada', 'bob', 'ada', 'bob']);
    expect(sent).to.have.length(26);
    expect(parallel).to.deep.equal([3]);
    expect(latencies).to.deep.equal([{ requests: 24, concurrency: 3, p50Ms: 1, p95Ms: 1, p99Ms: 1 }]);
  });

  it('sends them for one user where only one is known', async () => {
    const { ended, sent } = crowd(dataOf, ['ada']);
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.have.length(25);
    expect(sent.every(({ userids }) => userids[0] === 'ada')).to.equal(true);
  });

  it('finds responses that are not 200, without further requests', async () => {
    const { ended, sent } = crowd((request, index) => (index === 5 || index === 7 ? answer(503) : dataOf(request)));
    const finding = await findingOf(ended);
    expect(finding.seen).to.equal('responses that differ: 2; the first: status 503 without a body');
    expect(finding.answers).to.have.length(2);
    expect(sent).to.have.length(26);
  });

  it('finds a different status with the right data', async () => {
    const { ended } = crowd((request, index) =>
      index === 5 ? answer(503, userInfo('group of bob')) : dataOf(request),
    );
    expect(await endingOf(ended)).to.include('violated: responses that differ: 1');
  });

  it('finds different data when separate requests get the same data, for both users', async () => {
    const { ended, sent } = crowd((request, index) => (index === 3 ? dataOf({ userids: ['ada'] }) : dataOf(request)));
    expect(await endingOf(ended)).to.include('violated: responses that differ: 1');
    expect(sent.slice(26).map(({ userids }) => userids[0])).to.deep.equal(['ada', 'ada', 'bob', 'bob']);
  });

  it('is untestable when separate requests get different data too', async () => {
    const { ended } = crowd((request, index) =>
      index === 3 || (index > 26 && request.userids[0] === 'bob') ? other : dataOf(request),
    );
    expect(await endingOf(ended)).to.include(unsteady);
    expect(await end(id, notJson)).to.include(noData);
  });
});

describe('latency-within-bound', () => {
  const id = 'latency-within-bound';
  const slow = (slowMs: number): FakeOptions => ({
    respond: (request, index) => ({ ...dataOf(request), totalMs: index < 2 ? slowMs : 10 }),
    options: { maxP95Ms: 100 },
  });

  it('compares the 95th percentile with the limit', async () => {
    expect(await end(id, slow(100))).to.equal('passed');
    const finding = await findingOf(run(id, slow(100.5)).ended);
    expect(finding.seen).to.equal('p50 10 ms, p95 100.5 ms, p99 100.5 ms');
    expect(finding.answers?.map(({ totalMs }) => totalMs).slice(0, 3)).to.deep.equal([100.5, 100.5, 10]);
  });

  it('shows the slowest responses first', async () => {
    const respond = (request: ShortRequest, index: number) => ({ ...dataOf(request), totalMs: 200 + (index % 5) });
    const finding = await findingOf(run(id, { respond, options: { maxP95Ms: 100 } }).ended);
    const times = finding.answers?.map(({ totalMs }) => totalMs) ?? [];
    expect(times).to.deep.equal([...times].sort((one, two) => two - one));
    expect(times).to.have.length(24);
  });

  it('has no limit where none was declared', async () => {
    expect(await end(id, { ...slow(10_000), options: {} })).to.equal('passed');
  });

  it('shares its requests with the check of the responses', async () => {
    const { context, sent, ended } = run(id, {});
    await ended;
    await checkOf(robustness, 'concurrent-requests-answered').run(context);
    expect(sent).to.have.length(26);
  });
});
