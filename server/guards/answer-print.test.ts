// Tests of fingerprints of user info: what is equal, and what is missing.
import { expect } from 'chai';
import fc from 'fast-check';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { AnswerPrinter, isSamePrint, lossPercentOf } from './answer-print.ts';

const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 12 });
const answers = fc.record({
  groups: names.map((list) => list.map((name) => ({ name }))),
  authorizations: fc.dictionary(
    fc.string({ minLength: 1 }),
    fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }),
  ),
});

describe('the fingerprint of user info', () => {
  it('matches only equal user info', () => {
    fc.assert(
      fc.property(answers, answers, (one, other) => {
        const printer = new AnswerPrinter();
        const print = printer.printOf(one);
        expect(printer.isPrintOf(print, structuredClone(one))).to.equal(true);
        expect(printer.isPrintOf(print, other)).to.equal(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  const one: UserInfo = {
    groups: [{ name: 'a' }, { name: 'b' }],
    authorizations: { region: ['emea'], level: ['1', '2'] },
  };
  const others: ReadonlyArray<readonly [title: string, answer: UserInfo]> = [
    ['one group fewer', { ...one, groups: [{ name: 'a' }] }],
    ['one more group', { ...one, groups: [...one.groups, { name: 'c' }] }],
    ['another group', { ...one, groups: [{ name: 'a' }, { name: 'c' }] }],
    ['one value fewer', { ...one, authorizations: { region: ['emea'], level: ['1'] } }],
    ['one more value', { ...one, authorizations: { ...one.authorizations, level: ['1', '2', '3'] } }],
    ['a value under another name', { ...one, authorizations: { zone: ['emea'], level: ['1', '2'] } }],
    ['no values', { ...one, authorizations: {} }],
  ];
  for (const [title, other] of others) {
    it(`does not match user info with ${title}`, () => {
      const printer = new AnswerPrinter();
      expect(printer.isPrintOf(printer.printOf(one), other)).to.equal(false);
    });
  }

  it('does not match user info in a different order, but is the same print without any loss', () => {
    const printer = new AnswerPrinter();
    const turned = { groups: [...one.groups].reverse(), authorizations: { level: ['2', '1'], region: ['emea'] } };
    expect(printer.isPrintOf(printer.printOf(one), turned)).to.equal(false);
    expect(isSamePrint(printer.printOf(one), printer.printOf(turned))).to.equal(true);
    const groups = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
    const [before, now] = [groups, groups.toReversed()].map((list) => ({ groups: list, authorizations: {} }));
    expect(before && now && lossPercentOf(printer.printOf(before), printer.printOf(now))).to.equal(0);
  });

  it('cannot be used by another printer', () => {
    const print = new AnswerPrinter().printOf(one);
    expect(new AnswerPrinter().isPrintOf(print, one)).to.equal(false);
  });
});
