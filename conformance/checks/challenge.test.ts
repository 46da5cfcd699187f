// Tests that challenges are read by the letter of RFC 9110 and RFC 7617.
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
    ['a scheme alone', 'Negotiate', [['negotiate', {}]]],
    ['a token', 'Negotiate abc==', [['negotiate', {}]]],
    ['a realm without a value, which the grammar takes for a token', 'Basic realm=', [['basic', {}]]],
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
    ['a quote that does not end', 'Basic realm="x'],
    ['a quote within a quoted realm', 'Basic realm="a"b"'],
    ['words without quotes', 'Basic realm=user info'],
    ['a semicolon for the comma', 'Basic realm="x"; charset="UTF-8"'],
    ['a colon behind the scheme', 'Basic: realm="x"'],
  ];
  for (const [name, header] of bad) it(`refuses ${name}`, () => expect(read(header)).to.equal(null));

  it('takes no long time for a header that is all commas and spaces', () => {
    const start = performance.now();
    expect(read(`Basic realm="x"${' ,'.repeat(8000)}"`)).to.equal(null);
    expect(performance.now() - start).to.be.below(1000);
  });
});
