// Tests of finding names and values in a 200 of any form.
import { expect } from 'chai';
import { findNames } from './body-names.ts';

const textsOf = (value: unknown) => findNames(value).map(({ kind, text, of }) => `${kind} ${text}${of && ` of ${of}`}`);

describe('findNames', () => {
  it('lists groups, attributes and values in their order', () => {
    const value = { groups: [{ name: 'a' }, { name: 'b' }], authorizations: { x: ['1', '2'], y: [] } };
    expect(textsOf(value)).to.deep.equal([
      ...['a group name a', 'a group name b', 'an attribute name x'],
      ...['a value 1 of x', 'a value 2 of x', 'an attribute name y'],
    ]);
  });

  it('finds bare strings, and skips anything that is not a name', () => {
    const value = { groups: ['a', 1, { name: 2 }, null, ['b']], authorizations: { x: 'one', y: [3, null, 'two'] } };
    expect(textsOf(value)).to.deep.equal([
      ...['a group name a', 'an attribute name x', 'a value one of x', 'an attribute name y', 'a value two of y'],
    ]);
    expect(textsOf({ groups: { name: 'a' }, authorizations: ['x'] })).to.deep.equal(['a group name a']);
    expect(textsOf({})).to.deep.equal([]);
    expect(textsOf({ groups: null, authorizations: null })).to.deep.equal([]);
  });

  it('finds nothing in a value that is not an object', () => {
    for (const value of [null, [{ groups: ['a'] }], 'a', 1]) expect(textsOf(value)).to.deep.equal([]);
  });

  it('runs once for the same value', () => {
    const value = { groups: ['a'] };
    expect(findNames(value)).to.equal(findNames(value));
    expect(findNames(value)).to.not.equal(findNames({ groups: ['a'] }));
  });
});
