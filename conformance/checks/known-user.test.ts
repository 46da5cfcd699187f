// Tests that what is told of a known user who is refused depends on the answer: whoever redirects has something else to change.
import { expect } from 'chai';
import { findCheck, runAgainst } from '../testing/fixture.ts';

describe('known-user-200', () => {
  const redirects = [300, 302, 399];
  const refusals = [204, 299, 304, 400, 404, 500];
  for (const status of [...redirects, ...refusals]) {
    const isRedirect = redirects.includes(status);
    it(`${isRedirect ? 'tells' : 'does not tell'} whoever answers ${status} to stop redirecting`, async () => {
      const alter = () => ({ finish: () => ({ status, headers: {}, body: '' }) });
      const report = await runAgainst({ auth: 'none', alter }, { only: ['known-user-200'] });
      const { status: result, message } = findCheck(report, 'known-user-200');
      expect(result).to.equal('failed');
      expect(message.includes('instead of redirecting')).to.equal(isRedirect);
      expect(message).to.include(`status ${status} `);
    });
  }
});
