// Tests that only text of JSON strings enters the dictionary.
import { expect } from 'chai';
import fc from 'fast-check';
import { assertJsonText } from './text-dictionary.ts';

describe('the text dictionary', () => {
  it('accepts every text that JSON.stringify escapes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const bytes = Buffer.from(JSON.stringify(text).slice(1, -1));
        assertJsonText(bytes, 0, bytes.length);
      }),
      { numRuns: 2000 },
    );
  });

  for (const text of ['', '"', 'a"', 'a\\', 'a\\x', 'a\nb', '\0']) {
    it(`rejects ${JSON.stringify(text)}, which is not the text of a JSON string`, () => {
      const bytes = Buffer.from(text);
      expect(() => assertJsonText(bytes, 0, bytes.length)).to.throw('not JSON');
    });
  }
});
