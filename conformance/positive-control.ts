// Positive control: a refusal of a wrong request proves something only while the right request gets a 200.
import { Untestable } from './check-endings.ts';
import type { Answer } from './question.ts';
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

/** Statuses with which an account or an address that was locked out is met. */
const lockOutStatuses: ReadonlySet<number> = new Set([401, 403, 423]);

/** Asks with `askKnownUser`. Stops the whole `budget` when the control ceases to work after failed logins. */
export function createPositiveControl(askKnownUser: () => Promise<Answer>, budget: RequestBudget): PositiveControl {
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
      const { status } = await askKnownUser();
      if (status === 200) {
        workedAt = performance.now();
        tookMs = workedAt - startedAt;
        hasWorked = true;
        failedLoginsThen = failedLoginsNow;
        return;
      }
      if (hasWorked && failedLoginsNow > failedLoginsThen && lockOutStatuses.has(status)) {
        budget.stop(
          `Not asked: after wrong credentials the right ones were answered with ${status}, as if they were locked out. Nothing more was sent: see whether the account or this address is blocked.`,
        );
      }
      throw new Untestable(
        `A refusal proves nothing here: the control, the known user with the right credentials, was answered with ${status} instead of 200.`,
      );
    },
    forget() {
      workedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
