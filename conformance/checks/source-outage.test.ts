// Tests of the outage of the data source: requests before, during and after it, and the cached result.
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
import { NoAnswer } from '../http/no-answer.ts';
import { answer, closed, createFakeContext, endingOf, userInfo } from '../testing/fake-context.ts';
import { observeOutage } from './source-outage.ts';

type Response = ReturnType<typeof answer> | Error;

const file = join(mkdtempSync(join(tmpdir(), 'user-info-kit-')), 'source-is-down');
const hook = { breakCommand: `touch '${file}'`, restoreCommand: `rm -f '${file}'`, timeoutMs: 800 };
const good = ({ userids: [userid = ''] }: ShortRequest) => answer(200, userInfo(`group of ${userid}`));

interface Phases {
  readonly before?: (request: ShortRequest, index: number) => Response;
  readonly during?: (request: ShortRequest, index: number) => Response;
  readonly after?: (request: ShortRequest, index: number) => Response;
}

/** Observes an endpoint; `index`: number of earlier requests in the same phase. */
function observe({ before = good, during = () => answer(503), after = good }: Phases, knownUsers = ['ada', 'bob']) {
  const counts = { before: 0, during: 0, after: 0 };
  const users: Record<keyof typeof counts, string[]> = { before: [], during: [], after: [] };
  const respond = (request: ShortRequest) => {
    const phase = existsSync(file) ? 'during' : counts.during === 0 ? 'before' : 'after';
    users[phase].push(request.userids.join());
    return { before, during, after }[phase](request, counts[phase]++);
  };
  const { context, sent } = createFakeContext({ respond, options: { knownUsers, hook } });
  return { outage: observeOutage(context), context, sent, users };
}

describe('observeOutage', () => {
  it('requests two users twice before the outage, both during it, and then the first until it gets a 200', async () => {
    const { outage, users } = observe({}, ['ada', 'bob', 'carl']);
    const { down, refusal, back } = await outage;
    expect(users).to.deep.equal({ before: ['ada', 'ada', 'bob', 'bob'], during: ['ada', 'bob'], after: ['ada'] });
    expect(down.map(({ isAsBefore }) => isAsBefore)).to.deep.equal([false, false]);
    expect(refusal).to.equal(down[0]?.came).and.to.have.property('status', 503);
    expect(back.came).to.have.property('status', 200);
    expect(back.isAsBefore).to.equal(true);
    expect(existsSync(file)).to.equal(false);
  });

  it('requests one user where only one is known', async () => {
    const { outage, users } = observe({}, ['ada']);
    expect((await outage).down).to.have.length(1);
    expect(users).to.deep.equal({ before: ['ada', 'ada'], during: ['ada'], after: ['ada'] });
  });

  it('waits for the first refusal, and compares each 200 with that user’s data', async () => {
    const { outage, users } = observe({
      during(request, index) {
        if (index === 0) return good(request);
        if (index === 1) return answer(200, userInfo('fewer'));
        return index === 2 ? answer(500) : good(request);
      },
    });
    const { down, refusal } = await outage;
    expect(users.during).to.deep.equal(['ada', 'ada', 'ada', 'bob']);
    expect(down.map(({ isAsBefore }) => isAsBefore)).to.deep.equal([true, false, false, true]);
    expect(refusal).to.equal(down[2]?.came);
  });

  it('ends without recording a refusal when no request is refused within the time limit', async () => {
    const { outage, users } = observe({ during: good });
    const { down, refusal } = await outage;
    expect(refusal).to.equal(null);
    expect(down.length).to.be.within(4, 14);
    expect(users.during.slice(0, -1).every((userid) => userid === 'ada')).to.equal(true);
    expect(users.during.at(-1)).to.equal('bob');
  });

  it('records the refusal of the second user where the first gets a 200', async () => {
    const { outage } = observe({
      during: (request) => (request.userids[0] === 'bob' ? answer(503) : good(request)),
    });
    expect((await outage).refusal).to.have.property('status', 503);
  });

  it('treats a closed connection and a timeout as a refusal, and a failing proxy as an error', async () => {
    for (const failure of [
      closed(),
      new NoAnswer('timeout', 'ETIMEDOUT'),
      new NoAnswer('unreachable', 'ECONNREFUSED'),
    ]) {
      const { down, refusal } = await observe({ during: () => failure }).outage;
      expect(refusal).to.equal(failure);
      expect(down[0]?.isAsBefore).to.equal(false);
    }
    expect(await endingOf(observe({ during: () => new NoAnswer('proxy', '502') }).outage)).to.equal('no answer: 502');
    const bug = new TypeError('a bug');
    const thrown = await observe({ during: () => bug }).outage.catch((error: unknown) => error);
    expect(thrown).to.equal(bug);
    expect(existsSync(file), 'the source is restarted').to.equal(false);
  });

  it('requests again after the restart until there is a 200', async () => {
    const { outage, users } = observe({
      after: (request, index) => (index === 0 ? closed() : index === 1 ? answer(503) : good(request)),
    });
    expect((await outage).back.isAsBefore).to.equal(true);
    expect(users.after).to.deep.equal(['ada', 'ada', 'ada']);
  });

  it('reports the last response when the endpoint does not recover, or recovers with different data', async () => {
    const { back } = await observe({ after: () => answer(503) }).outage;
    expect(back.came).to.have.property('status', 503);
    expect((await observe({ after: () => answer(200, userInfo('fewer')) }).outage).back.isAsBefore).to.equal(false);
  });

  it('runs once for all checks of a run', async () => {
    const { outage, context, sent } = observe({});
    expect(await observeOutage(context)).to.equal(await outage);
    expect(sent).to.have.length(7);
  });

  it('needs commands, users who get a 200, and the same data twice', async () => {
    const { context } = createFakeContext({ respond: good });
    expect(await endingOf(observeOutage(context))).to.equal('skipped: Add --break and --restore.');
    const refused = observe({ before: ({ userids: [userid] }) => answer(userid === 'bob' ? 404 : 200, userInfo('a')) });
    expect(await endingOf(refused.outage)).to.include('untestable: A known user did not get a 200 before the outage');
    expect(refused.users).to.deep.equal({ before: ['ada', 'ada', 'bob'], during: [], after: [] });
    const different = 'untestable: A known user did not get the same JSON data twice';
    const changing = observe({ before: (_question, index) => answer(200, userInfo(`group ${index}`)) });
    expect(await endingOf(changing.outage)).to.include(different);
    expect(await endingOf(observe({ before: () => answer(200, 'x') }).outage)).to.include(different);
  });
});
