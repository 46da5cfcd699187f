// One measurement of the guards benchmark, in its own process.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { GuardsConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { LookUpSource } from '../../server/adapters/user-source.ts';
import { encodeUserInfo } from '../../server/answer.ts';
import { AnswerCache } from '../../server/guards/answer-cache.ts';
import { withAbortSignals } from '../../server/guards/around-source.ts';
import { guardSource } from '../../server/guards/guard-source.ts';
import { GuardTally } from '../../server/guards/guard-tally.ts';
import { LookUpAbort } from '../../server/guards/lookup-abort.ts';

/** Microseconds of CPU per lookup, by stack: CPU time does not depend on other load. */
export type LookUpTimes = Readonly<Record<string, number>>;

export interface CacheMemory {
  readonly residentBytes: number;
  readonly countedBytes: number;
  readonly answerBytes: number;
}

const cache = { ttlSeconds: 3600, negativeTtlSeconds: 0, maxEntries: 100_000, maxBytes: 2 ** 30 };
const each = {
  coalescing: { coalesce: true },
  'cache, asked each time': { coalesce: false, cache },
  'shrink guard': {
    coalesce: false,
    shrink: { maxLossPercent: 50, action: 'ask-again', holdSeconds: 900, maxUsers: 100_000 },
  },
  'rules for answers': { coalesce: false, answers: { onNoGroups: 'error', maxGroups: 1000, maxBytes: 100_000 } },
  breaker: { coalesce: false, breaker: { failures: 5, openSeconds: 10 } },
  'time limit': { coalesce: false, deadlineMs: 1000 },
  bulkhead: { coalesce: false, bulkhead: { concurrent: 64, queued: 256 } },
  retry: { coalesce: false, retry: { attempts: 1 } },
} as const satisfies Record<string, GuardsConfig>;
const all: GuardsConfig = Object.assign({}, ...Object.values(each), { coalesce: true });
/** Without the time limit, which is meant for one source among several. */
const { deadlineMs: _deadlineMs, ...usual } = all;

/** The guards around the source; `undefined`: none. */
export const stacks: Readonly<Record<string, GuardsConfig | undefined>> = {
  'no guard': undefined,
  ...each,
  'all but the time limit, asked each time': usual,
  'all of them, asked each time': all,
  'all of them, answered from the cache': all,
};
const answeredFromCache = 'all of them, answered from the cache';

function userOf(index: number): UserInfo {
  return {
    groups: Array.from({ length: 20 }, (_, group) => ({ name: `department-${(index * 7 + group) % 1000}` })),
    authorizations: Object.fromEntries(
      Array.from({ length: 5 }, (_, attribute) => [`attribute-${attribute}`, [`value-${(index + attribute) % 100}`]]),
    ),
  };
}

const answers = Array.from({ length: 1000 }, (_, index) => userOf(index));
const silent = { info() {}, warn() {}, error() {} };

const userids = answers.map((_answer, index) => `user${index}@example.com`);
const answerOf = new Map(userids.map((userid, index) => [userid, answers[index] as UserInfo]));

function createNullSource(): LookUpSource {
  return {
    takesLookUpSignal: true,
    findUser: async (userid) => answerOf.get(userid) ?? null,
    async check() {},
    async close() {},
  };
}

async function timeOf(name: string, lookups: number): Promise<number> {
  let nowMs = 0;
  const now = () => {
    // The times are far enough apart that cached results expire, except when the cache itself is measured.
    if (name !== answeredFromCache) nowMs += 1e9;
    return nowMs;
  };
  const context = { log: silent, tally: new GuardTally('whole'), space: 'bench', now };
  const source = withAbortSignals(guardSource(createNullSource(), stacks[name], context));
  let bytes = 0;
  const turn = async (count: number) => {
    for (let index = 0; index < count; index++) {
      const userid = userids[index % userids.length] as string;
      // Like the deadline guard: cached results first, otherwise a lookup with its own signal.
      const known = source.findUserInMemory?.(userid, null);
      const found = known === undefined ? await source.findUser(userid, new LookUpAbort()) : known;
      if (found) bytes += encodeUserInfo(found).length;
    }
  };
  await turn(userids.length);
  const before = process.cpuUsage();
  await turn(lookups);
  const { user, system } = process.cpuUsage(before);
  assert.ok(bytes > 0);
  return (user + system) / lookups;
}

async function measureTimes(lookups: number): Promise<LookUpTimes> {
  const times: Record<string, number> = {};
  // The first run is a warm-up; results are recorded after it.
  for (const count of [lookups / 4, lookups]) {
    for (const name of Object.keys(stacks)) times[name] = await timeOf(name, count);
  }
  return times;
}

async function measureMemory(count: number): Promise<CacheMemory> {
  const collect = async () => {
    await delay(50);
    globalThis.gc?.();
    globalThis.gc?.();
    await delay(50);
    return process.memoryUsage.rss();
  };
  // Heap that responses need temporarily is allocated beforehand.
  for (let index = 0; index < 20_000; index++) encodeUserInfo(userOf(index));
  const remembered = new AnswerCache(cache, () => 0);
  const before = await collect();
  for (let index = 0; index < count; index++) remembered.keep(`user${index}@example.com`, userOf(index), 0);
  const residentBytes = (await collect()) - before;
  assert.equal(remembered.entries, count);
  return { residentBytes, countedBytes: remembered.bytes, answerBytes: encodeUserInfo(userOf(0)).length };
}

if (process.argv[1] === import.meta.filename) {
  const [what = '', count = ''] = process.argv.slice(2);
  const measured = what === 'memory' ? await measureMemory(Number(count)) : await measureTimes(Number(count));
  process.stdout.write(JSON.stringify(measured));
}
