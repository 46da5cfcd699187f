// Cache guards: one returns cached user info; the other, below coalescing, fills the cache.
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { type AdapterLog, type LookUpSource, SourceError } from '../adapters/user-source.ts';
import type { AnswerCache } from './answer-cache.ts';
import { aroundSource, generationReader } from './around-source.ts';
import type { GuardTally } from './guard-tally.ts';
import { PassingUserInfo } from './passing-user-info.ts';
import { createSparingLog } from './sparing-log.ts';

/** A cache shared by several servers; see `shared-cache/`. `find` and `keep` do not throw and do not take long. */
export interface SharedCache {
  /** Returns the shared answer of a user; `null`: not known. */
  find(userid: string): Promise<SharedAnswer | null>;
  /** @param ageMs time since the lookup began. */
  keep(userid: string, answer: UserInfo | null, ageMs: number): void;
  close(): Promise<void>;
}

export interface SharedAnswer {
  readonly answer: UserInfo | null;
  /** Time since the start of the lookup that returned the answer. */
  readonly ageMs: number;
}

/**
 * Returns a cached answer while it is fresh, otherwise calls the source. When the source is unavailable or too slow, an expired result replaces the
 * failure, for at most the configured time. A bad answer and "no such user" are passed on unchanged. When the source loads newer data, the cache is
 * cleared.
 */
export function withCache(source: LookUpSource, cache: AnswerCache, tally: GuardTally, log: AdapterLog): LookUpSource {
  const countHit = tally.counter('cache-hit');
  const countMiss = tally.counter('cache-miss');
  const countStale = tally.counter('cache-stale');
  const warn = createSparingLog(log);
  tally.gauge('user_info_cache_entries', () => cache.entries);
  tally.gauge('user_info_cache_bytes', () => cache.bytes);
  const generationOf = generationReader(source);
  let generation = generationOf();

  function findUserInMemory(userid: string, failure: SourceError | null): UserInfo | null | undefined {
    const current = generationOf();
    if (current !== generation) {
      generation = current;
      cache.clear();
    }
    if (failure === null) {
      const known = cache.findFresh(userid);
      if (known !== undefined) countHit();
      return known;
    }
    if (failure.kind === 'bad-answer') return undefined;
    const stale = cache.findStale(userid);
    if (stale) {
      countStale();
      warn({ reason: failure.message }, 'the source failed; expired cache entries are served');
    }
    return stale;
  }

  return aroundSource(source, {
    findUserInMemory,
    async findUser(userid, signal) {
      const known = findUserInMemory(userid, null);
      if (known !== undefined) return known;
      countMiss();
      try {
        return await source.findUser(userid, signal);
      } catch (error) {
        // No caller waits for this lookup any longer: the deadline has already returned a cached answer, or the caller has disconnected.
        if (signal.aborted || !(error instanceof SourceError)) throw error;
        const stale = findUserInMemory(userid, error);
        if (stale === undefined) throw error;
        return stale;
      }
    },
  });
}

/**
 * Caches what the source and the shared cache return. Does not cache an answer from data that was replaced in the meantime, or a PassingUserInfo. A
 * PassingUserInfo also removes an earlier entry, which must not be returned again when the source fails completely.
 */
export function withCacheFilling(
  source: LookUpSource,
  cache: AnswerCache,
  shared: SharedCache | null,
  now: () => number,
): LookUpSource {
  const generationOf = generationReader(source);
  return aroundSource(source, {
    async findUser(userid, signal) {
      const known = await shared?.find(userid);
      if (known) {
        cache.keep(userid, known.answer, now() - known.ageMs);
        return known.answer;
      }
      const bornAtMs = now();
      const generation = generationOf();
      const answer = await source.findUser(userid, signal);
      if (answer instanceof PassingUserInfo) cache.forget(userid);
      else if (generationOf() === generation) {
        cache.keep(userid, answer, bornAtMs);
        shared?.keep(userid, answer, now() - bornAtMs);
      }
      return answer;
    },
    async close() {
      cache.clear();
      await shared?.close();
      await source.close();
    },
  });
}
