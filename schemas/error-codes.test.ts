// Tests that the catalogue of error codes is complete, well-formed and suitable for display.
import { expect } from 'chai';
import { errorCodes, headersOfCode } from './error-codes.ts';

/** The table "case → status" of the contract; 500 is "our own bug". */
const statusesOfTheContract = [400, 401, 403, 404, 405, 429, 500, 502, 503, 504];

/** HTTP requirements for a server that limits time and size (RFC 9110, 15.5.9; RFC 6585, 5). */
const statusesOfHttp = [408, 431];

const rows = Object.entries(errorCodes);

describe('the catalogue of error codes', () => {
  it('has a code for every status of the contract and of HTTP, and for no other status', () => {
    const statuses = [...new Set(rows.map(([, { status }]) => status))].sort((a, b) => a - b);
    expect(statuses).to.deep.equal([...statusesOfTheContract, ...statusesOfHttp].sort((a, b) => a - b));
  });

  it('has readable slugs for codes, since they are permanent', () => {
    for (const [code] of rows) expect(code).to.match(/^[a-z]+(-[a-z]+)+$/);
  });

  it('has one title per code, so that a person can distinguish them', () => {
    const titles = rows.map(([, { title }]) => title);
    expect(new Set(titles).size).to.equal(titles.length);
  });

  it('has a challenge for every 401, and methods for every 405', () => {
    for (const [code, { status, challenge, allow }] of rows) {
      expect(challenge === true, code).to.equal(status === 401);
      expect(allow !== undefined, code).to.equal(status === 405);
    }
  });

  it('has a retry time for every 503, and otherwise only for 429', () => {
    for (const [code, { status, retryAfterSeconds }] of rows) {
      if (status === 503) expect(retryAfterSeconds, code).to.be.greaterThan(0);
      else if (status !== 429) expect(retryAfterSeconds, code).to.equal(undefined);
    }
  });

  it('returns the headers of a code', () => {
    expect(headersOfCode('credentials-wrong', { challenge: 'Basic realm="x"' })).to.deep.equal([
      'WWW-Authenticate',
      'Basic realm="x"',
    ]);
    expect(headersOfCode('method-not-allowed')).to.deep.equal(['Allow', 'GET, HEAD']);
    expect(headersOfCode('source-unavailable')).to.deep.equal(['Retry-After', '5']);
    expect(headersOfCode('source-unavailable', { retryAfterSeconds: 12 })).to.deep.equal(['Retry-After', '12']);
    expect(headersOfCode('user-unknown', { challenge: 'Basic' })).to.deep.equal([]);
  });

  for (const [code, row] of rows) {
    it(`explains the meaning of ${code} and what the operator does, in sentences`, () => {
      expect(row).to.include.all.keys('status', 'title', 'operator');
      expect(row.title).to.match(/^[A-Z].*\.$/);
      expect(row.operator).to.match(/^[A-Z].*\.$/);
    });
  }
});
