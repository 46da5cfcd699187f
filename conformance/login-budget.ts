// Owns how many requests with wrong credentials a run may send, and how far apart: a check must never lock an account.
import { setTimeout as sleep } from 'node:timers/promises';
import { Untestable } from './check-endings.ts';

export interface LoginBudget {
  /** Waits for its turn. Throws Untestable when the budget is used up or closed. */
  take(): Promise<void>;
  /** Ends it for the rest of the run, e.g. at the first 429. */
  close(): void;
}

/** A budget of `maxFailedLogins` requests, at least `spacingMs` after one another. */
export function createLoginBudget(options: {
  readonly maxFailedLogins: number;
  readonly spacingMs: number;
}): LoginBudget {
  let taken = 0;
  let isClosed = false;
  return {
    async take() {
      if (isClosed) {
        throw new Untestable('No more wrong credentials were sent, since the endpoint answered 429: run again later.');
      }
      if (taken >= options.maxFailedLogins) {
        throw new Untestable(
          `Not asked: the budget of ${options.maxFailedLogins} requests with wrong credentials is used up. Raise --max-failed-logins where no account can be locked out.`,
        );
      }
      taken += 1;
      if (taken > 1) await sleep(options.spacingMs);
    },
    close() {
      isClosed = true;
    },
  };
}
