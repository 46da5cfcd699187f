// Tests of the adapter `static`: the adapter suite, and its own behavior.
import { expect } from 'chai';
import type { StaticUserConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { describeUserSource, type SuiteUser } from '../user-source.suite.ts';
import { createStaticSource } from './static-source.ts';

function toConfig({ userid, groups, authorizations, disabled = false }: SuiteUser): [string, StaticUserConfig] {
  const copied = Object.entries(authorizations).map(([name, values]) => [name, [...values]]);
  return [userid, { disabled, groups: [...groups], authorizations: Object.fromEntries(copied) }];
}

describeUserSource('static', {
  async open(users) {
    const source = createStaticSource({ type: 'static', users: Object.fromEntries(users.map(toConfig)) });
    return { source, close: () => source.close() };
  },
});

describe('static source', () => {
  it('returns repeated groups and values once', async () => {
    const source = createStaticSource({
      type: 'static',
      users: { ada: { disabled: false, groups: ['a', 'a'], authorizations: { b: ['c', 'c'] } } },
    });
    const found = await source.findUser('ada', new AbortController().signal);
    expect(JSON.parse(JSON.stringify(found))).to.deep.equal({ groups: [{ name: 'a' }], authorizations: { b: ['c'] } });
  });

  it('counts only users that can be found', () => {
    const user = { groups: [], authorizations: {} };
    const source = createStaticSource({
      type: 'static',
      users: { ada: { ...user, disabled: false }, gone: { ...user, disabled: true } },
    });
    expect(source.status?.()).to.include({ users: 1, generation: 1, staleReason: null });
  });
});
