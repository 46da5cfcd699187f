// Tests of the rules that join options of the merge source, and of all sources inside a merge.
import { expect } from 'chai';
import { findFaults } from './testing/find-faults.ts';

const users = { type: 'static', users: {} };
const a = { name: 'a', source: users };
const b = { name: 'b', source: users };

/** Returns the options with an error, without their common prefix. */
function faultyOptions(source: object): string[] {
  const whole = { authentication: { mode: 'none' }, source: { type: 'merge', identity: 'any', ...source } };
  return findFaults(whole)
    .map(({ path }) => path.replace('source.', ''))
    .sort();
}

const accepted: Record<string, object> = {
  'one source': { sources: [a] },
  'a source that decides': { identity: 'b', sources: [a, b] },
  'all, when all are required': { identity: 'all', sources: [a, b] },
  'an explicitly optional source': { sources: [a, { ...b, required: false, mayShrinkAccess: true }] },
  'a fallback': { identity: 'a', sources: [a, { ...b, fallbackFor: 'a' }] },
  'a fallback above its source': { sources: [{ ...b, fallbackFor: 'a' }, a] },
  'a fallback with the same groups and attributes as its source': {
    sources: [
      { ...a, gives: 'groups' },
      { ...b, fallbackFor: 'a', gives: 'groups' },
    ],
  },
  'a userid by an authorization': { sources: [a, { ...b, userid: { from: 'a', authorization: 'account' } }] },
  'a userid by a pattern': { sources: [{ ...a, userid: { pattern: '(.*)@example\\.com' } }] },
  'a userid of a fallback, by what its source could take': {
    sources: [a, b, { name: 'c', source: users, fallbackFor: 'b', userid: { from: 'a', authorization: 'account' } }],
  },
  'a merge in a merge': { sources: [a, { name: 'm', source: { type: 'merge', identity: 'a', sources: [a, b] } }] },
};

const refused: Record<string, [source: object, options: string[]]> = {
  'no source at all': [{ sources: [] }, ['sources']],
  'a name twice': [{ sources: [a, a] }, ['sources[1].name']],
  'a name that means something else': [{ sources: [a, { ...b, name: 'any' }] }, ['sources[1].name']],
  'an unknown source that decides': [{ identity: 'c', sources: [a, b] }, ['identity']],
  'a fallback that decides': [{ identity: 'b', sources: [a, { ...b, fallbackFor: 'a' }] }, ['identity']],
  'an optional source that decides': [
    { identity: 'b', sources: [a, { ...b, required: false, mayShrinkAccess: true }] },
    ['identity'],
  ],
  'all, with an optional one': [
    { identity: 'all', sources: [a, { ...b, required: false, mayShrinkAccess: true }] },
    ['identity'],
  ],
  'an optional source without mayShrinkAccess': [{ sources: [a, { ...b, required: false }] }, ['sources[1].required']],
  'a required source that may shrink access': [
    { sources: [a, { ...b, mayShrinkAccess: true }] },
    ['sources[1].mayShrinkAccess'],
  ],
  'an optional fallback': [
    { sources: [a, { ...b, fallbackFor: 'a', required: false, mayShrinkAccess: true }] },
    ['sources[1].required'],
  ],
  'a fallback for nothing': [{ sources: [a, { ...b, fallbackFor: 'c' }] }, ['sources[1].fallbackFor']],
  'a fallback for itself': [{ sources: [a, { ...b, fallbackFor: 'b' }] }, ['sources[1].fallbackFor']],
  'a fallback for a fallback': [
    { sources: [a, { ...b, fallbackFor: 'a' }, { name: 'c', source: users, fallbackFor: 'b' }] },
    ['sources[2].fallbackFor'],
  ],
  'two fallbacks for one': [
    { sources: [a, { ...b, fallbackFor: 'a' }, { name: 'c', source: users, fallbackFor: 'a' }] },
    ['sources[2].fallbackFor'],
  ],
  'a fallback with other groups and attributes': [
    { sources: [a, { ...b, fallbackFor: 'a', gives: 'groups' }] },
    ['sources[1].gives'],
  ],
  'fallbackOn without a fallback': [
    { sources: [{ ...a, fallbackOn: 'unavailable-or-not-found' }] },
    ['sources[0].fallbackOn'],
  ],
  'a userid from a source below': [
    { sources: [{ ...a, userid: { from: 'b', authorization: 'x' } }, b] },
    ['sources[0].userid.from'],
  ],
  'a userid from itself': [
    { sources: [{ ...a, userid: { from: 'a', authorization: 'x' } }] },
    ['sources[0].userid.from'],
  ],
  'a userid from a fallback': [
    {
      sources: [a, { ...b, fallbackFor: 'a' }, { name: 'c', source: users, userid: { from: 'b', authorization: 'x' } }],
    },
    ['sources[2].userid.from'],
  ],
  'a userid from a source without an authorization': [
    { sources: [a, { ...b, userid: { from: 'a' } }] },
    ['sources[1].userid.from'],
  ],
  'an authorization of no source': [
    { sources: [{ ...a, userid: { authorization: 'x' } }] },
    ['sources[0].userid.authorization'],
  ],
  'a userid that is nothing': [{ sources: [{ ...a, userid: {} }] }, ['sources[0].userid']],
  'invalid patterns': [
    { sources: [{ ...a, userid: { pattern: '(' }, groups: { drop: ['ok', '['] }, authorizations: { drop: ['*'] } }] },
    ['sources[0].authorizations.drop[0]', 'sources[0].groups.drop[1]', 'sources[0].userid.pattern'],
  ],
  'errors of a source inside': [
    {
      sources: [
        a,
        { name: 'c', source: { type: 'csv', path: 'u.csv', delimiter: ';', quote: ';', columns: { userid: 'u' } } },
      ],
    },
    ['sources[1].source.columns', 'sources[1].source.quote'],
  ],
  'errors of a merge inside': [
    { sources: [a, { name: 'm', source: { type: 'merge', identity: 'x', sources: [a, a] } }] },
    ['sources[1].source.identity', 'sources[1].source.sources[1].name'],
  ],
  'a source inside with a schema error, reported once': [
    { sources: [a, { name: 'c', source: { type: 'csv', path: 'u.csv', columns: { userid: 'u' }, layout: 'tall' } }] },
    ['sources[1].source.layout'],
  ],
};

describe('the rules of a merge', () => {
  for (const [name, source] of Object.entries(accepted)) {
    it(`accept ${name}`, () => {
      expect(faultyOptions(source)).to.deep.equal([]);
    });
  }

  for (const [name, [source, options]] of Object.entries(refused)) {
    it(`reject ${name}`, () => {
      expect(faultyOptions(source)).to.deep.equal(options);
    });
  }
});
