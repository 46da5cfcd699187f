// Tests that challenges are parsed strictly according to RFC 9110 and RFC 7617.
import { expect } from 'chai';
import { readChallenges } from './challenge.ts';

const read = (header: string) =>
  readChallenges(header)?.map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]) ?? null;

describe('readChallenges', () => {
  const good: ReadonlyArray<readonly [name: string, header: string, expected: ReturnType<typeof read>]> = [
    ['a realm', 'Basic realm="x"', [['basic', { realm: '"x"' }]]],
    ['a charset', 'BASIC Realm="x", charset="UTF-8"', [['basic', { realm: '"x"', charset: '"UTF-8"' }]]],
    ['a realm with a comma and an escaped quote', 'Basic realm="a, \\"b"', [['basic', { realm: '"a, \\"b"' }]]],
    ['a realm that is not quoted', 'Basic realm=x', [['basic', { realm: 'x' }]]],
    ['white space around the sign', 'Basic realm = "x"', [['basic', { realm: '"x"' }]]],
    ['two spaces after the scheme', 'Basic  realm="x"', [['basic', { realm: '"x"' }]]],
    [
      'parameters without white space between them, and with much',
      'Basic realm="x",a=b \t,  charset = "UTF-8" , c=d',
      [['basic', { realm: '"x"', a: 'b', charset: '"UTF-8"', c: 'd' }]],
    ],
    ['white space at the end', 'Basic realm="x" \t', [['basic', { realm: '"x"' }]]],
    ['a token and white space at the end', 'Negotiate abc= ', [['negotiate', {}]]],
    [
      'a scheme alone, white space and one more',
      'Negotiate \t,Basic',
      [
        ['negotiate', {}],
        ['basic', {}],
      ],
    ],
    ['a scheme alone', 'Negotiate', [['negotiate', {}]]],
    ['a token', 'Negotiate abc==', [['negotiate', {}]]],
    ['a realm without a value, which is a token by the grammar', 'Basic realm=', [['basic', {}]]],
    [
      'two challenges',
      'Digest realm="x", nonce="n", Basic realm="y"',
      [
        ['digest', { realm: '"x"', nonce: '"n"' }],
        ['basic', { realm: '"y"' }],
      ],
    ],
    [
      'a scheme alone and one more',
      'Negotiate, Basic realm="y"',
      [
        ['negotiate', {}],
        ['basic', { realm: '"y"' }],
      ],
    ],
    ['empty elements of the list', ', Basic realm="x",,', [['basic', { realm: '"x"' }]]],
  ];
  for (const [name, header, expected] of good) {
    it(`reads ${name}`, () => expect(read(header)).to.deep.equal(expected));
  }

  const bad: ReadonlyArray<readonly [name: string, header: string]> = [
    ['a quote that is not closed', 'Basic realm="x'],
    ['a quote within a quoted realm', 'Basic realm="a"b"'],
    ['words without quotes', 'Basic realm=user info'],
    ['a semicolon for the comma', 'Basic realm="x"; charset="UTF-8"'],
    ['a colon after the scheme', 'Basic: realm="x"'],
    ['a sign after the scheme', 'Basic@'],
    ['a sign in front of the scheme', '@Basic'],
    ['a sign after a token', 'Negotiate abc=@'],
    ['a sign after the realm', 'Basic realm="x"@'],
    ['a sign between a name and its value', 'Basic realm="x", a@=b'],
    ['a sign in front of a value', 'Basic realm="x", a=@b'],
    ['a sign in front of a comma', 'Basic realm="x"@, a=b'],
  ];
  for (const [name, header] of bad) it(`rejects ${name}`, () => expect(read(header)).to.equal(null));

  it('parses a header of commas and spaces in linear time', () => {
    const start = performance.now();
    expect(read(`Basic realm="x"${' ,'.repeat(8000)}"`)).to.equal(null);
    expect(performance.now() - start).to.be.below(1000);
  });
});
