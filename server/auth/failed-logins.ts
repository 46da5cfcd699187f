// Owns the limit on wrong credentials from one address.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
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
  readonly #limiter: RateLimiterMemory | null;

  constructor({ max, windowSeconds }: FailedLoginsOptions) {
    this.#limiter =
      max === 0 ? null : new RateLimiterMemory({ points: max, duration: windowSeconds, blockDuration: windowSeconds });
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
