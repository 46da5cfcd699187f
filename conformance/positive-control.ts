// Positive control: a refusal proves something only while the same request with the right credentials gets a 200.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Untestable } from './check-endings.ts';
import type { Answer, EndpointRequest } from './http/endpoint-request.ts';
import type { RequestBudget } from './request-budget.ts';

export interface PositiveControl {
  /** Throws Untestable unless the known user, requested with the right credentials, gets a 200 now or got one recently. */
  assertWorks(): Promise<void>;
  /** Makes the next call send the request again, e.g. after a request without a response. */
  forget(): void;
}

/** How long a successful control remains valid, unless wrong credentials have been sent since. */
const memoryMs = 1000;

/** For a slow endpoint, the control remains valid for this multiple of its own duration. */
const memoryFactor = 5;

/** Statuses that indicate a locked-out account or address. */
const lockOutStatuses: ReadonlySet<number> = new Set([401, 403, 423]);

/** Pause before the request that distinguishes a cached refusal from a lockout. */
const pauseMs = 1000;

/** Returns a request for a user with an additional, unused parameter, so that no cache has a response for it. */
export function inOtherQuery(userid: string): Pick<EndpointRequest, 'userids' | 'query' | 'shown'> {
  const other = `kit-${randomBytes(6).toString('hex')}=1`;
  return {
    userids: [],
    query: `userid=${encodeURIComponent(userid)}&${other}`,
    shown: `userid=\${KNOWN_USER_ENCODED}&${other}`,
  };
}

/**
 * Creates the control of a run. It stops the whole `budget` if the right credentials are refused after failed logins. If a request with another query
 * is not refused, the refusal comes from a cache, and the run continues.
 *
 * @param askKnownUser sends the platform's request; with `isOtherQuery`, the request of inOtherQuery.
 */
export function createPositiveControl(
  askKnownUser: (isOtherQuery: boolean) => Promise<Answer>,
  budget: RequestBudget,
): PositiveControl {
  let isRefusalStored = false;

  /** Throws Untestable if the refusal comes from a cache. */
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
          `Not sent: after requests with wrong credentials, the endpoint responded with ${status} to the right credentials. It behaves as if the account were locked out. The run was stopped. Check whether the account or this address is blocked.`,
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
