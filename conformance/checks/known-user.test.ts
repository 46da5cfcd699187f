// Tests that the advice for a known user who does not get a 200 depends on the response.
import { expect } from 'chai';
import type { EndpointRequest, Reply } from '../faults/conformant-endpoint.ts';
import { findCheck, runAgainst } from '../testing/fixture.ts';

describe('known-user-200', () => {
  const redirects = [300, 302, 399];
  const refusals = [204, 299, 304, 400, 404, 500];
  for (const status of [...redirects, ...refusals]) {
    const isRedirect = redirects.includes(status);
    it(`${isRedirect ? 'advises' : 'does not advise'} against redirecting for a ${status}`, async () => {
      const finish = (reply: Reply, { userids }: EndpointRequest) =>
        userids[0]?.startsWith('canary-bob') ? { status, headers: {}, body: '' } : reply;
      const alter = () => ({ finish });
      const report = await runAgainst({ auth: 'none', alter }, { only: ['known-user-200'] });
      const { status: result, message } = findCheck(report, 'known-user-200');
      expect(result).to.equal('failed');
      expect(message.includes('instead of redirecting')).to.equal(isRedirect);
      expect(message).to.include(`status ${status} `);
    });
  }
});
