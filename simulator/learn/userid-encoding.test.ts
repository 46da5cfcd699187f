// Tests how the encoding of a user id is read from the target of a request.
import { expect } from 'chai';
import { isForUser, readUseridEncoding, type UseridEncoding } from './userid-encoding.ts';

const nothing: UseridEncoding = {
  ...{ spaceAs: null, plusSignAs: null, atSignAs: null, nonAsciiAs: null, escapeCase: [] },
};

describe('the encoding of a user id in the query', () => {
  for (const [value, userid, expected] of [
    ['ada', null, {}],
    ['a%20b', 'a b', { spaceAs: '%20' }],
    ['a+b', 'a b', { spaceAs: '+' }],
    ['a+b', null, { spaceAs: '+' }],
    ['a+b', 'a+b', { plusSignAs: '+' }],
    ['a%2Bb', 'a+b', { plusSignAs: '%2B', escapeCase: ['upper'] }],
    ['a%2bb', null, { plusSignAs: '%2B', escapeCase: ['lower'] }],
    ['a@b', null, { atSignAs: '@' }],
    ['a%40b', null, { atSignAs: '%40' }],
    ['%C3%A9', null, { nonAsciiAs: 'UTF-8', escapeCase: ['upper'] }],
    ['%e9', null, { nonAsciiAs: 'not UTF-8', escapeCase: ['lower'] }],
    // Node.js represents the two bytes of UTF-8 as two characters.
    ['\u00c3\u00a9', null, { nonAsciiAs: 'unescaped' }],
    ['%c3%A9', null, { nonAsciiAs: 'UTF-8', escapeCase: ['upper', 'lower'] }],
  ] as const) {
    it(`is determined from ${value}${userid === null ? '' : ` for ${userid}`}`, () => {
      expect(readUseridEncoding(`/user-info?x=%2F&userid=${value}&y=%40`, userid)).to.deep.equal({
        ...nothing,
        ...expected,
      });
    });
  }

  it('does not prevent the recognition of the user', () => {
    for (const [value, userid] of [
      ['a+b', 'a b'],
      ['a+b', 'a+b'],
      ['a%2Bb', 'a+b'],
      ['%C3%A9', '\u00e9'],
      ['%E9', '\u00e9'],
      ['\u00c3\u00a9', '\u00e9'],
    ] as const) {
      expect(isForUser(`/user-info?userid=${value}`, userid), value).to.equal(true);
    }
    expect(isForUser('/user-info?userid=a%2Bb', 'a b')).to.equal(false);
    expect(isForUser('/user-info', 'ada')).to.equal(false);
  });
});
