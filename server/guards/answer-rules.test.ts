// Tests that no user info evades the rules.
import { expect } from 'chai';
import { EncodedUserInfo } from '../../schemas/encoded-user-info.ts';
import type { AnswerRulesConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { withAnswerRules } from './answer-rules.ts';
import {
  createAnsweringSource,
  createSurroundings,
  neverAborted,
  outcomeOf,
  userIn,
} from './testing/scripted-source.ts';

const rules: AnswerRulesConfig = { onNoGroups: 'allow', maxGroups: 100, maxBytes: 10_000 };

describe('the response rules', () => {
  function open(answer: UserInfo | null, changed: Partial<AnswerRulesConfig> | null = {}) {
    const { tally, counts } = createSurroundings();
    const source = createAnsweringSource(() => answer);
    const guarded = withAnswerRules(source, changed === null ? undefined : { ...rules, ...changed }, tally);
    return { counts, find: () => guarded.findUser('ada', neverAborted()) };
  }

  it('return user info with its encoded bytes', async () => {
    const found = await open(userIn('a')).find();
    expect(found).to.be.instanceOf(EncodedUserInfo);
    expect(String((found as EncodedUserInfo).json)).to.equal(JSON.stringify(userIn('a')));
    expect(found?.groups).to.deep.equal([{ name: 'a' }]);
  });

  it('do not change encoded bytes', async () => {
    const encoded = new EncodedUserInfo(Buffer.from(JSON.stringify(userIn('a'))));
    expect(await open(encoded).find()).to.equal(encoded);
  });

  it('pass "no such user" on', async () => {
    expect(await open(null, { onNoGroups: 'error' }).find()).to.equal(null);
  });

  for (const [title, changed, answer] of [
    ['user info that does not match the schema', null, userIn('')],
    ['user info that does not match the schema, with rules', {}, userIn('')],
    ['more groups than allowed', { maxGroups: 1 }, userIn('a', 'b')],
    ['more bytes than allowed', { maxBytes: 64 }, userIn('g'.repeat(64))],
    ['more bytes than allowed, encoded by the source', { maxBytes: 64 }, new EncodedUserInfo(Buffer.alloc(65, ' '))],
  ] as const) {
    it(`reject ${title}`, async () => {
      const { find, counts } = open(answer, changed);
      expect(await outcomeOf(find())).to.equal('bad-answer');
      expect(counts()).to.include({ 'answer-refused': 1 });
    });
  }

  it('reject a user without groups only when onNoGroups is error', async () => {
    expect(await outcomeOf(open(userIn()).find())).to.deep.equal([]);
    const { find, counts } = open(userIn(), { onNoGroups: 'error' });
    expect(await outcomeOf(find())).to.equal('bad-answer');
    expect(counts()).to.include({ 'no-groups-refused': 1 });
    expect(await outcomeOf(open(userIn('a'), { onNoGroups: 'error' }).find())).to.deep.equal(['a']);
  });
});
