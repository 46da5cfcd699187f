// Tests with Redis: replicas agree, nothing false is cached, and a failure of Redis does not make any request fail.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { SharedCacheConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import { Secret } from '../../../schemas/secret.ts';
import { type RedisService, startRedis } from '../../../tests/services/redis.ts';
import { findFreePort } from '../../../tests/services/service-process.ts';
import type { SharedCache } from '../cache.ts';
import { guardSource } from '../guard-source.ts';
import {
  createAnsweringSource,
  createSurroundings,
  groupsOf,
  neverAborted,
  userIn,
} from '../testing/scripted-source.ts';
import { openRedisCache } from './redis-cache.ts';

const times = { ttlSeconds: 60, negativeTtlSeconds: 10 };

describe('the shared cache', () => {
  let redis: RedisService;
  const opened: SharedCache[] = [];
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());
  afterEach(async () => {
    for (const cache of opened.splice(0)) await cache.close();
    await redis.command('FLUSHALL');
  });

  function configOf(changed: Partial<SharedCacheConfig> = {}): SharedCacheConfig {
    return {
      url: redis.url,
      password: new Secret(redis.password),
      key: new Secret('a key that is long enough for the tests'),
      prefix: 'test',
      timeoutMs: 500,
      ...changed,
    };
  }

  function open(changed: Partial<SharedCacheConfig> = {}, space = 'space', own = times) {
    const { tally, log, counts, lines } = createSurroundings();
    const cache = openRedisCache(configOf(changed), own, { tally, log, space });
    opened.push(cache);
    return { cache, counts, lines };
  }

  /** Retries until there is an answer, because connecting takes some time. */
  async function findSoon(cache: SharedCache, userid: string, timeoutMs = 5000): Promise<string[] | null | undefined> {
    for (const endMs = Date.now() + timeoutMs; Date.now() < endMs; await delay(10)) {
      const known = await cache.find(userid);
      if (known) return groupsOf(known.answer);
    }
    return undefined;
  }

  /** Stores the answer repeatedly until it can be found. */
  async function keepSurely(cache: SharedCache, userid: string, answer: UserInfo | null, ageMs = 0): Promise<void> {
    for (const endMs = Date.now() + 5000; Date.now() < endMs; await delay(10)) {
      cache.keep(userid, answer, ageMs);
      if (await cache.find(userid)) return;
    }
    throw new Error('nothing was kept');
  }

  it('returns the entries of another replica, with their age', async () => {
    const [a, b] = [open(), open()];
    await keepSurely(a.cache, 'ada', userIn('a'), 5000);
    await keepSurely(a.cache, 'eve', null);
    expect(await findSoon(b.cache, 'ada')).to.deep.equal(['a']);
    expect((await b.cache.find('ada'))?.ageMs).to.be.within(5000, 8000);
    expect(await b.cache.find('eve')).to.deep.include({ answer: null });
    expect(await b.cache.find('bob')).to.equal(null);
    expect(b.counts()).to.include({ 'shared-cache-failure': 0 });
  });

  it('sets the expiry of its entries in Redis', async () => {
    const { cache } = open();
    await keepSurely(cache, 'ada', userIn('a'), 5000);
    await keepSurely(cache, 'eve', null);
    const names = (await redis.command('KEYS', '*')) as string[];
    const leftMs = await Promise.all(names.map(async (name) => Number(await redis.command('PTTL', name))));
    expect(Math.max(...leftMs)).to.be.within(50_000, 55_000);
    expect(Math.min(...leftMs)).to.be.within(5000, 10_000);
  });

  it('stores no readable users or user info in Redis', async () => {
    const { cache } = open();
    await keepSurely(cache, 'ada@example.com', userIn('analysts'));
    const names = (await redis.command('KEYS', '*')) as string[];
    const values = await Promise.all(names.map((name) => redis.command('GET', name)));
    expect(names).to.have.length(1);
    expect(JSON.stringify([names, values])).not.to.match(/\bada\b|example|analysts|groups/);
  });

  it('separates the entries of different configurations', async () => {
    const first = open({}, 'one configuration');
    const second = open({}, 'another one');
    await keepSurely(first.cache, 'ada', userIn('a'));
    await keepSurely(second.cache, 'bob', userIn('b'));
    expect(await second.cache.find('ada')).to.equal(null);
  });

  it('removes the entry when the user no longer exists', async () => {
    const { cache } = open({}, 'space', { ...times, negativeTtlSeconds: 0 });
    await keepSurely(cache, 'ada', userIn('a'));
    cache.keep('ada', null, 0);
    await delay(50);
    expect(await cache.find('ada')).to.equal(null);
    expect(await redis.command('DBSIZE')).to.equal(0);
  });

  describe('does not return', () => {
    async function withOneEntry(changed?: Parameters<typeof open>[2]) {
      const own = open({}, 'space', changed);
      await keepSurely(own.cache, 'ada', userIn('a'));
      const [name = ''] = (await redis.command('KEYS', '*')) as string[];
      return { ...own, name };
    }

    it('an entry that was copied from another user', async () => {
      const { cache, name, counts, lines } = await withOneEntry();
      await keepSurely(cache, 'admin', userIn('admins'));
      const names = (await redis.command('KEYS', '*')) as string[];
      await redis.command('COPY', names.find((other) => other !== name) ?? '', name, 'REPLACE');
      expect(await cache.find('ada')).to.equal(null);
      expect(counts()).to.include({ 'shared-cache-failure': 1 });
      expect(lines.join()).to.include('check who can write to it');
      expect(await findSoon(cache, 'admin')).to.deep.equal(['admins']);
    });

    it('a forged entry', async () => {
      const { cache, name } = await withOneEntry();
      await redis.command('SET', name, JSON.stringify(userIn('admins')));
      expect(await cache.find('ada')).to.equal(null);
    });

    it('an entry of another Redis type', async () => {
      const { cache, name } = await withOneEntry();
      await redis.command('DEL', name);
      await redis.command('LPUSH', name, 'x');
      expect(await cache.find('ada')).to.equal(null);
    });

    it('an entry whose expiry was removed, after its lifetime', async () => {
      const { cache, name } = await withOneEntry({ ...times, ttlSeconds: 1 });
      await redis.command('PERSIST', name);
      await delay(1010);
      expect(await cache.find('ada')).to.equal(null);
    });

    it('an entry from the future', async () => {
      const { cache } = open();
      await keepSurely(cache, 'bob', userIn('b'));
      cache.keep('ada', userIn('a'), -60_000);
      await delay(50);
      expect(await cache.find('ada')).to.equal(null);
    });
  });

  describe('has no effect', () => {
    const inTime = async (cache: SharedCache, limitMs: number) => {
      const start = performance.now();
      const known = await cache.find('ada');
      expect(performance.now() - start).to.be.lessThan(limitMs);
      return known;
    };

    it('when nothing listens', async () => {
      const { cache, lines } = open({ url: `redis://127.0.0.1:${await findFreePort()}` });
      expect(await inTime(cache, 100)).to.equal(null);
      cache.keep('ada', userIn('a'), 0);
      await delay(100);
      expect(lines).to.have.length(1);
    });

    it('when the password is wrong, and does not log it', async () => {
      const { cache, lines } = open({ password: new Secret('canary') });
      for (const endMs = Date.now() + 3000; lines.length === 0 && Date.now() < endMs; ) await delay(10);
      expect(await inTime(cache, 100)).to.equal(null);
      expect(lines).to.have.length(1);
      expect(lines.join()).not.to.include('canary');
    });

    it('when Redis is slow, and sends no further commands for a while', async () => {
      const { cache, counts } = open({ timeoutMs: 100 });
      await keepSurely(cache, 'ada', userIn('a'));
      // On a busy machine, Redis may have been slow before.
      const failures = () => counts()['shared-cache-failure'] ?? 0;
      const before = failures();
      await redis.command('CLIENT', 'PAUSE', '700', 'ALL');
      expect(await inTime(cache, 400)).to.equal(null);
      for (let time = 0; time < 100; time++) expect(await cache.find('ada')).to.equal(null);
      expect(failures(), 'a hundred lookups while it rests ask nothing').to.equal(before + 1);
      expect(await findSoon(cache, 'ada')).to.deep.equal(['a']);
    });

    it('while Redis is down, and works again after it is back', async () => {
      const { cache } = open();
      await keepSurely(cache, 'ada', userIn('a'));
      await redis.halt();
      for (let time = 0; time < 10; time++) {
        expect(await inTime(cache, 700)).to.equal(null);
        cache.keep('ada', userIn('a'), 0);
        await delay(10);
      }
      await redis.resume();
      await keepSurely(cache, 'ada', userIn('b'));
      expect(await findSoon(cache, 'ada')).to.deep.equal(['b']);
    });

    it('after it was closed, even if it was still connecting', async () => {
      const { cache } = open({ url: `redis://127.0.0.1:${await findFreePort()}` });
      await cache.close();
      await cache.close();
      expect(await inTime(cache, 100)).to.equal(null);
    });
  });

  it('uses TLS, and only with a server whose certificate is from its CA', async () => {
    const { cache } = open({ url: redis.tlsUrl, ca: redis.ca });
    await keepSurely(cache, 'ada', userIn('a'));
    const { cache: other, lines } = open({ url: redis.tlsUrl });
    for (const endMs = Date.now() + 3000; lines.length === 0 && Date.now() < endMs; ) await delay(10);
    expect(lines).to.have.length(1);
    expect(await other.find('ada')).to.equal(null);
  });

  it('returns entries in one server that another server looked up', async () => {
    const answers = { a: userIn('old') as UserInfo | null };
    const shared = configOf();
    const cache = { ...times, maxEntries: 100, maxBytes: 100_000, shared };
    const servers = [0, 1].map(() => {
      const source = createAnsweringSource(() => answers.a);
      const surroundings = createSurroundings();
      const sharedCache = openRedisCache(shared, cache, { ...surroundings, space: 'test' });
      return {
        source,
        surroundings,
        guarded: guardSource(source, { coalesce: true, cache }, { ...surroundings, sharedCache }),
      };
    });
    const ask = async (server: number, userid: string) =>
      groupsOf((await servers[server]?.guarded.findUser(userid, neverAborted())) ?? null);
    // Until both servers are connected, each one caches on its own.
    for (const [index, { surroundings }] of servers.entries()) {
      for (let user = 0; (surroundings.counts()['shared-cache-miss'] ?? 0) === 0; user++) {
        await ask(index, `warming up ${user}`);
        await delay(5);
      }
    }
    expect(await ask(0, 'ada')).to.deep.equal(['old']);
    await delay(50);
    answers.a = userIn('new');
    expect(await ask(1, 'ada')).to.deep.equal(['old']);
    expect(await ask(1, 'bob')).to.deep.equal(['new']);
    for (const { guarded } of servers) await guarded.close();
  });
});
