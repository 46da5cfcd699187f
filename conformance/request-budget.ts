// Owns how many requests a run may send, how many of them with wrong credentials, and how far apart: a check must never lock an account.
import { setTimeout as sleep } from 'node:timers/promises';
import { Untestable } from './check-endings.ts';

/** What a run may still send. Every reason for leaving something out is kept, once. */
export interface RequestBudget {
  /** Before each request. `failedLoginOf` as in Credentials. Waits for its turn. Throws Untestable when it may not be sent. */
  take(failedLoginOf: string | null): Promise<void>;
  /** Sends no more wrong credentials, e.g. after a 429. `reason`: a sentence. */
  closeFailedLogins(reason: string): void;
  readonly requestsSent: number;
  readonly failedLoginsSent: number;
  readonly leftOut: ReadonlySet<string>;
}

/**
 * A budget of `maxRequests`, and `maxFailedLogins` for each user name that is presented, since a directory counts by
 * name. A made-up name costs the account of the operator nothing, and a header in which no name can be read is counted as a
 * name of its own. Failed logins of any name are at least `spacingMs` apart.
 */
export function createRequestBudget(options: {
  readonly maxRequests: number;
  readonly maxFailedLogins: number;
  readonly spacingMs: number;
}): RequestBudget {
  const failedLogins = new Map<string, number>();
  const leftOut = new Set<string>();
  let requestsSent = 0;
  let failedLoginsSent = 0;
  let closedBecause: string | null = null;

  function refuse(reason: string): never {
    leftOut.add(reason);
    throw new Untestable(reason);
  }

  return {
    async take(failedLoginOf) {
      if (requestsSent >= options.maxRequests) {
        refuse(`Not asked: the budget of ${options.maxRequests} requests is used up. Raise --max-requests.`);
      }
      if (failedLoginOf !== null) {
        if (closedBecause !== null) refuse(closedBecause);
        const taken = failedLogins.get(failedLoginOf) ?? 0;
        if (taken >= options.maxFailedLogins) {
          refuse(
            `Not asked: the budget of ${options.maxFailedLogins} requests with wrong credentials for one user name is used up. Raise --max-failed-logins where no account can be locked out.`,
          );
        }
        failedLogins.set(failedLoginOf, taken + 1);
        failedLoginsSent += 1;
        if (failedLoginsSent > 1) await sleep(options.spacingMs);
      }
      requestsSent += 1;
    },
    closeFailedLogins(reason) {
      closedBecause ??= reason;
    },
    get requestsSent() {
      return requestsSent;
    },
    get failedLoginsSent() {
      return failedLoginsSent;
    },
    leftOut,
  };
}
