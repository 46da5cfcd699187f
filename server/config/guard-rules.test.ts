// Tests of the rules that join options of the guards, at the top and inside a merge.
import { expect } from 'chai';
import { findFaults } from './testing/find-faults.ts';

const users = { type: 'static', users: {} };
const shared = (changed: object = {}) => ({
  cache: { shared: { url: 'rediss://cache.example.com:6379', key: `\${env:KEY}`, ...changed } },
});
const environment = { KEY: 'k'.repeat(32), SHORT: 'k'.repeat(31) };

function faultyOptions(config: object): string[] {
  const faults = findFaults({ authentication: { mode: 'none' }, source: users, ...config }, environment);
  expect(JSON.stringify(faults)).not.to.include('kkk');
  return faults.map(({ path }) => path);
}

describe('the rules of guards', () => {
  it('accept a shared cache with a long key, and a CA for TLS', () => {
    expect(faultyOptions({ guards: shared() })).to.deep.equal([]);
    expect(faultyOptions({ guards: shared({ ca: 'ca.pem' }) })).to.deep.equal([]);
    expect(faultyOptions({ guards: shared({ url: 'redis://[::1]:6379/2' }) })).to.deep.equal([]);
  });

  for (const [title, changed, option] of [
    ['a short key', { key: `\${env:SHORT}` }, 'key'],
    ['a CA without TLS', { url: 'redis://cache.example.com', ca: 'ca.pem' }, 'ca'],
    ['a password in the URL', { url: 'redis://user:password@cache.example.com' }, 'url'],
    ['a URL of something else', { url: 'http://cache.example.com' }, 'url'],
  ] as const) {
    it(`reject ${title}, wherever the guards are configured`, () => {
      expect(faultyOptions({ guards: shared(changed) })).to.deep.equal([`guards.cache.shared.${option}`]);
      const member = { name: 'a', source: users, guards: shared(changed) };
      const merge = { type: 'merge', identity: 'any', sources: [member] };
      expect(faultyOptions({ source: merge })).to.deep.equal([`source.sources[0].guards.cache.shared.${option}`]);
      const outer = { type: 'merge', identity: 'any', sources: [{ name: 'm', source: merge }] };
      expect(faultyOptions({ source: outer })).to.deep.equal([
        `source.sources[0].source.sources[0].guards.cache.shared.${option}`,
      ]);
    });
  }
});
