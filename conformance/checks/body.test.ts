// Tests of the checks of the content of a 200, on bodies at the bounds of each rule.
import { expect } from 'chai';
import { answer, checkOf, createFakeContext, endingOf, userInfo } from '../testing/fake-context.ts';
import { body } from './body.ts';

async function end(id: string, content: unknown, strictKeys = false): Promise<string> {
  const { context } = createFakeContext({ respond: () => answer(200, content), options: { strictKeys } });
  return endingOf(checkOf(body, id).run(context));
}

const withValue = (value: string) => ({ groups: [], authorizations: { kit: [value] } });
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const notJson = 'untestable: The body is not JSON: see known-user-json.';
const tooLarge = 'untestable: The body is too large or nested too deeply';

describe('the checks of JSON', () => {
  it('known-user-json accepts only JSON, with or without a byte order mark', async () => {
    const id = 'known-user-json';
    expect(await end(id, '{}')).to.equal('passed');
    expect(await end(id, '\ufeff{}')).to.equal('passed');
    expect(await end(id, '{}\ufeff')).to.include('violated: ');
    expect(await end(id, '{"a":[1,]}')).to.equal('violated: a comma before a closing bracket');
    expect(await end(id, Buffer.from('{}', 'utf16le'))).to.equal(
      'untestable: The body is not UTF-8: see known-user-utf-8.',
    );
  });

  it('known-user-schema reports the position, and bodies that are too large to read', async () => {
    const id = 'known-user-schema';
    expect(await end(id, userInfo('a'))).to.equal('passed');
    expect(await end(id, { ...userInfo('a'), more: 1 })).to.equal('passed');
    expect(await end(id, { ...userInfo('a'), more: 1 }, true)).to.include('violated: ');
    expect(await end(id, { groups: null, authorizations: {} })).to.include('violated: /groups');
    expect(await end(id, 'x')).to.equal(notJson);
    expect(await end(id, nested(600))).to.equal(
      'violated: a body nested deeper than 512 levels, or with more than 100,000 commas and opening brackets',
    );
  });

  it('known-user-unique-keys and known-user-lone-surrogates scan the text', async () => {
    expect(await end('known-user-unique-keys', '{"a":1,"a":2}')).to.equal('violated: a repeated key');
    expect(await end('known-user-unique-keys', '{"a":1,"b":{"a":2}}')).to.equal('passed');
    expect(await end('known-user-unique-keys', 'x')).to.equal(notJson);
    expect(await end('known-user-lone-surrogates', '["\\ud83d"]')).to.include('violated: an unpaired surrogate');
    expect(await end('known-user-lone-surrogates', '["\\ud83d\\ude00"]')).to.equal('passed');
  });

  it('known-user-depth accepts 32 levels', async () => {
    expect(await end('known-user-depth', nested(32))).to.equal('passed');
    expect(await end('known-user-depth', nested(33))).to.equal('violated: 33 levels');
  });

  it('known-user-size accepts 1 MiB', async () => {
    expect(await end('known-user-size', 'x'.repeat(1_048_576))).to.equal('passed');
    expect(await end('known-user-size', 'x'.repeat(1_048_577))).to.equal('violated: 1048577 bytes');
  });
});

describe('the checks of names and values', () => {
  it('known-user-prototype-key finds only an attribute named __proto__', async () => {
    const id = 'known-user-prototype-key';
    expect(await end(id, '{"groups":[],"authorizations":{"__proto__":["a"]}}')).to.equal(
      'violated: an attribute named __proto__',
    );
    expect(await end(id, withValue('__proto__'))).to.equal('passed');
    expect(await end(id, '{"groups":[],"authorizations":{"proto":["a"]}}')).to.equal('passed');
    expect(await end(id, 'x')).to.equal(notJson);
    expect(await end(id, nested(600))).to.include(tooLarge);
  });

  it('known-user-no-duplicates compares names of one kind, and values of one attribute', async () => {
    const id = 'known-user-no-duplicates';
    const good = { groups: [{ name: 'a' }, { name: 'b' }], authorizations: { a: ['a', 'b'], b: ['a'] } };
    expect(await end(id, good)).to.equal('passed');
    expect(await end(id, { ...good, groups: [{ name: 'a' }, { name: 'a' }] })).to.equal(
      'violated: a group name that is repeated',
    );
    expect(await end(id, { ...good, authorizations: { a: ['a', 'b', 'a'] } })).to.equal(
      'violated: a value that is repeated',
    );
  });

  it('known-user-no-outer-space finds white space at either end of a name or value', async () => {
    const id = 'known-user-no-outer-space';
    expect(await end(id, withValue('a b'))).to.equal('passed');
    expect(await end(id, withValue(' a'))).to.equal('violated: a value with surrounding white space');
    expect(await end(id, withValue('a '))).to.equal('violated: a value with surrounding white space');
    expect(await end(id, { groups: [{ name: 'a ' }], authorizations: {} })).to.equal(
      'violated: a group name with surrounding white space',
    );
    expect(await end(id, nested(600))).to.include(tooLarge);
  });

  const invisible = ['\u0000', '\t', '\u007f', '\u200b', '\u2028', '\u202e', '\u2060', '\u2069', '\ufeff'];
  const visible = ['\u200a', '\u200c', '\u2027', '\u202f', '\u205f', '\u206a', 'é'];
  it('known-user-visible-names finds control, zero-width and bidirectional formatting characters', async () => {
    const id = 'known-user-visible-names';
    for (const letter of invisible)
      expect(await end(id, withValue(`a${letter}b`))).to.equal('violated: a value with such a character');
    for (const letter of visible) expect(await end(id, withValue(`a${letter}b`))).to.equal('passed');
  });

  const twiceEncoded = ['ZÃ¼rich', 'StraÃŸe', 'â‚¬', 'Ã\u0081'];
  const onceEncoded = ['Zürich', 'Zurich', '', 'Ã', '日本Ã¼', 'Ã¼日'];
  it('known-user-decoded-once finds replacement characters, and UTF-8 that was encoded twice', async () => {
    const id = 'known-user-decoded-once';
    for (const text of [...twiceEncoded, 'a\ufffdb'])
      expect(await end(id, withValue(text)), text).to.equal('violated: a value with such characters');
    for (const text of onceEncoded) expect(await end(id, withValue(text)), text).to.equal('passed');
    expect(await end(id, Buffer.from(JSON.stringify(withValue('ü')), 'latin1'))).to.equal(
      'untestable: The body is not UTF-8: see known-user-utf-8.',
    );
  });

  const escaped = [
    'R&amp;D',
    '&lt;',
    '&gt;',
    '&quot;',
    '&apos;',
    '&nbsp;',
    '&#38;',
    '&#x2F;',
    '&#x2f;',
    '&AMP;',
    '&#123;',
  ];
  const unescaped = ['R&D', 'a & b;', '&amp', '&#;', '&#x;', '&#xg;', 'amp;'];
  it('known-user-not-escaped finds HTML escapes', async () => {
    const id = 'known-user-not-escaped';
    for (const text of escaped)
      expect(await end(id, withValue(text)), text).to.equal('violated: a value with such an escape');
    for (const text of unescaped) expect(await end(id, withValue(text)), text).to.equal('passed');
  });

  it('known-user-nfc finds a name in another normalization form', async () => {
    expect(await end('known-user-nfc', withValue('ü'))).to.equal('passed');
    expect(await end('known-user-nfc', withValue('u\u0308'))).to.equal('violated: a value that is not in NFC');
  });
});
