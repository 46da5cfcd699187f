// Tests of the shell text for names that the kit derives from a given one. A shell derives the same name, and the text does not contain the given
// one.
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { deriveEncoded } from './derived-name.ts';

/** Returns the text as the shell expands it. */
function expand(text: string, userid: string): string {
  const env = { PATH: process.env.PATH, KNOWN_USER: userid, KNOWN_USER_ENCODED: encodeURIComponent(userid) };
  return execFileSync('sh', ['-c', `printf %s "${text}"`], { env, encoding: 'utf8' });
}

describe('a name that is derived from a given one', () => {
  const given = "renée.o'hara+x@example.com";
  const escapeAll = (text: string) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const names: readonly (readonly [name: string, encoded: string])[] = [
    ['without its first letter', encodeURIComponent(given.slice(1))],
    ['with text before and after', encodeURIComponent(`x ${given} y`)],
    ['with a letter replaced', encodeURIComponent(given.replace('x', 'ȁ'))],
    ['with a letter put into it', encodeURIComponent(`r\u00ad${given.slice(1)}`)],
    ['in the other form of Unicode', encodeURIComponent(given.normalize('NFD'))],
    ['in upper case', encodeURIComponent(given.toUpperCase())],
    ['in mixed case', encodeURIComponent(given.replace(/[aeiou]/g, (letter) => letter.toUpperCase()))],
    ['with a space for the plus sign', encodeURIComponent(given).replace('%2B', '%20')],
    ['with a bare plus sign and @', encodeURIComponent(given).replace('%2B', '+').replace('%40', '@')],
    ['with every byte escaped', escapeAll(given)],
    ['with every byte escaped in upper case', escapeAll(given).toUpperCase()],
    ['twice', encodeURIComponent(`${given}${given}`)],
  ];
  for (const [name, encoded] of names) {
    it(`is derived again by a shell: ${name}`, () => {
      const text = deriveEncoded(encoded, new Map([[given, 'KNOWN_USER']])) ?? '';
      expect(expand(text, given)).to.equal(encoded);
      expect(text.toLowerCase()).not.to.match(/ren|hara|example/);
    });
  }

  it('is null for a name of the kit, which contains no part of the given name', () => {
    const users = new Map([[given, 'KNOWN_USER']]);
    for (const own of ['constructor', '%3Cb%3Ekit%3C%2Fb%3E', 'x', '%zz', '']) {
      expect(deriveEncoded(own, users), own).to.equal(null);
    }
  });
});
