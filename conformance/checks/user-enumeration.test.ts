// Tests of the checks that an unauthenticated client cannot find out which users exist.
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
import {
  answer,
  checkOf,
  closed,
  createFakeContext,
  endingOf,
  type FakeOptions,
  findingOf,
} from '../testing/fake-context.ts';
import { userEnumeration } from './user-enumeration.ts';

type Response = ReturnType<typeof answer> | Error;

const login = { username: 'kit-login', password: 'kit-password' };

function run(id: string, respond: NonNullable<FakeOptions['respond']>) {
  const created = createFakeContext({
    respond,
    credentials: login,
    options: { auth: 'basic', knownUsers: ['ada'], unknownUser: 'zoe' },
  });
  return { ...created, ended: checkOf(userEnumeration, id).run(created.context) };
}

const end = (id: string, respond: NonNullable<FakeOptions['respond']>) => endingOf(run(id, respond).ended);
const isKnown = ({ userids }: ShortRequest) => userids[0] === 'ada';
const refusal = (
  body: unknown = { title: 'Wrong credentials' },
  headers: readonly (readonly [string, string])[] = [],
) => answer(401, body, { rawHeaders: [['Content-Type', 'application/json'], ...headers] });
const namesOf = (sent: readonly ShortRequest[]) => sent.map(({ userids }) => userids.join());

for (const [id, kind] of [
  ['stranger-known-unknown-alike', 'withoutBasic'],
  ['wrong-credentials-known-unknown-alike', 'wrongUsername'],
] as const) {
  /** Runs the check against an endpoint with one response for the known user, and another one for the unknown user. */
  const differs = (known: Response, unknown: Response = refusal()) =>
    end(id, (request) => (isKnown(request) ? known : unknown));

  describe(id, () => {
    it('requests both users, and passes for the same refusals', async () => {
      const { ended, sent, context } = run(id, () => refusal());
      expect(await endingOf(ended)).to.equal('passed');
      expect(namesOf(sent)).to.deep.equal(['ada', 'ada', 'zoe']);
      expect(sent.every(({ credentials }) => credentials === context.credentials[kind])).to.equal(true);
    });

    it('requests both again in the reverse order before it reports a difference', async () => {
      const { ended, sent } = run(id, (request) =>
        isKnown(request) ? refusal() : answer(404, { title: 'Wrong credentials' }),
      );
      expect(await endingOf(ended)).to.equal('violated: a different status');
      expect(namesOf(sent)).to.deep.equal(['ada', 'ada', 'zoe', 'zoe', 'ada']);
    });

    it('names the kind of difference', async () => {
      expect(await differs(answer(403, { title: 'Wrong credentials' }))).to.equal('violated: a different status');
      const html = answer(401, { title: 'Wrong credentials' }, { rawHeaders: [['Content-Type', 'text/html']] });
      expect(await differs(html)).to.equal('violated: a different content type');
      expect(await differs(refusal(undefined, [['X-Kit', '1']]))).to.equal('violated: a different set of headers');
      expect(await differs(refusal(), refusal(undefined, [['X-Kit', '1']]))).to.equal(
        'violated: a different set of headers',
      );
      expect(await differs(refusal({ title: 'Wrong credentials', code: 1 }))).to.equal(
        'violated: a different structure of the body',
      );
      expect(
        await differs(
          refusal({ title: 'Wrong credentials', code: 1 }),
          refusal({ title: 'Wrong credentials', code: '1' }),
        ),
      ).to.equal('violated: a different structure of the body');
      const [list, map] = [[{ aa: null }], { aa: null }].map((detail) => refusal({ detail }));
      expect(await differs(list ?? refusal(), map)).to.equal('violated: a different structure of the body');
      expect(await differs(refusal({ title: 'Wrong password' }))).to.equal('violated: a different text of the body');
      if (kind === 'wrongUsername') return;
      let count = 0;
      const closing = end(id, (request) => (isKnown(request) && count++ > 0 ? closed() : refusal()));
      expect(await closing).to.equal('violated: a different outcome: a closed connection instead of a response');
    });

    it('ignores letter case, short words, numbers, request ids and the names of both users', async () => {
      const same: readonly (readonly [Response, Response])[] = [
        [refusal({ title: 'wrong CREDENTIALS' }), refusal()],
        [refusal(undefined, [['X-KIT', '1']]), refusal(undefined, [['x-kit', '2']])],
        [refusal('abc'), refusal('xyz')],
        [refusal('id 4711 abcd-ef01 abcd_efgh abcd+efgh abcd/efgh abcd=efgh a1bcdef'), refusal('id')],
        [refusal('ADA'), refusal('ZOE')],
        [refusal({ code: 1 }), refusal({ code: 2 })],
        [refusal({ code: null }), refusal({ code: null })],
      ];
      for (const [known, unknown] of same) expect(await differs(known, unknown)).to.equal('passed');
      expect(await differs(refusal('abcd'), refusal('abce'))).to.equal('violated: a different text of the body');
    });

    it('passes for a difference that does not repeat', async () => {
      let count = 0;
      const alternating = () => refusal(undefined, count++ % 2 === 0 ? [] : [['X-Replica', 'new']]);
      expect(await end(id, alternating)).to.equal('passed');
    });

    it('is untestable where the requests are not refused', async () => {
      expect(await end(id, () => answer(200))).to.include('untestable: ');
      expect(await end(id, (request) => (isKnown(request) ? refusal() : answer(200)))).to.include(
        'violated: a different status',
      );
    });
  });
}

describe('the words of a body', () => {
  it('are ignored where they contain the name of a user', async () => {
    const { context } = createFakeContext({
      respond: ({ userids }) => refusal(`User ${userids[0]?.toUpperCase()} unknown`),
      credentials: login,
      options: { auth: 'basic', knownUsers: ['adaline'], unknownUser: 'zoefred' },
    });
    expect(await endingOf(checkOf(userEnumeration, 'stranger-known-unknown-alike').run(context))).to.equal('passed');
  });
});

describe('stranger-without-userid-alike', () => {
  const id = 'stranger-without-userid-alike';
  const withoutUserid = (response: Response, usual: Response = refusal()) =>
    run(id, ({ userids }) => (userids.length === 0 ? response : usual));

  it('compares the statuses with and without userid', async () => {
    const { ended, sent, context } = withoutUserid(answer(401));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([
      { userids: ['ada'], credentials: context.credentials.withoutBasic },
      { userids: [], credentials: context.credentials.withoutBasic },
    ]);
    const finding = await findingOf(withoutUserid(answer(400)).ended);
    expect(finding).to.include({ expected: 'status 401, as for a known user', seen: 'status 400' });
    expect(finding.answers).to.have.length(1);
  });

  it('accepts closed connections for both requests, and finds a connection closed for only one of them', async () => {
    expect(await endingOf(withoutUserid(closed(), closed()).ended)).to.equal('passed');
    const finding = await findingOf(withoutUserid(closed()).ended);
    expect(finding.seen).to.equal('a closed connection');
    expect(finding).to.not.have.property('answers');
    expect(await findingOf(withoutUserid(answer(400), closed()).ended)).to.include({ expected: 'a closed connection' });
    expect(await endingOf(withoutUserid(answer(400), answer(200)).ended)).to.include(
      'untestable: No credentials are required',
    );
  });
});

describe('stranger-known-unknown-time', () => {
  const id = 'stranger-known-unknown-time';
  /** Runs the check against an endpoint where `timeOf` returns the duration of each response. `index`: number of earlier responses. */
  const timed = (timeOf: (request: ShortRequest, index: number) => number) =>
    run(id, (request, index) => ({ ...refusal(), firstByteMs: timeOf(request, index) }));

  it('requests the two users alternately, six times each, and repeats all requests when one user is slower', async () => {
    const same = timed(() => 10);
    expect(await endingOf(same.ended)).to.equal('passed');
    expect(namesOf(same.sent).slice(1)).to.deep.equal(Array.from({ length: 6 }, () => ['ada', 'zoe']).flat());
    const { ended, sent, context } = timed((request) => (isKnown(request) ? 15.1 : 10));
    expect(await endingOf(ended)).to.include('violated: a median response time for the known user');
    expect(sent).to.have.length(25);
    expect(sent.every(({ credentials }) => credentials === context.credentials.withoutBasic)).to.equal(true);
  });

  it('also finds that the unknown user is slower', async () => {
    expect(await endingOf(timed((request) => (isKnown(request) ? 10 : 15.1)).ended)).to.include(
      'a median response time for the unknown user',
    );
  });

  it('warns in spite of one delayed or one fast response', async () => {
    expect(await endingOf(timed((request, index) => (isKnown(request) && index !== 3 ? 50 : 10)).ended)).to.include(
      'a median response time for the known user',
    );
    expect(await endingOf(timed((request, index) => (isKnown(request) || index === 2 ? 50 : 10)).ended)).to.include(
      'a median response time for the known user',
    );
  });

  it('passes for a small difference, for a wide overlap, and for a difference that does not repeat', async () => {
    expect(await endingOf(timed((request) => (isKnown(request) ? 15 : 10)).ended)).to.equal('passed');
    // Four of the 24 responses have the opposite duration: U is 12 × 2 + 10 × 2.
    const isOther = (index: number) => [3, 4, 15, 16].includes(index);
    expect(await endingOf(timed((request, index) => (isKnown(request) !== isOther(index) ? 50 : 10)).ended)).to.equal(
      'passed',
    );
    expect(await endingOf(timed((request, index) => (isKnown(request) === index < 13 ? 50 : 10)).ended)).to.equal(
      'passed',
    );
  });

  it('passes when a connection is closed', async () => {
    const { ended, sent } = run(id, (_question, index) => (index === 2 ? closed() : refusal()));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.have.length(3);
    expect(await end(id, () => answer(200))).to.include('untestable: No credentials are required');
  });
});
