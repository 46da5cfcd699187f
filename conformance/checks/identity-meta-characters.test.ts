// Tests of the names with special characters that the checks send.
import { expect } from 'chai';
import { answer, checkOf, createFakeContext, endingOf, userInfo } from '../testing/fake-context.ts';
import { identityMetaCharacters } from './identity-meta-characters.ts';

const known = '-a@b';

/** For each check, the names that it derives from "-a@b". */
const names: Readonly<Record<string, readonly string[]>> = {
  'userid-wildcard-refused': ['*', '-a@*', '-a@?'],
  'userid-like-refused': ['%', '-a@%', '-a@_'],
  'userid-regular-expression-refused': ['^-a@b$', '-a@.'],
  'userid-sql-refused': ["-a@b' and '1'='1", '-a@b" and "1"="1', "-a@b') and ('1'='1"],
  'userid-filter-refused': [
    ...['-a@b)(objectClass=*', '-a@b" and userName eq "-a@b', "-a@b' and userPrincipalName eq '-a@b"],
  ],
  'userid-escape-refused': ['-\\61@b', '-\\u0061@b', '-&#97;@b'],
  'userid-decoded-twice-refused': ['-%61@b'],
  'userid-path-refused': ['./-a@b', 'kit-other/../-a@b', 'kit-other\\..\\-a@b', '-a@b/.'],
  'userid-url-part-refused': ['-a@b?kit=1', '-a@b#kit', '-a@b&kit=1', '-a@b;kit=1'],
};

describe('the names with special characters', () => {
  for (const [id, expected] of Object.entries(names)) {
    it(`${id} sends ${expected.join('  ')}, and finds each of them`, async () => {
      const run = (found?: string) => {
        const { context, sent } = createFakeContext({
          respond: ({ userids: [userid] }) =>
            userid === known || userid === found ? answer(200, userInfo('a')) : answer(404),
          options: { knownUsers: [known] },
        });
        return { ended: checkOf(identityMetaCharacters, id).run(context), sent };
      };
      const { ended, sent } = run();
      expect(await endingOf(ended)).to.equal('passed');
      expect(sent.slice(1).map(({ userids }) => userids[0])).to.deep.equal(expected);
      for (const found of expected) expect(await endingOf(run(found).ended)).to.include('the data of the known user');
    });
  }

  it('are covered by exactly the checks of the topic', () => {
    expect(identityMetaCharacters.checks.map(({ id }) => id)).to.deep.equal(Object.keys(names));
  });

  it('replace the first letter or digit, of either case', async () => {
    const sentFor = async (id: string, userid: string) => {
      const { context, sent } = createFakeContext({
        respond: ({ userids }) => (userids[0] === userid ? answer(200, userInfo('a')) : answer(404)),
        options: { knownUsers: [userid] },
      });
      const ended = await endingOf(checkOf(identityMetaCharacters, id).run(context));
      return ended === 'passed' ? sent[1]?.userids[0] : ended;
    };
    expect(await sentFor('userid-escape-refused', '@9')).to.equal('@\\39');
    expect(await sentFor('userid-escape-refused', '@0')).to.equal('@\\30');
    expect(await sentFor('userid-escape-refused', '@Z')).to.equal('@\\5a');
    expect(await sentFor('userid-decoded-twice-refused', '-@9')).to.equal('-%409');
    expect(await sentFor('userid-decoded-twice-refused', '-Z@')).to.equal('-%5a@');
    expect(await sentFor('userid-escape-refused', '@'))
      .to.include('skipped: ')
      .and.to.include('a letter from a to z, or a digit');
    expect(await sentFor('userid-decoded-twice-refused', '--')).to.include('a letter from a to z, or a digit');
  });
});
