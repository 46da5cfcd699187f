// Tests of the reader of the Authorization header (RFC 7617), with every malformed form rejected.
import { expect } from 'chai';
import fc from 'fast-check';
import { basicChallenge, parseBasicCredentials } from './basic-credentials.ts';

const base64 = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding).toString('base64');
const bytes = (...values: number[]) => Buffer.from(values).toString('base64');

const accepted: Array<[name: string, header: string, username: string, password: string]> = [
  ['the example of RFC 7617, 2', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'Aladdin', 'open sesame'],
  ['the UTF-8 example of RFC 7617, 2.1', 'Basic dGVzdDoxMjPCow==', 'test', '123£'],
  ['a scheme in lower case', `basic ${base64('ada:pw')}`, 'ada', 'pw'],
  ['a scheme in any case', `bAsIC ${base64('ada:pw')}`, 'ada', 'pw'],
  ['colons in the password', `Basic ${base64('ada:p:q:')}`, 'ada', 'p:q:'],
  ['a password that begins with a colon', `Basic ${base64('ada::pw')}`, 'ada', ':pw'],
  ['an empty user name', `Basic ${base64(':pw')}`, '', 'pw'],
  ['an empty password', `Basic ${base64('ada:')}`, 'ada', ''],
  ['only the colon', `Basic ${base64(':')}`, '', ''],
  ['no padding needed', `Basic ${base64('ada:pwd')}`, 'ada', 'pwd'],
  ['white space in both parts', `Basic ${base64(' a b : c ')}`, ' a b ', ' c '],
  ['four bytes a character', `Basic ${base64('😀:🔑')}`, '😀', '🔑'],
  ['a byte order mark, which is a part of the name', `Basic ${base64('\uFEFFada:pw')}`, '\uFEFFada', 'pw'],
  ['a decomposed letter, which stays so', `Basic ${base64('e\u0301:pw')}`, 'e\u0301', 'pw'],
];

const refused: Array<[name: string, header: string]> = [
  ['nothing', ''],
  ['the scheme alone', 'Basic'],
  ['the scheme and a space', 'Basic '],
  ['another scheme', `Bearer ${base64('ada:pw')}`],
  ['a scheme that ends in Basic', `XBasic ${base64('ada:pw')}`],
  ['a scheme that begins with Basic', `Basic2 ${base64('ada:pw')}`],
  ['no space', `Basic${base64('ada:pw')}`],
  ['two spaces', `Basic  ${base64('ada:pw')}`],
  ['a tab', `Basic\t${base64('ada:pw')}`],
  ['a space in front', ` Basic ${base64('ada:pw')}`],
  ['a space behind', `Basic ${base64('ada:pw')} `],
  ['a trailing line break', `Basic ${base64('ada:pw')}\n`],
  ['a second token', `Basic ${base64('ada:pw')} x`],
  ['a parameter', `Basic ${base64('ada:pw')}, realm="x"`],
  ['two credentials in one field', `Basic ${base64('ada:pw')}, Basic ${base64('eve:pw')}`],
  ['a space inside', 'Basic YWRh OnB3'],
  ['trailing bits that are not zero', 'Basic YWRhOnB='],
  ['padding left out', 'Basic YWRhOnA'],
  ['half of the padding', 'Basic YWRhOg='],
  ['too much padding', 'Basic YWRhOnA==='],
  ['padding where none belongs', 'Basic YWRhOnB3='],
  ['padding inside', 'Basic YWRhOg==YWRhOg=='],
  ['the base64 of URLs', `Basic ${base64('ada:?>?>').replaceAll('/', '_').replaceAll('+', '-')}`],
  ['a length that no bytes have', 'Basic YWRhO'],
  ['no base64 at all', 'Basic ada:pw'],
  ['no colon', `Basic ${base64('ada')}`],
  ['Latin-1', `Basic ${base64('ad\xe0:pw', 'latin1')}`],
  ['an overlong form of the colon', `Basic ${bytes(0x61, 0xc0, 0xba, 0x62)}`],
  ['an encoded surrogate', `Basic ${bytes(0x61, 0x3a, 0xed, 0xa0, 0x80)}`],
  ['UTF-16', `Basic ${base64('ada:pw', 'utf16le')}`],
  ['NUL in the user name', `Basic ${base64('a\0da:pw')}`],
  ['a line break in the password', `Basic ${base64('ada:p\r\nw')}`],
  ['DEL', `Basic ${base64('ada:\x7f')}`],
  ['a C1 control', `Basic ${base64('ada:\u0085')}`],
];

describe('the Authorization header', () => {
  for (const [name, header, username, password] of accepted) {
    it(`is read with ${name}`, () => {
      expect(parseBasicCredentials(header)).to.deep.equal({ username, password });
    });
  }

  for (const [name, header] of refused) {
    it(`is rejected with ${name}`, () => {
      expect(parseBasicCredentials(header)).to.equal(null);
    });
  }

  it('returns canonically encoded credentials unchanged', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((candidate) => !/\p{Cc}/u.test(candidate));
    fc.assert(
      fc.property(
        text.filter((candidate) => !candidate.includes(':')),
        text,
        (username, password) => {
          const header = `Basic ${base64(`${username}:${password}`)}`;
          expect(parseBasicCredentials(header)).to.deep.equal({ username, password });
        },
      ),
    );
  });

  it('never throws, and accepts only the canonical encoding of the credentials', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((token) => `Basic ${token}`),
      fc.uint8Array().map((token) => `Basic ${Buffer.from(token).toString('base64')}`),
      fc.base64String().map((token) => `basic ${token}`),
    );
    fc.assert(
      fc.property(anything, (header) => {
        const credentials = parseBasicCredentials(header);
        if (credentials === null) return;
        const spelling = base64(`${credentials.username}:${credentials.password}`);
        expect(header.slice('Basic '.length)).to.equal(spelling);
      }),
    );
  });
});

describe('the challenge of a 401', () => {
  const realms: Array<[name: string, realm: string, challenge: string]> = [
    ['a plain realm', 'user info', 'Basic realm="user info", charset="UTF-8"'],
    ['quotes', 'the "inner" realm', 'Basic realm="the \\"inner\\" realm", charset="UTF-8"'],
    ['a backslash at the end', 'C:\\', 'Basic realm="C:\\\\", charset="UTF-8"'],
    ['an attempt to close it early', 'x", charset="', 'Basic realm="x\\", charset=\\"", charset="UTF-8"'],
  ];
  for (const [name, realm, challenge] of realms) {
    it(`contains a quoted string for ${name}`, () => {
      expect(basicChallenge(realm)).to.equal(challenge);
    });
  }
});
