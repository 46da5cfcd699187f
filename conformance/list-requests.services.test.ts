// Tests of the dry run: it lists what a run sends to a conformant endpoint, and sends nothing to the endpoint.
import { expect } from 'chai';
import { listRequests } from './list-requests.ts';
import { runConformance } from './run-conformance.ts';
import { canaries, completeOptions, startFixture } from './testing/fixture.ts';

describe('the dry run', () => {
  it('adds a tag to a name that is not an address, as a run does', async () => {
    const given = { url: 'http://127.0.0.1:1/user-info', auth: 'none', knownUsers: ['lovelace'] } as const;
    const only = ['userid-tag-refused'];
    const linesOf = async (showData: boolean) =>
      (await listRequests({ ...given, only, showData })).requests.map(({ request }) => request).join('\n');
    expect(await linesOf(true)).to.include('"userid=lovelace+kit-other"');
    expect(await linesOf(false)).to.include(`"userid=\${KNOWN_USER}+kit-other"`);
  });

  for (const auth of ['basic', 'both'] as const) {
    it(`lists the requests of a run in curl lines, and sends nothing: ${auth}`, async () => {
      let asked = 0;
      const endpoint = await startFixture({
        auth,
        alter: () => ({
          finish(reply) {
            asked += 1;
            return reply;
          },
        }),
      });
      const options = await completeOptions(endpoint.url, auth);
      const { requests, failedLogins } = await listRequests(options);
      expect(asked).to.equal(0);

      const { attestation } = await runConformance(options);
      await endpoint.close();
      // The control is repeated after each second, so a run on a busy machine has more requests.
      expect(requests.length).to.be.closeTo(attestation.requestsSent, 40);
      expect(failedLogins).to.equal(attestation.failedLoginsSent);
      for (const { request } of requests)
        expect(request)
          .to.match(/^(?:curl|openssl s_client) /)
          .and.to.include(new URL(endpoint.url).host);
      expect(canaries.filter((canary) => JSON.stringify(requests).includes(canary))).to.deep.equal([]);
      // Two whole runs.
    }).timeout(120_000);
  }
});
