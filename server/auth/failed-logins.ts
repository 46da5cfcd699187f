// Limits on wrong credentials: per address, and per user name from all addresses.
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
  /** The window and the wait that follows it, in seconds. */
  readonly windowSeconds: number;
  /** Wrong credentials for one user name, from all addresses that never sent correct credentials for it; 0, the default: no limit. */
  readonly maxByUsername?: number;
  /** Addresses and networks exempt from the limit by user name; none by default. */
  readonly callerNetworks?: readonly string[];
}

/** The user name and address of an attempt. */
export interface LoginAttempt {
  readonly address: string;
  readonly username: string;
}

/** An attempt, which counts as failed until it turns out to have succeeded or is withdrawn. */
export interface CountedAttempt {
  readonly client: QueuedClient;
  /** Removes the attempt from the counts, since its credentials are correct, and remembers its network. */
  accept(): Promise<void>;
  /** Removes the attempt from the counts, since its credentials were not verified. */
  withdraw(): Promise<void>;
}

/** Thrown when an address has to wait, or when all unknown addresses have to wait before they may try this user name. */
export class TooManyFailures extends Error {
  override readonly name = 'TooManyFailures';
  readonly code = 'too-many-failures';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too many failed logins');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The counters and the memory of known callers. */
export interface Counting {
  /** Whether this process is a worker whose primary, with a RateLimiterClusterMaster, keeps the counts for all workers. */
  readonly isShared: boolean;
  /** Key of the hashes of user names. */
  readonly key: string;
  readonly known: KnownCallers;
  /** Called for each caller that was not known before. */
  onKnown(caller: string): void;
}

/** More callers than any server has. */
const maxKnown = 10_000;

/** Origins of correct credentials, as network and hash of the user name: an attack from elsewhere does not lock out a known caller. */
type KnownCallers = LRUCache<string, true>;

export function createKnownCallers(): KnownCallers {
  return new LRUCache({ max: maxKnown });
}

function countingAlone(): Counting {
  const key = randomBytes(32).toString('base64');
  return { isShared: false, key, known: createKnownCallers(), onKnown: () => undefined };
}

/**
 * Counts wrong credentials. An attempt is counted before it is verified, and removed when correct, so that a thousand simultaneous guesses cannot
 * bypass a limit. Known and unknown user names are counted alike.
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
      // The primary keeps one limiter per name, so different limits need a different name.
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

  /** Counts an attempt. @throws {TooManyFailures} when the address has to wait, or when the user name is under attack and the caller is not known. */
  async count({ address, username }: LoginAttempt): Promise<CountedAttempt> {
    const network = clientNetworkOf(address);
    const name = this.#hashOf(username);
    const caller = `${network} ${name}`;
    await consume(this.#byAddress, network);
    const isKnown = this.#known.has(caller);
    const isTrusted = isKnown || this.#isCallers(address);
    const counted = isTrusted ? null : this.#byUsername;
    // At most 65,536 counters, regardless of which names are tried. Without the key, nobody can choose a name that collides with the counter of
    // another name.
    const bucket = name.slice(0, 4);
    try {
      await consume(counted, bucket);
    } catch (error) {
      // The attempt was not verified, so it does not count as a failure of the address.
      await this.#byAddress?.reward(network);
      throw error;
    }
    const withdraw = async () => {
      await this.#byAddress?.reward(network);
      await counted?.reward(bucket);
    };
    return {
      // Guesses by others at the same address do not fill the queue of a known caller.
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
    // The limiter rejects with its state when the limit is exceeded; anything else is an error.
    if (!(rejection instanceof RateLimiterRes)) throw rejection;
    throw new TooManyFailures(Math.max(1, Math.ceil(rejection.msBeforeNext / 1000)));
  }
}
