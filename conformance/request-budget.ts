// Limits of a run: how many requests it may send, how many of them with wrong credentials and how far apart, and until when.
import { setTimeout as sleep } from 'node:timers/promises';
import { NotAsked } from './check-endings.ts';

/** What a run may still send. */
export interface RequestBudget {
  /** Before each request. `failedLoginOf` as in Credentials. Waits for its turn. Throws NotAsked when it may not be sent. */
  take(failedLoginOf: string | null): Promise<void>;
  /** Sends no more wrong credentials. `reason`: a sentence; the first one stays. */
  closeFailedLogins(reason: string): void;
  /** Sends nothing more. `reason`: a sentence; the first one stays. */
  stop(reason: string): void;
  readonly requestsSent: number;
  readonly failedLoginsSent: number;
  /** Why nothing more is sent: `stop` was called, or the requests are used up; null: more can be sent. */
  readonly stopReason: string | null;
}

/**
 * A budget of `maxRequests` within `maxDuration` seconds, and `maxFailedLogins` for each user name that is presented.
 *
 * A directory counts failed logins by name. So an attempt with a wrong name counts against that name, which is made up and
 * nobody's, and not against the account of the operator; headers in which no name can be read share one count. What counts
 * by address instead shows as 429, or as a control that fails, and both end it. Failed logins of any name are at least
 * `spacingMs` apart.
 */
export function createRequestBudget(options: {
  readonly maxRequests: number;
  readonly maxFailedLogins: number;
  readonly spacingMs: number;
  /** The time of the run from now on, in seconds. */
  readonly maxDuration: number;
  /** How long a response is expected to take, in milliseconds: no request begins that would end after the time of the run. */
  readonly expectedMs: () => number;
}): RequestBudget {
  const endsAt = performance.now() + options.maxDuration * 1000;
  const failedLogins = new Map<string, number>();
  let requestsSent = 0;
  let failedLoginsSent = 0;
  let stoppedBecause: string | null = null;
  /** What would have prevented the stop. */
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
      // No stop: what was found so far has a verdict, and what was not tested stands beside it.
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
