// One measurement of the ldap benchmark, in a process of its own: lookups per second at a given concurrency.
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Client } from 'ldapts';
import type { LdapSourceConfig } from '../../schemas/generated/loaded-server-config.ts';
import { createLdapSource } from '../../server/adapters/ldap/ldap-source.ts';
import { ldapConfig, silentLog } from '../../server/adapters/ldap/testing/ldap-config.ts';
import { LookUpAbort } from '../../server/guards/lookup-abort.ts';
import { groupsBase, peopleBase, useridOf } from './directory.ts';

type LookUp = (userid: string) => Promise<unknown>;

const [variant = '', url = '', userCount = '', inFlightText = '', secondsText = ''] = process.argv.slice(2);
const users = Number(userCount);
const inFlight = Number(inFlightText);
const seconds = Number(secondsText);
/**
 * Measures a server that has been running for a while: during startup, the compiler causes pauses of several milliseconds, depending on the code
 * size.
 */
const warmUpSeconds = 8;
/** Far from 1, so that consecutive lookups are not adjacent. */
const stride = 7919;

async function openOurs(batching: LdapSourceConfig['batching'], strategy: 'none' | 'search'): Promise<LookUp> {
  const config = ldapConfig([url], {
    bind: { method: 'anonymous' },
    batching,
    user: { base: peopleBase },
    groups: { base: groupsBase, strategy },
    authorizations: [{ name: 'department', attribute: 'departmentNumber', encoding: 'text', required: false }],
  });
  const source = await createLdapSource(config, { log: silentLog });
  // Like the server: each lookup has its own signal.
  return (userid) => source.findUser(userid, new LookUpAbort());
}

/** Opens ldapts as an application would. */
async function openLdapts(strategy: 'none' | 'search'): Promise<LookUp> {
  const client = new Client({ url, timeout: 4000, connectTimeout: 2000 });
  await client.bind('', '');
  return async (userid) => {
    const found = await client.search(peopleBase, {
      filter: `(&(objectClass=inetOrgPerson)(mail=${userid}))`,
      attributes: ['mail', 'departmentNumber', 'pwdAccountLockedTime'],
      sizeLimit: 2,
    });
    const [entry] = found.searchEntries;
    if (strategy === 'none' || entry === undefined) return entry ?? null;
    const filter = `(&(objectClass=groupOfNames)(member=${entry.dn}))`;
    const groups = await client.search(groupsBase, { filter, attributes: ['cn'] });
    return groups.searchEntries.length > 0 ? entry : null;
  };
}

const unbatched = { maxUsers: 1 };
const variants: Record<string, () => Promise<LookUp>> = {
  'ours-single': () => openOurs(unbatched, 'none'),
  'ours-batched': () => openOurs({ maxUsers: 16 }, 'none'),
  'ldapts-single': () => openLdapts('none'),
  'ours-groups': () => openOurs({ maxUsers: 16 }, 'search'),
  'ldapts-groups': () => openLdapts('search'),
  nothing: async () => async () => true,
};
/** Approximate rate of the clients with one search per user. */
const nothingPerSecond = 8000;
const open = variants[variant];
if (open === undefined) throw new Error(`no variant ${variant}`);
const lookUp = await open();

let next = 0;
const nextUserid = () => useridOf((next++ * stride) % users);

/** Keeps `inFlight` lookups running for `forSeconds`. @returns lookups per second. */
async function measure(forSeconds: number): Promise<number> {
  let done = 0;
  const start = performance.now();
  const endMs = start + forSeconds * 1000;
  const worker = async () => {
    while (performance.now() < endMs) {
      assert.ok(await lookUp(nextUserid()));
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return done / ((performance.now() - start) / 1000);
}

/**
 * Waits 20 µs by counting. A loop that reads the clock would allocate 300 MB of numbers per second, and their garbage collection would be attributed
 * to the client.
 */
const pause = (() => {
  const count = (to: number) => {
    let sum = 0;
    for (let at = 0; at < to; at++) sum = (sum + at) | 0;
    return sum;
  };
  const counts = 1_000_000;
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < 50; trial++) {
    const startMs = performance.now();
    count(counts);
    fastestMs = Math.min(fastestMs, performance.now() - startMs);
  }
  const countsPerPause = Math.round((counts * 0.02) / fastestMs);
  return () => count(countsPerPause);
})();

/**
 * Starts lookups at a steady rate, independent of the responses. Measures each from the time when it was due, so that the delay of this process is
 * included. It never sleeps, because a timer can be a millisecond late and then cause a burst: both effects would be attributed to the client.
 * Durations are stored in a preallocated array, so that the garbage collector has nothing to copy.
 *
 * @returns p50 and p99 in milliseconds.
 */
async function measureLatency(perSecond: number, forSeconds: number): Promise<{ p50: number; p99: number }> {
  const durations = new Float64Array(Math.ceil(perSecond * forSeconds));
  const intervalMs = 1000 / perSecond;
  let done = 0;
  let failure: unknown;
  const ask = async (dueMs: number): Promise<void> => {
    try {
      assert.ok(await lookUp(nextUserid()));
    } catch (error) {
      failure ??= error;
    }
    durations[done++] = performance.now() - dueMs;
  };
  const start = performance.now();
  for (let started = 0; started < durations.length; await nextTurn()) {
    const now = performance.now();
    for (; started < durations.length && start + started * intervalMs <= now; started++) {
      void ask(start + started * intervalMs);
    }
    // Each turn creates garbage, so the rate is limited to 50,000 turns per second.
    pause();
  }
  while (done < durations.length) await nextTurn();
  if (failure !== undefined) throw failure;
  durations.sort();
  const at = (share: number) => durations[Math.floor(durations.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

await measure(Math.min(1, seconds));
const lookupsPerSecond = await measure(seconds);
const perSecond = variant === 'nothing' ? nothingPerSecond : lookupsPerSecond / 2;
await measureLatency(perSecond, warmUpSeconds);
const { p50, p99 } = await measureLatency(perSecond, Math.max(2, seconds));
process.stdout.write(JSON.stringify({ lookupsPerSecond, p50Ms: p50, p99Ms: p99 }));
process.exit(0);
