// Tests of the reader of the data of a known user.
import { expect } from 'chai';
import { Untestable } from '../check-endings.ts';
import { answer, userInfo } from '../testing/fake-context.ts';
import { readMeaning } from './known-meaning.ts';

describe('readMeaning', () => {
  it('returns the same text for the same groups and authorizations', () => {
    expect(readMeaning(answer(200, userInfo('a')))).to.equal(readMeaning(answer(200, { ...userInfo('a'), id: 7 })));
    expect(readMeaning(answer(200, userInfo('a')))).to.not.equal(readMeaning(answer(200, userInfo('b'))));
  });

  it('is untestable for a status other than 200, and for a 200 that is not JSON', () => {
    const message =
      'A known user did not get a 200 with readable JSON: see known-user-200, known-user-json, known-user-byte-order-mark and known-user-schema.';
    expect(() => readMeaning(answer(201, userInfo('a')))).to.throw(Untestable, message);
    expect(() => readMeaning(answer(200, 'x'))).to.throw(Untestable, message);
  });
});
