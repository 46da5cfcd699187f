// Credential cache: verified Authorization headers, so that a password is not hashed for each request.
import { hash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';

export interface CredentialCacheOptions {
  /** How long an accepted header is remembered, in seconds. */
  readonly acceptedForSeconds: number;
  /** Key of the digests; by default a random one. */
  readonly key?: string;
  /** Called with the digest of each header that was accepted here. */
  readonly onAccepted?: (digest: string, username: string) => void;
}

// Few callers have correct credentials; many may have wrong ones, which must not evict the correct ones.
const maxAccepted = 1000;
const maxRefused = 10_000;
const refusedForSeconds = 30;
/** Longer than any plausible header; longer ones are not cached. */
const maxHeaderLength = 1024;

/** The cache's own expiry would read the clock and set a timer for each lookup; this code runs for each request. */
interface Accepted {
  readonly username: string;
  /** Value of `performance.now()`. */
  readonly untilMs: number;
}

/**
 * Caches the outcome of `verify` for an Authorization header. The header itself is not stored, only its digest, under a key that lives as long as
 * this server. Without the key, the digests do not allow passwords to be guessed offline. Concurrent requests with the same header share one
 * verification.
 */
export class CredentialCache {
  readonly #key: string;
  readonly #onAccepted: (digest: string, username: string) => void;
  readonly #accepted = new LRUCache<string, Accepted>({ max: maxAccepted });
  readonly #acceptedForMs: number;
  readonly #refused = new LRUCache<string, true>({ max: maxRefused, ttl: refusedForSeconds * 1000 });
  readonly #underway = new Map<string, Promise<string | null>>();

  constructor({ acceptedForSeconds, key, onAccepted }: CredentialCacheOptions) {
    this.#key = key ?? randomBytes(32).toString('base64');
    this.#onAccepted = onAccepted ?? (() => undefined);
    this.#acceptedForMs = acceptedForSeconds * 1000;
  }

  /** Returns the user name for a header that was accepted recently, `null` for one that was rejected recently, and otherwise `undefined`. */
  find(header: string): string | null | undefined {
    if (header.length > maxHeaderLength) return undefined;
    const digest = this.#digestOf(header);
    const accepted = this.#accepted.get(digest);
    if (accepted && performance.now() < accepted.untilMs) return accepted.username;
    return this.#refused.has(digest) ? null : undefined;
  }

  /** Verifies a header once for all callers that wait for it, and caches the outcome. An error is not cached. */
  async verifyOnce(header: string, verify: () => Promise<string | null>): Promise<string | null> {
    const digest = this.#digestOf(header);
    const shared = this.#underway.get(digest);
    if (shared) return shared;
    const verification = verify();
    this.#underway.set(digest, verification);
    try {
      const username = await verification;
      if (header.length <= maxHeaderLength) {
        if (username === null) this.#refused.set(digest, true);
        else {
          this.learn(digest, username);
          this.#onAccepted(digest, username);
        }
      }
      return username;
    } finally {
      this.#underway.delete(digest);
    }
  }

  /** Caches a header as accepted, by its digest under the same key. */
  learn(digest: string, username: string): void {
    this.#accepted.set(digest, { username, untilMs: performance.now() + this.#acceptedForMs });
  }

  #digestOf(header: string): string {
    return hash('sha256', this.#key + header, 'base64');
  }
}
