// Tests of which source is called, with which userid, and when a fallback is used.
import { expect } from 'chai';
import type { UserSource } from '../../adapters/user-source.ts';
import { neverAborted } from '../testing/scripted-source.ts';
import { fails, find, knows, mergeConfigOf, openMerge, optional } from './testing/open-merge.ts';

const directory = knows({ ada: { groups: ['staff'] } });

describe('a merge', () => {
  describe('with a fallback', () => {
    const backup = knows({ ada: { groups: ['from the backup'] }, eve: { groups: ['backup only'] } });
    const members = (primary: UserSource, more: object = {}) =>
      [
        [{ name: 'a' }, primary],
        [{ name: 'b', fallbackFor: 'a', ...more }, backup],
      ] as const;

    it('uses the fallback only when the source is unavailable', async () => {
      expect(await find({ identity: 'a' }, members(fails('unavailable')))).to.deep.include({
        groups: [{ name: 'from the backup' }],
      });
      expect(await find({}, members(fails('too-slow')))).to.equal('too-slow');
      expect(await find({}, members(fails('bad-answer')))).to.equal('bad-answer');
      expect(await find({}, members(directory))).to.deep.include({ groups: [{ name: 'staff' }] });
    });

    it('uses the fallback for an unknown user only with fallbackOn: unavailable-or-not-found', async () => {
      expect(await find({}, members(directory), 'eve')).to.equal(null);
      expect(await find({}, members(directory, { fallbackOn: 'unavailable-or-not-found' }), 'eve')).to.deep.include({
        groups: [{ name: 'backup only' }],
      });
    });

    it('returns null when the fallback does not find the user', async () => {
      expect(await find({ identity: 'a' }, members(fails('unavailable')), 'nobody')).to.equal(null);
    });

    it('fails with the error of the fallback', async () => {
      const both = [
        [{ name: 'a' }, fails('unavailable')],
        [{ name: 'b', fallbackFor: 'a' }, fails('bad-answer')],
      ] as const;
      expect(await find({}, both)).to.equal('bad-answer');
    });

    it('counts and logs the use of the fallback', async () => {
      const config = mergeConfigOf({}, [{ name: 'a' }, { name: 'b', fallbackFor: 'a' }]);
      const { source, lines, count } = await openMerge(config, { a: fails('unavailable'), b: backup });
      await source.findUser('ada', neverAborted());
      expect(count('b', 'fallback-used')).to.equal(1);
      expect(lines).to.deep.equal([{ source: 'b', instead: 'a', times: 1, message: 'merge: a fallback is in use' }]);
    });
  });

  describe('translates the userid', () => {
    const byMail = knows({
      'ada@example.com': { authorizations: { account: ['EX\\ada'], two: ['a', 'b'], bad: ['a\nb'] } },
    });
    const byAccount = knows({ 'EX\\ada': { groups: ['by account'] }, ada: { groups: ['by name'] } });
    const ask = (userid: object, asked = 'ada@example.com', identity = 'a') =>
      find(
        { identity },
        [
          [{ name: 'a' }, byMail],
          [{ name: 'b', userid }, byAccount],
        ],
        asked,
      );

    it('by an authorization of another source, under its original name', async () => {
      expect(await ask({ from: 'a', authorization: 'account' })).to.deep.include({ groups: [{ name: 'by account' }] });
      const dropped = await find(
        {},
        [
          [{ name: 'a', authorizations: { drop: ['.*'] } }, byMail],
          [{ name: 'b', userid: { from: 'a', authorization: 'account' } }, byAccount],
        ],
        'ada@example.com',
      );
      expect(dropped).to.deep.equal({ groups: [{ name: 'by account' }], authorizations: {} });
    });

    it('by a regular expression', async () => {
      expect(await ask({ pattern: '(.+)@example\\.com' })).to.deep.include({ groups: [{ name: 'by name' }] });
      expect(await ask({ pattern: '([a-z]+)@.*', template: 'EX\\$1' })).to.deep.include({
        groups: [{ name: 'by account' }],
      });
      expect(await ask({ from: 'a', authorization: 'account', pattern: 'EX\\\\(.*)' })).to.deep.include({
        groups: [{ name: 'by name' }],
      });
    });

    it('never by a pattern that matches only a part of the userid', async () => {
      expect(await ask({ pattern: '(ada)' })).to.equal('bad-answer');
    });

    for (const [title, userid] of Object.entries({
      'no value': { from: 'a', authorization: 'missing' },
      'a name of the prototype': { from: 'a', authorization: 'constructor' },
      'no match': { pattern: 'x(.*)' },
    })) {
      it(`fails for ${title}, or reports "no such user" with whenMissing: not-found`, async () => {
        expect(await ask(userid)).to.equal('bad-answer');
        expect(await ask({ ...userid, whenMissing: 'not-found' })).to.deep.include({ groups: [] });
      });
    }

    it('always fails for two values or an invalid userid', async () => {
      for (const authorization of ['two', 'bad']) {
        expect(await ask({ from: 'a', authorization, whenMissing: 'not-found' })).to.equal('bad-answer');
      }
    });

    it('does not look up a user whom the other source does not find', async () => {
      expect(await ask({ from: 'a', authorization: 'account' }, 'ada', 'any')).to.equal(null);
    });

    it('fails when the other source fails', async () => {
      expect(
        await find({}, [
          [{ name: 'a' }, fails('too-slow')],
          [{ name: 'b', ...optional, userid: { from: 'a', authorization: 'account' } }, byAccount],
        ]),
      ).to.equal('too-slow');
    });
  });
});
