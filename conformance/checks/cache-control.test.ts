// Tests of the reader of Cache-Control.
import { expect } from 'chai';
import { answer } from '../testing/fake-context.ts';
import { readCacheControl } from './cache-control.ts';

const read = (value: string | null) =>
  readCacheControl(answer(200, '', { rawHeaders: value === null ? [] : [['Cache-Control', value]] }));

describe('readCacheControl', () => {
  it('returns the value as it was sent, and an empty value when there is none', () => {
    expect(read('Private, x=1').directives).to.equal('Private, x=1');
    expect(read(null)).to.deep.equal({
      directives: '',
      isStoringForbidden: false,
      isForbidden: false,
      isAllowed: false,
    });
  });

  const storing: readonly (readonly [value: string, isForbidden: boolean])[] = [
    ['no-store', true],
    ['private,no-store', true],
    ['private, \t NO-STORE \t, max-age=0', true],
    ['no-stores', false],
    ['x-no-store', false],
    ['"no-store"', false],
    ['no-cache', false],
  ];
  for (const [value, isForbidden] of storing) {
    it(`${isForbidden ? 'finds' : 'does not find'} that storing is forbidden: ${value}`, () => {
      expect(read(value).isStoringForbidden).to.equal(isForbidden);
    });
  }

  for (const value of ['no-store', 'no-cache', 'private', 'max-age=0', 'x, private', 'public, max-age=0']) {
    it(`finds that reuse is forbidden: ${value}`, () => {
      expect(read(value)).to.include({ isForbidden: true, isAllowed: false });
    });
  }

  for (const value of ['public', 'max-age=1', 's-maxage="300"', 'max-age=90', 'must-revalidate, s-maxage=10']) {
    it(`finds that reuse is allowed: ${value}`, () => {
      expect(read(value)).to.include({ isForbidden: false, isAllowed: true });
    });
  }

  for (const value of ['max-age=00', 's-maxage=0', 'max-age', 'publicly', 'max-age=1x', 'must-revalidate']) {
    it(`finds neither reuse nor its prohibition: ${value}`, () =>
      expect(read(value)).to.include({ isForbidden: false, isAllowed: false }));
  }
});
