// Tests of what a merge returns for a user who is disabled in one of its sources.
import { expect } from 'chai';
import { neverAborted } from '../testing/scripted-source.ts';
import { fails, knows, mergeConfigOf, openMerge } from './testing/open-merge.ts';

const groups = ['staff'];
const enabled = () => knows({ ada: { groups } });
const disabled = () => knows({ ada: { disabled: true, groups: ['finance'] } });
const unknown = () => knows({});
const members = [{ name: 'directory' }, { name: 'people' }];

describe('a merge, for a user who is disabled in one source', () => {
  const cases = [
    ['any', 'directory', enabled, disabled, null],
    ['any', 'any', enabled, disabled, null],
    ['any', 'any', disabled, enabled, null],
    ['any', 'directory', disabled, enabled, null],
    ['any', 'directory', enabled, unknown, groups],
    ['identity', 'directory', enabled, disabled, groups],
    ['identity', 'any', disabled, enabled, groups],
    ['identity', 'directory', disabled, enabled, null],
    ['identity', 'all', enabled, disabled, null],
  ] as const;
  for (const [rule, identity, directory, people, expected] of cases) {
    const title = `disabled: ${rule}, identity: ${identity}, ${directory.name} in the first and ${people.name} in the second`;
    it(`returns ${expected === null ? 'no user' : 'the user'} with ${title}`, async () => {
      const config = mergeConfigOf({ identity, disabled: rule }, members);
      const { source } = await openMerge(config, { directory: directory(), people: people() });
      const found = await source.findUser('ada', neverAborted());
      expect(found?.groups.map(({ name }) => name) ?? null).to.deep.equal(expected);
      await source.close();
    });
  }

  it('uses disabled: any by default, and names the source in the explanation', async () => {
    const { source } = await openMerge(mergeConfigOf({}, members), { directory: enabled(), people: disabled() });
    expect(await source.findUser('ada', neverAborted())).to.equal(null);
    const explained = await source.explainUser?.('ada', neverAborted());
    expect(explained?.absent).to.equal(
      'the rule `disabled` of the merge excludes this user: the user is disabled in source people',
    );
    expect(await source.isDisabled?.('ada', neverAborted())).to.equal(true);
    await source.close();
  });

  it('does not return the user from a fallback', async () => {
    const config = mergeConfigOf({}, [
      { name: 'directory' },
      { name: 'backup', fallbackFor: 'directory', fallbackOn: 'unavailable-or-not-found' },
    ]);
    const { source } = await openMerge(config, { directory: disabled(), backup: enabled() });
    expect(await source.findUser('ada', neverAborted())).to.equal(null);
    await source.close();
  });

  it('fails when a source cannot determine whether the user is disabled', async () => {
    const people = { ...unknown(), isDisabled: fails('unavailable').findUser as never };
    const { source } = await openMerge(mergeConfigOf({}, members), { directory: enabled(), people });
    const outcome = await source.findUser('ada', neverAborted()).catch((error: unknown) => error);
    expect(outcome).to.have.property('kind', 'unavailable');
    await source.close();
  });
});
