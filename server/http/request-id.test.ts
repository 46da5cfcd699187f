// Tests that generated request ids are 32 hexadecimal digits, and none occurs twice.
import { expect } from 'chai';
import { createRequestId } from './request-id.ts';

describe('a generated request id', () => {
  it('has 32 hexadecimal digits, each of which can take every value, and is unique', () => {
    const ids = Array.from({ length: 20_000 }, createRequestId);
    expect(new Set(ids)).to.have.property('size', ids.length);
    for (const id of ids) expect(id).to.match(/^[0-9a-f]{32}$/);
    for (let at = 0; at < 32; at += 1)
      expect(new Set(ids.map((id) => id[at])), `digit ${at}`).to.have.property('size', 16);
  });
});
