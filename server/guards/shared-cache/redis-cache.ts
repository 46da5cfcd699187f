// Cache in Redis that replicas share: access to it is limited in time and never causes a lookup to fail.
import { readFileSync } from 'node:fs';
import { createClient, RESP_TYPES } from 'redis';
import { bufferOf, EncodedUserInfo } from '../../../schemas/encoded-user-info.ts';
import type { CacheConfig, SharedCacheConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import { kitVersion } from '../../../schemas/kit-version.ts';
import type { AdapterLog } from '../../adapters/user-source.ts';
import { encodeUserInfo } from '../../answer.ts';
import { within } from '../../within.ts';
import type { SharedAnswer, SharedCache } from '../cache.ts';
import type { GuardTally } from '../guard-tally.ts';
import { createSparingLog } from '../sparing-log.ts';
import { createSealer } from './sealed-entry.ts';

export interface RedisCacheContext {
  readonly log: AdapterLog;
  readonly tally: GuardTally;
  /** What must be equal for two servers to share answers: the configuration of their sources. */
  readonly space: string;
}

/** After a failure Redis is not used for this long, so that a slow Redis does not delay each lookup. */
const restMs = 1000;
const reconnectMs = { first: 50, longest: 1000 };
/** A connection without any response is dead; a ping provokes a response. */
const pingEveryMs = 2000;
const silentMs = 5000;
/** Clocks of replicas differ; an answer from further in the future is ignored. */
const maxSkewMs = 5000;
const maxWaiting = 1000;

/**
 * Opens the shared cache; it connects by itself, now and after each loss of the connection. Any Redis error, and anything that takes longer than
 * `timeoutMs`, is treated as a cache miss.
 *
 * @throws Node's error when the file `ca` cannot be read.
 */
export function openRedisCache(
  config: SharedCacheConfig,
  { ttlSeconds, negativeTtlSeconds }: Pick<CacheConfig, 'ttlSeconds' | 'negativeTtlSeconds'>,
  { log, tally, space }: RedisCacheContext,
): SharedCache {
  // Another release may validate answers differently, so it has its own entries.
  const sealer = createSealer(config.key.reveal(), config.prefix, `${kitVersion}\n${space}`);
  const countHit = tally.counter('shared-cache-hit');
  const countMiss = tally.counter('shared-cache-miss');
  const countFailure = tally.counter('shared-cache-failure');
  const warn = createSparingLog(log);
  const timeout = { ms: config.timeoutMs, error: () => new Error(`no response within ${config.timeoutMs} ms`) };
  let restUntilMs = 0;

  const login = loginOf(config);
  const client = createClient({
    ...login,
    socket: {
      ...login.socket,
      connectTimeout: silentMs,
      socketTimeout: silentMs,
      reconnectStrategy: (retries: number) => Math.min(reconnectMs.first * 2 ** retries, reconnectMs.longest),
    },
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxWaiting,
    pingInterval: pingEveryMs,
  });
  const inBytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  // Without a listener, an error would stop the process.
  client.on('error', (error: Error) =>
    warn({ reason: error.message }, 'the shared cache cannot be used; each server uses its own cache'),
  );
  void client.connect().catch(() => undefined);

  const isUsable = () => client.isReady && performance.now() >= restUntilMs;

  function fail(reason: string): null {
    countFailure();
    restUntilMs = performance.now() + restMs;
    warn({ reason }, 'the shared cache failed; each server uses its own cache');
    return null;
  }

  function openEntry(name: string, sealed: Buffer): SharedAnswer | null {
    const entry = sealer.open(name, sealed);
    if (entry === null) {
      countFailure();
      warn({}, 'the shared cache contains an entry that these servers did not write: check who can write to it');
      return null;
    }
    const ageMs = Date.now() - entry.bornAtMs;
    const ttlMs = (entry.json === null ? negativeTtlSeconds : ttlSeconds) * 1000;
    if (ageMs >= ttlMs || ageMs < -maxSkewMs) return null;
    return { answer: entry.json && new EncodedUserInfo(entry.json), ageMs: Math.max(0, ageMs) };
  }

  return {
    async find(userid) {
      if (!isUsable()) return null;
      const name = sealer.nameOf(userid);
      let sealed: Buffer | null;
      try {
        sealed = await within(inBytes.get(name), { timeout });
      } catch (error) {
        return fail(error instanceof Error ? error.message : String(error));
      }
      const known = sealed && openEntry(name, sealed);
      (known ? countHit : countMiss)();
      return known;
    },
    keep(userid, answer, ageMs) {
      if (!isUsable()) return;
      const name = sealer.nameOf(userid);
      const leftMs = Math.floor((answer === null ? negativeTtlSeconds : ttlSeconds) * 1000 - ageMs);
      // "No such user" removes an earlier entry, even if it is not cached itself.
      const written: Promise<unknown> =
        leftMs < 1
          ? client.del(name)
          : client.set(name, sealer.seal(name, { json: bytesOf(answer), bornAtMs: Date.now() - ageMs }), {
              PX: leftMs,
            });
      within(written, { timeout }).catch((error: unknown) => fail(String(error)));
    },
    async close() {
      if (client.isOpen) client.destroy();
    },
  };
}

/** Returns how the cache logs in. @throws Node's error when the file `ca` cannot be read. */
export function loginOf({ url, username, password, ca }: SharedCacheConfig) {
  return {
    url,
    ...(username !== undefined && { username }),
    ...(password && { password: password.reveal() }),
    socket: ca === undefined ? {} : { tls: true as const, ca: readFileSync(ca) },
  };
}

function bytesOf(answer: UserInfo | null): Buffer | null {
  return answer === null ? null : bufferOf(encodeUserInfo(answer));
}
