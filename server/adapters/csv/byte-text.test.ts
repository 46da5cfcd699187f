// Tests that operations on UTF-8 bytes (trimming, JSON escapes) agree with those on JavaScript strings.
import { expect } from 'chai';
import fc from 'fast-check';
import { assertJsonText, escapeJson, maxEscapedBytesPerByte } from './json-text.ts';
import { trimmedEnd, trimmedStart } from './utf8-trim.ts';

const spaces = [...'\t\n\v\f\r \u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'];
const lookalikes = [...'\u001f\u0085\u180e\u200b\u2060a\u00e9\u{1f600}'];
const spacedText = fc.string({ unit: fc.constantFrom(...spaces, ...lookalikes) });

describe('text in bytes', () => {
  it('is trimmed as String.prototype.trim does it', () => {
    fc.assert(
      fc.property(spacedText, (text) => {
        const bytes = Buffer.from(`x${text}x`);
        const start = trimmedStart(bytes, 1, bytes.length - 1);
        const end = trimmedEnd(bytes, start, bytes.length - 1);
        expect(bytes.toString('utf8', start, end)).to.equal(text.trim());
      }),
      { numRuns: 2000 },
    );
  });

  it('is escaped as JSON.stringify does it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const bytes = Buffer.from(text);
        const target = Buffer.alloc(bytes.length * maxEscapedBytesPerByte);
        const length = escapeJson(bytes, 0, bytes.length, target);
        expect(`"${target.toString('utf8', 0, length)}"`).to.equal(JSON.stringify(text));
        assertJsonText(target, 0, length);
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
