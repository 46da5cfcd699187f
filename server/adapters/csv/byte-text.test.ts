// Tests that only text of JSON strings enters the dictionary.
import { expect } from 'chai';
import fc from 'fast-check';
import { assertJsonText } from './text-dictionary.ts';

describe('text in bytes', () => {
  it('is escaped as JSON.stringify does it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const bytes = Buffer.from(JSON.stringify(text).slice(1, -1));
        assertJsonText(bytes, 0, bytes.length);
      }),
      { numRuns: 2000 },
    );
  });

  for (const text of ['', '"', 'a"', 'a\\', 'a\\x', 'a\nb', '\0']) {
    it(`does not enter the dictionary as ${JSON.stringify(text)}`, () => {
      const bytes = Buffer.from(text);
      expect(() => assertJsonText(bytes, 0, bytes.length)).to.throw('not JSON');
    });
  }
});
