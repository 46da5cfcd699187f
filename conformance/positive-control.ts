// Positive control: a refusal proves something only while the same request with the right credentials gets a 200.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Untestable } from './check-endings.ts';
import type { Answer, Question } from './http/question.ts';
import type { RequestBudget } from './request-budget.ts';

export interface PositiveControl {
  /** Throws Untestable unless the known user, asked for with the right credentials, is answered with 200 right now. */
  assertWorks(): Promise<void>;
  /** Makes the next call ask again, e.g. after a request without an answer. */
  forget(): void;
}

/** For so long a control that worked is not sent again, unless wrong credentials were sent since. */
const memoryMs = 1000;

/** As often a control of a slow endpoint is sent: after so many times of its own duration. */
const memoryFactor = 5;

/** Statuses of responses to an account or an address that is locked out. */
const lockOutStatuses: ReadonlySet<number> = new Set([401, 403, 423]);

/** Before the request that distinguishes a stored refusal from a lock-out. */
const pauseMs = 1000;

/** Returns a request for a user with one more parameter, which nothing uses: a cache has no response to it. */
export function inOtherQuery(userid: string): Pick<Question, 'userids' | 'query' | 'shown'> {
  const other = `kit-${randomBytes(6).toString('hex')}=1`;
  return {
    userids: [],
    query: `userid=${encodeURIComponent(userid)}&${other}`,
    shown: `userid=\${KNOWN_USER_ENCODED}&${other}`,
  };
}

/**
 * Creates the control of a run. It stops the whole `budget` when the right credentials are refused after failed logins, unless another
 * query with them is not refused: then the refusal comes from a cache.
 *
 * @param askKnownUser sends the request that the platform sends; with `isOtherQuery`, that of inOtherQuery.
 */
export function createPositiveControl(
  askKnownUser: (isOtherQuery: boolean) => Promise<Answer>,
  budget: RequestBudget,
): PositiveControl {
  let isRefusalStored = false;

  /** Throws Untestable when the refusal comes from a cache. */
  async function assertNotStored(status: number): Promise<void> {
    if (!isRefusalStored) {
      await sleep(pauseMs);
      isRefusalStored = (await askKnownUser(true)).status === 200;
    }
    if (!isRefusalStored) return;
    throw new Untestable(
      `The right credentials got status ${status} in one query and 200 in another: a cache repeats a refusal. See refusal-not-reused.`,
    );
  }

  let workedAt = Number.NEGATIVE_INFINITY;
  let tookMs = 0;
  let hasWorked = false;
  let failedLoginsThen = 0;

  return {
    async assertWorks() {
      const failedLoginsNow = budget.failedLoginsSent;
      const isFresh =
        failedLoginsNow === failedLoginsThen &&
        performance.now() - workedAt < Math.max(memoryMs, memoryFactor * tookMs);
      if (isFresh) return;
      const startedAt = performance.now();
      const { status } = await askKnownUser(false);
      if (status === 200) {
        workedAt = performance.now();
        tookMs = workedAt - startedAt;
        hasWorked = true;
        failedLoginsThen = failedLoginsNow;
        return;
      }
      if (hasWorked && lockOutStatuses.has(status)) await assertNotStored(status);
      if (hasWorked && failedLoginsNow > failedLoginsThen && lockOutStatuses.has(status)) {
        budget.stop(
          `Not sent: after requests with wrong credentials, the endpoint responded with ${status} to the right ones, as if they were locked out. The run was stopped. Check whether the account or this address is blocked.`,
        );
      }
      throw new Untestable(
        `A refusal proves nothing here: the endpoint responded with ${status} instead of 200 to the known user with the right credentials.`,
      );
    },
    forget() {
      workedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
