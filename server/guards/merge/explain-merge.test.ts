// Tests of the explanation of a merge: the origin of each part, and the rule that dropped a part.
import { expect } from 'chai';
import type { UserSource } from '../../adapters/user-source.ts';
import { neverAborted } from '../testing/scripted-source.ts';
import { fails, knows, mergeConfigOf, openMerge, optional } from './testing/open-merge.ts';

describe('the explanation of a merge', () => {
  const directory = knows({
    ada: { groups: ['staff', 'tmp-1'], authorizations: { mail: ['ada@example.com'], level: ['low'] } },
  });
  const people = knows({ ada: { groups: ['finance'], authorizations: { level: ['high'], region: ['emea'] } } });

  it('contains the origin of each part, and the rule that changed its name', async () => {
    const config = mergeConfigOf({ identity: 'a' }, [
      { name: 'a', groups: { rename: { staff: 'people' }, prefix: 'ad/', drop: ['tmp-1'] }, gives: 'groups' },
      { name: 'b', authorizations: { rename: { level: 'clearance' } } },
      { name: 'c', ...optional },
    ]);
    const { source } = await openMerge(config, { a: directory, b: people, c: fails('unavailable', 'The reason.') });
    expect(await source.explainUser?.('ada', neverAborted())).to.deep.equal({
      groups: [
        { name: 'ad/people', origin: 'a: the configuration, source.users (renamed from "staff", prefix "ad/")' },
        { name: 'finance', origin: 'b: the configuration, source.users' },
      ],
      authorizations: [
        { name: 'clearance', value: 'high', origin: 'b: the configuration, source.users (renamed from "level")' },
        { name: 'region', value: 'emea', origin: 'b: the configuration, source.users' },
      ],
      asked: [
        { query: 'source a', outcome: 'knows the user' },
        { query: 'source b', outcome: 'knows the user' },
        { query: 'source c', outcome: 'failed: The reason.' },
      ],
      dropped: [
        { found: 'group tmp-1', rule: 'a: groups.drop' },
        { found: 'mail: ada@example.com', rule: 'a: gives' },
        { found: 'level: low', rule: 'a: gives' },
      ],
    });
  });

  it('contains the result of each source for an unknown user', async () => {
    const config = mergeConfigOf({ identity: 'a' }, [{ name: 'a' }, { name: 'b' }]);
    const { source } = await openMerge(config, { a: directory, b: knows({ eve: { groups: ['finance'] } }) });
    const absent = 'source.users of the configuration does not contain this userid';
    expect(await source.explainUser?.('eve', neverAborted())).to.deep.equal({
      absent: 'the rule `identity` of the merge excludes this user',
      groups: [],
      authorizations: [],
      asked: [
        { query: 'source a', outcome: `does not know the user: ${absent}` },
        { query: 'source b', outcome: 'knows the user' },
      ],
    });
  });

  describe('the dropped parts', () => {
    const dropping = async (policy: object, members: readonly object[], sources: Record<string, UserSource>) => {
      const names = Object.keys(sources);
      const config = mergeConfigOf(
        policy,
        members.map((member, index) => ({ name: names[index] ?? '', ...member })),
      );
      const { source } = await openMerge(config, sources);
      return source.explainUser?.('ada', neverAborted());
    };
    const a = knows({ ada: { groups: ['staff', 'tmp-1'], authorizations: { level: ['high'] } } });
    const b = knows({ ada: { groups: ['staff', 'guests'], authorizations: { level: ['low'] } } });

    it('include those of the name rules and of the option gives', async () => {
      const explained = await dropping({}, [{ groups: { drop: ['tmp-.*'] }, gives: 'groups' }], { a });
      expect(explained?.dropped).to.deep.equal([
        { found: 'group tmp-1', rule: 'a: groups.drop' },
        { found: 'level: high', rule: 'a: gives' },
      ]);
    });

    it('include those of precedence', async () => {
      const policy = { groups: 'precedence', authorizations: 'precedence' };
      expect((await dropping(policy, [{}, {}], { a, b }))?.dropped).to.deep.equal([
        { found: 'group guests', rule: 'b: another source has precedence' },
        { found: 'level: low', rule: 'b: another source has precedence' },
      ]);
    });

    it('include those of the source itself, and the explanation names the fallback in use', async () => {
      const dropped = [{ found: 'cn=x', rule: 'groups.exclude' }];
      const own: UserSource = {
        ...a,
        explainUser: async (userid, signal) => {
          const origins = await a.explainUser?.(userid, signal);
          return origins ? { ...origins, dropped } : null;
        },
      };
      const explained = await dropping({}, [{}, { fallbackFor: 'gone' }], { gone: fails('unavailable'), own });
      expect(explained?.dropped).to.deep.equal([{ found: 'cn=x', rule: 'own: groups.exclude' }]);
      expect(explained?.asked).to.deep.equal([{ query: 'source own, instead of gone', outcome: 'knows the user' }]);
    });
  });
});
