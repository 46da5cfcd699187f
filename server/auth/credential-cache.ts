// Credential cache: verified Authorization headers, so that a password is not hashed for each request.
import { hash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';

export interface CredentialCacheOptions {
  /** How long an accepted header is remembered, in seconds. */
  readonly acceptedForSeconds: number;
  /** Of the digests; by default a random one. */
  readonly key?: string;
  /** Called for each header that was accepted here, with its digest. */
  readonly onAccepted?: (digest: string, username: string) => void;
}

// Few callers have the right credentials; many may have wrong ones, and must not push the right ones out.
const maxAccepted = 1000;
const maxRefused = 10_000;
const refusedForSeconds = 30;
/** Longer than any sane header; a longer one is not worth remembering. */
const maxHeaderLength = 1024;

/** The cache's own ageing asks the clock and sets a timer for each look; this is looked at for each request. */
interface Accepted {
  readonly username: string;
  /** Of `performance.now()`. */
  readonly untilMs: number;
}

/**
 * Remembers what `verify` said of an Authorization header. The header itself is not kept: its keyed digest is, with a key
 * that lives as long as this server, so that a memory dump gives nothing to guess passwords against offline.
 * Requests with the same header that come while it is being verified share the verification.
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

  /** @returns the user name of a header that was accepted lately, `null` of one that was refused, else `undefined`. */
  find(header: string): string | null | undefined {
    if (header.length > maxHeaderLength) return undefined;
    const digest = this.#digestOf(header);
    const accepted = this.#accepted.get(digest);
    if (accepted && performance.now() < accepted.untilMs) return accepted.username;
    return this.#refused.has(digest) ? null : undefined;
  }

  /** Verifies a header once, however many ask at the same time, and remembers the outcome. A throw is not remembered. */
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

  /** Remembers a header as accepted, by its digest under the same key. */
  learn(digest: string, username: string): void {
    this.#accepted.set(digest, { username, untilMs: performance.now() + this.#acceptedForMs });
  }

  #digestOf(header: string): string {
    return hash('sha256', this.#key + header, 'base64');
  }
}
