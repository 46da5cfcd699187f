// Tests of the diagnosis of a shared cache against a real Redis, configured correctly, and with each possible error.
import { expect } from 'chai';
import { type RedisService, startRedis } from '../../tests/services/redis.ts';
import { findFreePort } from '../../tests/services/service-process.ts';
import { diagnose, secretReference } from './testing/diagnose.ts';

/** Long enough for `key`, and not the password of any account. */
const otherSecret = 'a secret that is long enough for a key of the cache';

describe('the diagnosis of a shared cache', () => {
  let redis: RedisService;

  before(async () => {
    redis = await startRedis();
    await redis.command('ACL', 'SETUSER', 'cache', 'on', `>${otherSecret}`, '~user-info:*', '+@all');
  });
  after(() => redis.stop());

  const users = { ada: { groups: ['staff'] } };
  const own = () => ({ url: redis.tlsUrl, ca: redis.ca, username: 'cache', password: secretReference });

  function diagnoseCache(given: object = {}): Promise<string[]> {
    const shared = { ...own(), key: secretReference, timeoutMs: 5000, ...given };
    const guards = { cache: { ttlSeconds: 60, shared } };
    return diagnose({ type: 'static', users }, 'ada', otherSecret, { guards });
  }
  const cacheLines = (lines: readonly string[]) => lines.filter((line) => line.startsWith('cache of source: '));

  it('reports that everything works, and leaves no data in Redis', async () => {
    const lines = await diagnoseCache();
    expect(cacheLines(lines).map((line) => line.split(': ')[1])).to.deep.equal([
      ...['works DNS', 'works TCP', 'works TLS', 'works login', 'works rights'],
    ]);
    expect(lines.at(-1)).to.match(/^source: works user: is found/);
    expect(lines.join('\n')).not.to.match(/\bada\b|staff|a secret/);
    expect(await redis.command('DBSIZE')).to.equal(0);
  });

  const wrong: Record<string, [given: () => object | Promise<object>, last: RegExp]> = {
    'that nothing listens': [
      async () => ({ url: `rediss://127.0.0.1:${await findFreePort()}` }),
      /fails TCP: .*ECONNREFUSED/,
    ],
    'that the certificate is of an unknown CA': [
      () => ({ ca: undefined }),
      /fails TLS: .* → add the issuing CA to guards\.cache\.shared\.ca/,
    ],
    'that the server does not use TLS': [() => ({ url: redis.url.replace('redis:', 'rediss:') }), /fails TLS: /],
    'that the password is rejected': [
      () => ({ username: 'default' }),
      /fails login: the login to Redis failed \(WRONGPASS\) → compare username and password/,
    ],
    'that an entry may not be written': [
      () => ({ prefix: 'other' }),
      /fails rights: .*\(NOPERM\) → grant the user \+get \+set \+del \+ping on ~other:\*/,
    ],
  };
  for (const [title, [given, last]] of Object.entries(wrong)) {
    it(`reports ${title}, and continues with the source, which works without the cache`, async () => {
      const lines = await diagnoseCache(await given());
      expect(cacheLines(lines).at(-1)).to.match(last);
      expect(lines.at(-1)).to.match(/^source: works user: is found/);
      expect(lines.join('\n')).not.to.include('a secret');
    });
  }

  it('reports that the memory of Redis is full', async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    const lines = await diagnoseCache();
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(cacheLines(lines).at(-1)).to.match(/fails rights: .*\(OOM\)/);
  });

  it('includes the cache of a merged source', async () => {
    const shared = { ...own(), key: secretReference };
    const people = { name: 'people', source: { type: 'static', users }, guards: { cache: { ttlSeconds: 60, shared } } };
    const lines = await diagnose({ type: 'merge', identity: 'people', sources: [people] }, 'ada', otherSecret);
    const places = [...new Set(lines.map((line) => line.split(': ')[0]))];
    expect(places).to.deep.equal(['cache of people', 'people', 'source']);
  });
});
