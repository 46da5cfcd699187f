// Owns the limit on wrong credentials from one address.
import { RateLimiterCluster, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { clientNetworkOf } from './client-network.ts';

export interface FailedLoginsOptions {
  /** Wrong credentials within the window; 0: no limit. */
  readonly max: number;
  /** The window, and the wait that follows, in seconds. */
  readonly windowSeconds: number;
}

/** Thrown when an address has to wait. */
export class TooManyFailures extends Error {
  override readonly name = 'TooManyFailures';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too many failed credentials from one address');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Counts wrong credentials by address. An attempt is counted before it is judged and forgiven when it was right, so that
 * a thousand guesses at once are no way around the limit.
 */
export class FailedLogins {
  readonly #limiter: RateLimiterMemory | RateLimiterCluster | null;

  /** @param isShared true: this process is a worker, and its primary, with a RateLimiterClusterMaster, counts for all. */
  constructor({ max, windowSeconds }: FailedLoginsOptions, isShared = false) {
    const limits = { points: max, duration: windowSeconds, blockDuration: windowSeconds };
    if (max === 0) this.#limiter = null;
    // The primary keeps a limiter a name: other limits need another one.
    else if (isShared)
      this.#limiter = new RateLimiterCluster({ ...limits, keyPrefix: `failed-logins ${max} ${windowSeconds}` });
    else this.#limiter = new RateLimiterMemory(limits);
  }

  /** @throws {TooManyFailures} when the address has to wait. */
  async count(address: string): Promise<void> {
    try {
      await this.#limiter?.consume(clientNetworkOf(address));
    } catch (rejection) {
      // The limiter rejects with its state when the limit is passed; anything else is a fault.
      if (!(rejection instanceof RateLimiterRes)) throw rejection;
      throw new TooManyFailures(Math.max(1, Math.ceil(rejection.msBeforeNext / 1000)));
    }
  }

  async forgive(address: string): Promise<void> {
    await this.#limiter?.reward(clientNetworkOf(address));
  }
}

/** Makes the function that gives the same counts for the same limits: a reload forgives nobody. */
export function createFailedLoginsKeeper(isShared: boolean): (options: FailedLoginsOptions) => FailedLogins {
  let kept: { readonly options: FailedLoginsOptions; readonly failedLogins: FailedLogins } | null = null;
  return (options) => {
    const { max, windowSeconds } = options;
    if (kept?.options.max !== max || kept.options.windowSeconds !== windowSeconds) {
      kept = { options, failedLogins: new FailedLogins(options, isShared) };
    }
    return kept.failedLogins;
  };
}
