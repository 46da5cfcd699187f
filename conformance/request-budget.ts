// Limits of a run: number of requests, number and spacing of wrong credentials, and duration.
import { setTimeout as sleep } from 'node:timers/promises';
import { NotAsked } from './check-endings.ts';

/** Requests that a run may still send. */
export interface RequestBudget {
  /**
   * Waits until a request may be sent; must be called before each. Throws NotAsked if no more requests may be sent. For `failedLoginOf`, see
   * Credentials.
   */
  take(failedLoginOf: string | null): Promise<void>;
  /** Stops sending wrong credentials. `reason`: a sentence; only the first reason is kept. */
  closeFailedLogins(reason: string): void;
  /** Sends nothing more. `reason`: a sentence; only the first reason is kept. */
  stop(reason: string): void;
  readonly requestsSent: number;
  readonly failedLoginsSent: number;
  /** Why nothing more is sent: `stop` was called, or the requests are used up. null: neither; the time limit may still prevent a request. */
  readonly stopReason: string | null;
}

/**
 * Creates a budget of `maxRequests` within `maxDuration` seconds, and `maxFailedLogins` for each presented user name.
 *
 * LDAP servers count failed logins by name. An attempt with a wrong name therefore counts for that generated name and not for the account of the
 * operator. Headers without a readable name share one count. Limits by address become visible as 429, or as a failing control, and both end the
 * attempts. Failed logins for any name are at least `spacingMs` apart.
 */
export function createRequestBudget(options: {
  readonly maxRequests: number;
  readonly maxFailedLogins: number;
  readonly spacingMs: number;
  /** Remaining time of the run, in seconds. */
  readonly maxDuration: number;
  /** How long a response is expected to take, in milliseconds: no request is started that would end after the time limit of the run. */
  readonly expectedMs: () => number;
}): RequestBudget {
  const endsAt = performance.now() + options.maxDuration * 1000;
  const failedLogins = new Map<string, number>();
  let requestsSent = 0;
  let failedLoginsSent = 0;
  let stoppedBecause: string | null = null;
  /** Flags that would have prevented the stop. */
  let flagsOfStop: readonly string[] = [];
  let failedLoginsClosedBecause: string | null = null;
  let lastFailedLogin: Promise<void> = Promise.resolve();

  function takeFailedLogin(name: string): Promise<void> {
    if (failedLoginsClosedBecause !== null) throw new NotAsked(failedLoginsClosedBecause);
    const taken = failedLogins.get(name) ?? 0;
    if (taken >= options.maxFailedLogins) {
      throw new NotAsked(
        `Not sent: the budget of ${options.maxFailedLogins} requests with wrong credentials for one user name is used up. Increase --max-failed-logins if no account can be locked out.`,
        ['--max-failed-logins NUMBER'],
      );
    }
    failedLogins.set(name, taken + 1);
    failedLoginsSent += 1;
    const turn = lastFailedLogin;
    lastFailedLogin = turn.then(() => sleep(options.spacingMs));
    return turn;
  }

  return {
    async take(failedLoginOf) {
      if (stoppedBecause !== null) throw new NotAsked(stoppedBecause, flagsOfStop);
      // Reaching this limit does not stop the run: the findings so far decide the verdict, and the report lists what was not tested.
      if (performance.now() + options.expectedMs() >= endsAt) {
        throw new NotAsked(
          `Not tested in time: the run ends after ${options.maxDuration} seconds. Increase --max-duration.`,
          ['--max-duration SECONDS'],
          true,
        );
      }
      if (requestsSent >= options.maxRequests) {
        stoppedBecause = `Not sent: the budget of ${options.maxRequests} requests is used up. Increase --max-requests.`;
        flagsOfStop = ['--max-requests NUMBER'];
        throw new NotAsked(stoppedBecause, flagsOfStop);
      }
      const turn = failedLoginOf === null ? null : takeFailedLogin(failedLoginOf);
      requestsSent += 1;
      await turn;
    },
    closeFailedLogins(reason) {
      failedLoginsClosedBecause ??= reason;
    },
    stop(reason) {
      stoppedBecause ??= reason;
    },
    get stopReason() {
      return stoppedBecause;
    },
    get requestsSent() {
      return requestsSent;
    },
    get failedLoginsSent() {
      return failedLoginsSent;
    },
  };
}
