// Store of cached user info, limited by age, number and bytes.
import { LRUCache } from 'lru-cache';
import { bufferOf, EncodedUserInfo, type JsonBytes } from '../../schemas/encoded-user-info.ts';
import type { CacheConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { encodeUserInfo } from '../answer.ts';
import { StaleUserInfo } from './passing-user-info.ts';

/** The JSON of a user, or `null`: no such user. */
interface Entry {
  readonly json: Buffer | null;
  readonly bornAtMs: number;
  readonly freshUntilMs: number;
}

/** Measured size of key, map, list, entry and buffer, which is added to the bytes of the answer and the userid. */
const overheadBytes = 400;

/** Caches answers by exact userid and evicts the least recently used answer first. Errors are never cached. */
export class AnswerCache {
  readonly #entries: LRUCache<string, Entry>;
  readonly #ttlMs: number;
  readonly #negativeTtlMs: number;
  readonly #maxStaleMs: number;
  readonly #now: () => number;

  /** @param now monotonic milliseconds. */
  constructor(config: Omit<CacheConfig, 'shared'>, now: () => number) {
    this.#entries = new LRUCache({ max: config.maxEntries, maxSize: config.maxBytes });
    this.#ttlMs = config.ttlSeconds * 1000;
    this.#negativeTtlMs = config.negativeTtlSeconds * 1000;
    this.#maxStaleMs = (config.staleIfError?.maxStaleSeconds ?? 0) * 1000;
    this.#now = now;
  }

  /** Returns the cached answer if it is still fresh; `undefined`: the source has to be called. */
  findFresh(userid: string): UserInfo | null | undefined {
    const entry = this.#entries.get(userid);
    if (entry === undefined || this.#now() >= entry.freshUntilMs) return undefined;
    return entry.json === null ? null : new EncodedUserInfo(entry.json);
  }

  /** Returns the cached answer that may replace a failed lookup, never "no such user"; `undefined`: there is none. */
  findStale(userid: string): StaleUserInfo | undefined {
    const entry = this.#entries.get(userid);
    if (!entry?.json) return undefined;
    const nowMs = this.#now();
    if (nowMs >= entry.freshUntilMs + this.#maxStaleMs) return undefined;
    return new StaleUserInfo(entry.json, (nowMs - entry.bornAtMs) / 1000);
  }

  /**
   * Stores the result of a lookup. "No such user" removes an earlier entry, even if it is not cached itself.
   *
   * @param bornAtMs start of the lookup, from which the age of the answer is counted.
   */
  keep(userid: string, answer: UserInfo | null, bornAtMs: number): void {
    const ttlMs = answer === null ? this.#negativeTtlMs : this.#ttlMs;
    if (this.#now() >= bornAtMs + ttlMs + (answer === null ? 0 : this.#maxStaleMs)) {
      this.#entries.delete(userid);
      return;
    }
    const json = answer === null ? null : ownBytes(encodeUserInfo(answer));
    const size = (json?.length ?? 0) + userid.length * 2 + overheadBytes;
    this.#entries.set(userid, { json, bornAtMs, freshUntilMs: bornAtMs + ttlMs }, { size });
  }

  forget(userid: string): void {
    this.#entries.delete(userid);
  }

  clear(): void {
    this.#entries.clear();
  }

  get entries(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#entries.calculatedSize;
  }
}

/** Returns the bytes in a Buffer with its own memory. A small Buffer is a slice of a shared slab; caching it would keep the whole slab in memory. */
function ownBytes(bytes: JsonBytes): Buffer {
  const json = bufferOf(bytes);
  if (json.buffer.byteLength === json.byteLength) return json;
  const copy = Buffer.allocUnsafeSlow(json.byteLength);
  copy.set(json);
  return copy;
}
