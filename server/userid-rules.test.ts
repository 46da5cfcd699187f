// Tests that one request names exactly one userid, and that every ambiguity is rejected.
import { expect } from 'chai';
import fc from 'fast-check';
import { defaultUseridRules, findUserid } from './userid-rules.ts';

const accepted: Array<[name: string, target: string, userid: string]> = [
  ['a plain userid', '/u?userid=ada', 'ada'],
  ['an e-mail address', '/u?userid=ada%40example.com', 'ada@example.com'],
  ['an unencoded at sign', '/u?userid=ada@example.com', 'ada@example.com'],
  ['a plus, encoded', '/u?userid=ada%2Bx', 'ada+x'],
  ['a space as plus', '/u?userid=ada+l', 'ada l'],
  ['a space as %20', '/u?userid=ada%20l', 'ada l'],
  ['UTF-8 of two, three and four bytes', '/u?userid=%C3%A9%E2%82%AC%F0%9F%98%80', 'é€😀'],
  ['a slash, an ampersand and an equals sign', '/u?userid=a%2Fb%26c%3Dd=e', 'a/b&c=d=e'],
  ['other parameters', '/u?x=1&userid=ada&y=%zz', 'ada'],
  ['a name that only looks alike', '/u?UserId=eve&userid[]=eve&userid=ada', 'ada'],
  ['white space at both ends, which is part of it', '/u?userid=%20ada%20', ' ada '],
  ['a composed and a decomposed letter, which differ', '/u?userid=e%CC%81', 'e\u0301'],
];

const refused: Array<[name: string, target: string, code: string]> = [
  ['no query', '/u', 'userid-missing'],
  ['an empty query', '/u?', 'userid-missing'],
  ['only another parameter', '/u?user=ada', 'userid-missing'],
  ['an empty value', '/u?userid=', 'userid-empty'],
  ['no equals sign', '/u?userid', 'userid-empty'],
  ['two of them', '/u?userid=ada&userid=eve', 'userid-repeated'],
  ['the same twice', '/u?userid=ada&userid=ada', 'userid-repeated'],
  ['a second one with an encoded name', '/u?userid=ada&user%69d=eve', 'userid-repeated'],
  ['a malformed percent sequence', '/u?userid=%4', 'userid-bad-encoding'],
  ['a percent sequence that is not hexadecimal', '/u?userid=%zz', 'userid-bad-encoding'],
  ['Latin-1', '/u?userid=%E9', 'userid-bad-encoding'],
  ['an overlong form', '/u?userid=%C0%AF', 'userid-bad-encoding'],
  ['an encoded surrogate', '/u?userid=%ED%A0%80', 'userid-bad-encoding'],
  ['bytes that are not encoded', '/u?userid=\xc3\xa9', 'userid-bad-encoding'],
  ['a number sign that is not encoded', '/u?userid=ada#x', 'userid-bad-encoding'],
  ['NUL', '/u?userid=ada%00', 'userid-control-character'],
  ['a line break', '/u?userid=ada%0D%0Ax', 'userid-control-character'],
  ['DEL', '/u?userid=%7F', 'userid-control-character'],
  ['a C1 control', '/u?userid=%C2%85', 'userid-control-character'],
  ['1,025 bytes', `/u?userid=${'a'.repeat(1025)}`, 'userid-too-long'],
  ['1,025 bytes in fewer characters', `/u?userid=${'%C3%A9'.repeat(513)}`, 'userid-too-long'],
];

describe('the userid of a request', () => {
  for (const [name, target, userid] of accepted) {
    it(`is read from ${name}`, () => {
      expect(findUserid(target, defaultUseridRules)).to.deep.equal({ userid });
    });
  }

  for (const [name, target, code] of refused) {
    it(`is rejected for ${name}`, () => {
      expect(findUserid(target, defaultUseridRules)).to.deep.equal({ refused: code });
    });
  }

  it('may have at most the configured number of bytes', () => {
    expect(findUserid(`/u?userid=${'%C3%A9'.repeat(512)}`, defaultUseridRules)).to.deep.equal({
      userid: 'é'.repeat(512),
    });
  });

  it('is trimmed and case-folded only when the rules require it', () => {
    const target = '/u?userid=%20Ada%20';
    expect(findUserid(target, { ...defaultUseridRules, trim: true })).to.deep.equal({ userid: 'Ada' });
    expect(findUserid(target, { ...defaultUseridRules, foldCase: true })).to.deep.equal({ userid: ' ada ' });
    expect(findUserid('/u?userid=%20', { ...defaultUseridRules, trim: true })).to.deep.equal({
      refused: 'userid-empty',
    });
  });

  it('is the text that was passed to encodeURIComponent, unless it contains control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (userid) => {
        fc.pre(!/\p{Cc}/u.test(userid));
        expect(findUserid(`/u?userid=${encodeURIComponent(userid)}`, defaultUseridRules)).to.deep.equal({ userid });
      }),
    );
  });
});
