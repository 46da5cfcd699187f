// Tests of merged user info that is temporary: it is marked, and no cache keeps it.
import { expect } from 'chai';
import type { UserSource } from '../../adapters/user-source.ts';
import { PassingUserInfo, StaleUserInfo } from '../passing-user-info.ts';
import { neverAborted, userIn } from '../testing/scripted-source.ts';
import { fails, knows, mergeConfigOf, nobody, openMerge, optional } from './testing/open-merge.ts';

describe('a merge of stale user info', () => {
  const staleAs = (ageSeconds: number, ...groups: string[]): UserSource => ({
    ...nobody,
    findUser: async () => new StaleUserInfo(Buffer.from(JSON.stringify(userIn(...groups))), ageSeconds),
  });
  const merge = async (sources: Readonly<Record<string, UserSource>>) => {
    const names = Object.keys(sources).map((name) => ({ name }));
    const { source } = await openMerge(mergeConfigOf({ identity: 'all' }, names), sources);
    return source.findUser('ada', neverAborted());
  };
  const known = knows({ ada: { groups: ['now'] } });

  it('is as stale as its oldest part', async () => {
    const merged = await merge({ a: staleAs(61, 'a'), b: staleAs(600, 'b'), c: known });
    expect(merged).to.be.instanceOf(StaleUserInfo).with.property('ageSeconds', 600);
    expect(merged?.groups).to.deep.equal(userIn('a', 'b', 'now').groups);
  });

  it('is null when a deciding source does not find the user, and is not stale without stale parts', async () => {
    expect(await merge({ a: staleAs(61, 'a'), b: nobody })).to.equal(null);
    expect(await merge({ a: known, b: known })).to.deep.equal(userIn('now'));
  });
});

describe('merged user info that must not be cached', () => {
  it('is user info that lacks data from an optional source, including a source of a merge within a merge', async () => {
    const config = mergeConfigOf({}, [{ name: 'a' }, { name: 'b', ...optional }]);
    const inner = await openMerge(config, { a: knows({ ada: { groups: ['staff'] } }), b: fails('unavailable') });
    const outer = await openMerge(mergeConfigOf({}, [{ name: 'inner' }]), { inner: inner.source });
    for (const { source } of [inner, outer]) {
      const found = await source.findUser('ada', neverAborted());
      expect(found).to.be.instanceOf(PassingUserInfo);
      expect(found?.groups).to.deep.equal(userIn('staff').groups);
    }
  });
});
