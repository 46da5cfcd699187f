// Limits on wrong credentials: from one address, and for one user name from all addresses.
import { createHmac, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import { type RateLimiterAbstract, RateLimiterCluster, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { clientNetworkOf } from '../http/client-address.ts';
import { createAddressSet, plainAddress } from '../http/named-proxies.ts';
import type { QueuedClient } from './login-queue.ts';

export interface FailedLoginsOptions {
  /** Wrong credentials from one address within the window; 0: no limit. */
  readonly max: number;
  /** The window, and the wait that follows, in seconds. */
  readonly windowSeconds: number;
  /** The same for one user name, from all addresses that never had right ones for it; 0, the default: no limit. */
  readonly maxByUsername?: number;
  /** Addresses and networks that the limit by user name leaves alone; none by default. */
  readonly callerNetworks?: readonly string[];
}

/** Whose credentials are tried from where. */
export interface LoginAttempt {
  readonly address: string;
  readonly username: string;
}

/** An attempt that counts as failed until it is known to be none. */
export interface CountedAttempt {
  readonly client: QueuedClient;
  /** Removes the attempt from the counts, since its credentials are right, and remembers where they came from. */
  accept(): Promise<void>;
  /** Removes the attempt from the counts, since its credentials were not verified. */
  withdraw(): Promise<void>;
}

/** Thrown when an address has to wait, or everybody who is new with a user name. */
export class TooManyFailures extends Error {
  override readonly name = 'TooManyFailures';
  readonly code = 'too-many-failures';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too many failed credentials');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What is counted with. */
export interface Counting {
  /** True: this process is a worker, and its primary, with a RateLimiterClusterMaster, counts for all. */
  readonly isShared: boolean;
  /** Of the names' hashes. */
  readonly key: string;
  readonly known: KnownCallers;
  /** Told of each caller that was not known before. */
  onKnown(caller: string): void;
}

/** More than any server has callers. */
const maxKnown = 10_000;

/** Where right credentials have come from, as network and hash of the user name: an attack from elsewhere shuts nobody out who is known. */
type KnownCallers = LRUCache<string, true>;

export function createKnownCallers(): KnownCallers {
  return new LRUCache({ max: maxKnown });
}

function countingAlone(): Counting {
  const key = randomBytes(32).toString('base64');
  return { isShared: false, key, known: createKnownCallers(), onKnown: () => undefined };
}

/**
 * Counts wrong credentials. An attempt is counted before it is verified and removed when it was right, so that a thousand
 * guesses at once do not bypass a limit. Known and unknown user names are counted alike.
 */
export class FailedLogins {
  readonly #byAddress: RateLimiterAbstract | null;
  readonly #byUsername: RateLimiterAbstract | null;
  readonly #callerNetworks: ReturnType<typeof createAddressSet>;
  readonly #known: KnownCallers;
  readonly #onKnown: (caller: string) => void;
  readonly #key: string;

  constructor(
    { max, windowSeconds, maxByUsername = 0, callerNetworks = [] }: FailedLoginsOptions,
    { isShared, key, known, onKnown }: Counting = countingAlone(),
  ) {
    const limiterOf = (name: string, points: number): RateLimiterAbstract | null => {
      const limits = { points, duration: windowSeconds, blockDuration: windowSeconds };
      if (points === 0) return null;
      // The primary keeps a limiter a name: other limits need another one.
      const keyPrefix = `failed-logins ${name} ${points} ${windowSeconds}`;
      if (!isShared) return new RateLimiterMemory(limits);
      return new RateLimiterCluster({ ...limits, keyPrefix });
    };
    this.#byAddress = limiterOf('address', max);
    this.#byUsername = limiterOf('username', maxByUsername);
    this.#callerNetworks = createAddressSet(callerNetworks);
    this.#known = known;
    this.#onKnown = onKnown;
    this.#key = key;
  }

  /** @throws {TooManyFailures} when the address has to wait, or the user name is under attack and the address is new with it. */
  async count({ address, username }: LoginAttempt): Promise<CountedAttempt> {
    const network = clientNetworkOf(address);
    const name = this.#hashOf(username);
    const caller = `${network} ${name}`;
    await consume(this.#byAddress, network);
    const isKnown = this.#known.has(caller);
    const isTrusted = isKnown || this.#isCallers(address);
    const counted = isTrusted ? null : this.#byUsername;
    // 65,536 counts at most, whatever names are tried. Who does not have the key can't aim at another's.
    const bucket = name.slice(0, 4);
    try {
      await consume(counted, bucket);
    } catch (error) {
      // It was not verified, so it is not a failure of the address.
      await this.#byAddress?.reward(network);
      throw error;
    }
    const withdraw = async () => {
      await this.#byAddress?.reward(network);
      await counted?.reward(bucket);
    };
    return {
      // Guesses of others at the same address do not fill the queue of a known caller.
      client: { key: isKnown ? caller : network, isKnown: isTrusted },
      withdraw,
      accept: async () => {
        if (!this.#known.has(caller)) this.#onKnown(caller);
        this.#known.set(caller, true);
        await withdraw();
      },
    };
  }

  #isCallers(address: string): boolean {
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && this.#callerNetworks.check(plain, version === 6 ? 'ipv6' : 'ipv4');
  }

  #hashOf(username: string): string {
    return createHmac('sha256', this.#key).update(username).digest('hex');
  }
}

/** @throws {TooManyFailures} */
async function consume(limiter: RateLimiterAbstract | null, key: string): Promise<void> {
  try {
    await limiter?.consume(key);
  } catch (rejection) {
    // The limiter rejects with its state when the limit is passed; anything else is a fault.
    if (!(rejection instanceof RateLimiterRes)) throw rejection;
    throw new TooManyFailures(Math.max(1, Math.ceil(rejection.msBeforeNext / 1000)));
  }
}
