// Tests of the evaluation of bodies: which bodies are JSON and UTF-8, how errors are described, and that the descriptions do not quote the body.
import { expect } from 'chai';
import {
  couldBeUserInfo,
  describeContent,
  explainInvalidJson,
  findJson,
  findMeaning,
  findOrder,
  findSchemaFault,
  isUserInfoDisclosed,
  isUtf8,
  isWideUnicode,
} from './user-info-body.ts';

/** Occurs in every invalid body below except the empty one; no explanation may repeat it. */
const canary = 'canary';

describe('explainInvalidJson', () => {
  const cases: Readonly<Record<string, { text: string; seen: RegExp }>> = {
    'an empty body': { text: ' \n', seen: /empty/ },
    'an HTML page': { text: `\n<!doctype html>${canary}`, seen: /HTML/ },
    'the published sample': { text: `{"groups":[{"name":"${canary}",},],}`, seen: /comma/ },
    'NaN as a value': { text: `{"${canary}":NaN}`, seen: /unquoted word/ },
    "Python's None": { text: `{"${canary}": None}`, seen: /unquoted word/ },
    'a comment': { text: `{\n  // ${canary}\n}`, seen: /comment/ },
    'single quotes': { text: `{'${canary}':1}`, seen: /single quotes/ },
    'two JSON texts': { text: `{"${canary}":1}{}`, seen: /after the end/ },
    'a truncated body': { text: `{"${canary}":["a"`, seen: /last bracket/ },
  };
  for (const [name, { text, seen }] of Object.entries(cases)) {
    it(`explains ${name}, without quoting the body`, () => {
      expect(findJson(text)).to.equal(null);
      const explanation = explainInvalidJson(text);
      expect(explanation.seen).to.match(seen);
      expect(JSON.stringify(explanation)).not.to.include(canary);
    });
  }
});

describe('isUtf8', () => {
  const cases: Readonly<Record<string, [Buffer, boolean]>> = {
    UTF: [Buffer.from('Zürich 😀'), true],
    'UTF-8 with a byte order mark': [Buffer.from('\uFEFF{}'), true],
    'Latin-1': [Buffer.from('Zürich', 'latin1'), false],
    'a surrogate in three bytes': [Buffer.from([0xed, 0xa0, 0x80]), false],
    'an overlong slash': [Buffer.from([0xc0, 0xaf]), false],
  };
  for (const [name, [bytes, expected]] of Object.entries(cases)) {
    it(`${expected ? 'accepts' : 'rejects'} ${name}`, () => {
      expect(isUtf8(bytes)).to.equal(expected);
    });
  }
});

const good = { groups: [{ name: 'a' }], authorizations: { city: ['x'] } };

describe('findSchemaFault', () => {
  it('finds nothing in a valid body', () => {
    expect(findSchemaFault(good, true)).to.equal(null);
    expect(findSchemaFault({ ...good, more: 1 }, false)).to.equal(null);
  });

  const cases: Readonly<Record<string, { body: unknown; seen: string }>> = {
    'a list at the top': { body: [canary], seen: 'the top level must be object, found an array' },
    'a missing key': { body: { groups: [] }, seen: "the top level must have required property 'authorizations'" },
    'an extra key': { body: { ...good, [canary]: 1 }, seen: 'the top level must NOT have additional properties' },
    'a group as a string': { body: { ...good, groups: [canary] }, seen: '/groups/0 must be object, found a string' },
    'a group with an extra key': {
      body: { ...good, groups: [{ name: canary, [canary]: 1 }] },
      seen: '/groups/0 must NOT have additional properties',
    },
    'a name that is null': {
      body: { ...good, groups: [{ name: null }] },
      seen: '/groups/0/name must be string, found null',
    },
    'a value that is not a list': {
      body: { ...good, authorizations: { [canary]: canary } },
      seen: '/authorizations/* must be array, found a string',
    },
    'a value of an attribute whose name is a number': {
      body: { ...good, authorizations: { 4711: [7] } },
      seen: '/authorizations/*/0 must be string, found a number',
    },
    'an attribute without a name': {
      body: { ...good, authorizations: { '': [canary] } },
      seen: '/authorizations must NOT have fewer than 1 characters',
    },
  };
  for (const [name, { body, seen }] of Object.entries(cases)) {
    it(`reports the position of ${name}, without names and values`, () => {
      const fault = findSchemaFault(body, true);
      expect(fault?.seen).to.equal(seen);
      expect(JSON.stringify(fault)).not.to.include(canary).and.not.to.include('4711');
    });
  }
});

describe('findMeaning and findOrder', () => {
  const meaning = (value: unknown) => findMeaning(Buffer.from(JSON.stringify(value)));
  const order = (value: unknown) => findOrder(Buffer.from(JSON.stringify(value)));

  it('compare only groups and authorizations, in any order', () => {
    const other = { requestId: 1, authorizations: { city: ['x'] }, groups: [{ id: 7, name: 'a' }] };
    expect(meaning(other)).to.equal(meaning(good));
    expect(order(other)).to.equal(order(good));
    expect(meaning({ ...good, groups: [{ name: 'b' }] })).not.to.equal(meaning(good));
    expect(meaning({ groups: good.groups })).not.to.equal(meaning(good));
  });

  it('ignore the order of keys; only findOrder detects a different order of lists', () => {
    const two = { groups: [{ name: 'a' }, { name: 'b' }], authorizations: { x: ['1'], y: ['2'] } };
    const swapped = { ...two, groups: [...two.groups].reverse() };
    expect(meaning(swapped)).to.equal(meaning(two));
    expect(order(swapped)).not.to.equal(order(two));
    expect(order({ ...two, authorizations: { y: ['2'], x: ['1'] } })).to.equal(order(two));
  });

  it('compare bodies that are not user info as a whole', () => {
    expect(order(null)).to.equal('null');
    expect(meaning({ error: 1 })).not.to.equal(meaning({ error: 2 }));
  });
});

describe('isUserInfoDisclosed', () => {
  const isDisclosed = (status: number, value: unknown) =>
    isUserInfoDisclosed({ status, body: Buffer.from(JSON.stringify(value)) });

  it('finds any user info in a 200, but only non-empty user info in an error', () => {
    expect(isDisclosed(200, { groups: [], authorizations: {} })).to.equal(true);
    expect(isDisclosed(401, { groups: [], authorizations: {} })).to.equal(false);
    expect(isDisclosed(401, { error: { user: good } })).to.equal(true);
    expect(isDisclosed(401, { error: 'groups' })).to.equal(false);
  });
});

describe('the advice on an invalid shape', () => {
  const cases: Readonly<Record<string, [body: unknown, advice: RegExp]>> = {
    'groups that are null': [{ groups: null, authorizations: {} }, /\[\] and \{\}.*never null/],
    'a wrapper': [{ data: good }, /remove the wrapper object/],
    'a list of one': [[good], /the object itself/],
    'groups as strings': [{ ...good, groups: ['a'] }, /not as a bare string/],
    'a value that is null': [{ ...good, authorizations: { a: [null] } }, /list of non-empty strings/],
    'an error': [{ error: 'no' }, /one object with the keys/],
  };
  for (const [name, [body, advice]] of Object.entries(cases)) {
    it(`is suitable for ${name}`, () => {
      expect(findSchemaFault(body, true)?.change).to.match(advice);
    });
  }
});

describe('describeContent', () => {
  const cases: Readonly<Record<string, string>> = {
    '': 'no content',
    null: 'null without user info',
    '{}': 'an empty object or array without user info',
    '{"error":"canary"}': 'an object without user info',
    '"canary"': 'a string without user info',
    '<p>canary</p>': 'a page',
    '{"groups":[': 'a body that is not JSON',
    '{"groups":[],"authorizations":{}}': 'user info that is empty',
    '{"groups":[{"name":"canary"}],"authorizations":{}}': 'user info',
    '{"groups":"canary"}': 'user info',
  };
  for (const [text, expected] of Object.entries(cases)) {
    it(`returns ${expected} for ${text === '' ? 'no body' : text}`, () => {
      expect(describeContent(Buffer.from(text))).to.equal(expected);
    });
  }
});

describe('isWideUnicode', () => {
  it('recognizes UTF-16 and UTF-32 with and without a byte order mark, but not UTF-8', () => {
    const wide = [
      Buffer.from('{}', 'utf16le'),
      Buffer.from('\uFEFF{}', 'utf16le'),
      Buffer.from('{}', 'utf16le').swap16(),
      Buffer.from('\uFEFF{}', 'utf16le').swap16(),
      Buffer.from([0, 0, 0, 0x7b]),
    ];
    for (const body of wide) expect(isWideUnicode(body), body.toString('hex')).to.equal(true);
    for (const text of ['', '{', '{}', '\uFEFF{}']) expect(isWideUnicode(Buffer.from(text)), text).to.equal(false);
  });
});

describe('couldBeUserInfo', () => {
  const cases: Readonly<Record<string, [string, boolean]>> = {
    'user info': ['{"groups":[]}', true],
    'authorizations deep inside': ['{"error":[{"authorizations":{}}]}', true],
    'user info with trailing commas': ['{"groups":[],}', true],
    'user info after a byte order mark': ['\uFEFF{"groups":[]}', true],
    'a problem document': ['{"title":"No groups for this user","status":404}', false],
    'a text that quotes the shape': ['{"detail":"send {\\"groups\\":[]}"}', false],
    'an HTML page': ['<p>"groups":</p>', false],
    'no body': ['', false],
  };
  for (const [name, [text, expected]] of Object.entries(cases)) {
    it(`${expected ? 'finds' : 'does not find'} user info in ${name}`, () => {
      expect(couldBeUserInfo(Buffer.from(text))).to.equal(expected);
    });
  }
});

describe('findMeaning', () => {
  const meaning = (value: unknown) => findMeaning(Buffer.from(JSON.stringify(value)));

  it('returns the same value for a different order of groups, attributes and values', () => {
    const one = { groups: [{ name: 'a' }, { name: 'b' }], authorizations: { x: ['1', '2'], y: ['3'] } };
    const other = { authorizations: { y: ['3'], x: ['2', '1'] }, groups: [{ name: 'b' }, { name: 'a' }] };
    expect(meaning(one)).to.equal(meaning(other));
  });

  it('differs when a value moves to another attribute, or a group is listed twice', () => {
    expect(meaning({ x: ['1'], y: [] })).not.to.equal(meaning({ x: [], y: ['1'] }));
    expect(meaning({ groups: ['a'] })).not.to.equal(meaning({ groups: ['a', 'a'] }));
  });

  it('returns null for text that is not JSON', () => {
    expect(findMeaning(Buffer.from('{'))).to.equal(null);
  });
});
