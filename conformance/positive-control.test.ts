// Tests of the positive control: when it is sent, how long it is valid, and what counts as a lockout.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { NotAsked, Untestable } from './check-endings.ts';
import type { Answer } from './http/endpoint-request.ts';
import { createPositiveControl } from './positive-control.ts';
import { createRequestBudget } from './request-budget.ts';

const answer = (status: number): Answer => ({
  ...{ status, rawHeaders: [], body: Buffer.of(), wireBody: Buffer.of(), isChunked: false, isTruncated: false },
  ...{ surplusBytes: null, firstByteMs: 1, totalMs: 1, httpVersion: '1.1', parserFault: null, tls: null },
  header: () => null,
});

const limits = { maxRequests: 100, maxFailedLogins: 10, spacingMs: 0, maxDuration: 120, expectedMs: () => 0 };

/** Creates a control whose responses have these statuses in turn; the last one repeats. */
function createControl(...statuses: readonly number[]) {
  const budget = createRequestBudget(limits);
  let asked = 0;
  const control = createPositiveControl(async () => {
    asked += 1;
    return answer(statuses[Math.min(asked, statuses.length) - 1] ?? 0);
  }, budget);
  return { ...control, budget, asked: () => asked };
}

/** Returns what was thrown; `null`: nothing. */
const failureOf = (work: Promise<unknown>) => work.then(() => null).catch((error: unknown) => error);

describe('the positive control', () => {
  it('is requested once for consecutive checks', async () => {
    const { assertWorks, asked } = createControl(200);
    await assertWorks();
    await assertWorks();
    expect(asked()).to.equal(1);
  });

  it('is requested again after a second, after wrong credentials, and when it is reset', async () => {
    const { assertWorks, forget, asked, budget } = createControl(200);
    await assertWorks();
    await sleep(1050);
    await assertWorks();
    expect(asked()).to.equal(2);
    await budget.take('somebody');
    await assertWorks();
    expect(asked()).to.equal(3);
    await assertWorks();
    expect(asked()).to.equal(3);
    forget();
    await assertWorks();
    expect(asked()).to.equal(4);
  });

  it('makes a check untestable when its status is not 200, and is requested again each time', async () => {
    const { assertWorks, asked } = createControl(404, 500, 200);
    expect(await failureOf(assertWorks()))
      .to.be.instanceOf(Untestable)
      .with.property('message')
      .that.includes('with 404');
    expect(await failureOf(assertWorks()))
      .to.be.instanceOf(Untestable)
      .with.property('message')
      .that.includes('with 500');
    await assertWorks();
    expect(asked()).to.equal(3);
  });

  for (const status of [401, 403, 423]) {
    it(`detects a lockout from a ${status} after wrong credentials, and stops the run`, async () => {
      const { assertWorks, budget } = createControl(200, status);
      await assertWorks();
      await budget.take('somebody');
      expect(await failureOf(assertWorks())).to.be.instanceOf(Untestable);
      const failure = await failureOf(budget.take(null));
      expect(failure)
        .to.be.instanceOf(NotAsked)
        .with.property('message')
        .that.includes(`responded with ${status} to the right credentials`);
    });
  }

  it('distinguishes a cached refusal from a lockout by sending a different query, and does not stop the run', async () => {
    const budget = createRequestBudget(limits);
    const asked: boolean[] = [];
    const control = createPositiveControl(async (isOtherQuery) => {
      asked.push(isOtherQuery);
      return answer(isOtherQuery || asked.length === 1 ? 200 : 401);
    }, budget);
    await control.assertWorks();
    await budget.take('somebody');
    for (let count = 0; count < 2; count++) {
      const failure = await failureOf(control.assertWorks());
      expect(failure).to.be.instanceOf(Untestable).with.property('message').that.includes('a cache repeats a refusal');
    }
    await budget.take(null);
    expect(asked, 'the other query is sent once').to.deep.equal([false, false, true, false]);
  });

  const otherwise: readonly (readonly [name: string, statuses: readonly number[], failedLogins: number])[] = [
    ['a 500 after wrong credentials', [200, 500], 1],
    ['a 401 although no wrong credentials were sent', [200, 401], 0],
  ];
  for (const [name, statuses, failedLogins] of otherwise) {
    it(`detects no lockout in ${name}`, async () => {
      const { assertWorks, forget, budget } = createControl(...statuses);
      await assertWorks();
      forget();
      for (let count = 0; count < failedLogins; count++) await budget.take('somebody');
      expect(await failureOf(assertWorks())).to.be.instanceOf(Untestable);
      await budget.take(null);
    });
  }

  it('detects no lockout when the control never worked', async () => {
    const { assertWorks, budget } = createControl(401);
    await budget.take('somebody');
    expect(await failureOf(assertWorks())).to.be.instanceOf(Untestable);
    await budget.take(null);
  });
});
