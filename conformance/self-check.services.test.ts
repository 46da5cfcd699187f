// Tests of the self-check: it passes on a working machine, sends no other requests, and does not attribute local errors to the endpoint.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { runSelfCheck } from './self-check.ts';
import { canaries, completeOptions } from './testing/fixture.ts';

describe('the self-check', () => {
  for (const auth of ['none', 'basic', 'both'] as const) {
    it(`passes with --auth ${auth}, and sends no request to the endpoint`, async () => {
      let asked = 0;
      const endpoint = http.createServer((_request, response) => {
        asked += 1;
        response.end();
      });
      await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
      const { port } = endpoint.address() as AddressInfo;
      const scheme = auth === 'both' ? 'https' : 'http';
      const options = await completeOptions(`${scheme}://127.0.0.1:${port}/user-info`, auth);
      const result = await runSelfCheck(options);
      endpoint.close();
      expect(result.failures).to.deep.equal([]);
      expect(result.obstacle).to.equal(null);
      expect(result.passed).to.be.greaterThan(60);
      expect(asked).to.equal(0);
    });
  }

  it('fails when the limits of the run leave no time for a response, and shows no users', async () => {
    const options = await completeOptions('https://127.0.0.1:1/user-info', 'both');
    const result = await runSelfCheck({ ...options, timeoutMs: 1, only: ['known-user-200', 'unknown-user-refused'] });
    const text = JSON.stringify(result);
    expect(text).to.include('No complete response arrived in time');
    expect(canaries.filter((canary) => text.includes(canary))).to.deep.equal([]);
  });
});
