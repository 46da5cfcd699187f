// Tests the example endpoints that require a client certificate in addition to Basic: both must be valid and must belong to the platform.
import { expect } from 'chai';
import type { BadCertificateName } from '../certs/issue-bad-certificates.ts';
import { type IssuedCertificate, issueCertificate } from '../certs/issue-certificate.ts';
import { daysFromNow } from '../certs/issue-certificates.ts';
import { askOrRefused, basicHeader } from './ask-server.ts';
import { type CertificateFiles, certificateFiles } from './certificate-files.ts';
import { exampleEndpoints, login, type RunningEndpoint, startExampleEndpoint } from './example-endpoints-start.ts';

/** All except the revoked certificate, because the examples use no revocation list. */
const badClients: readonly BadCertificateName[] = [
  'expired-client',
  'not-yet-valid-client',
  'other-ca-client',
  'self-signed-client',
  'wrong-extended-key-usage-client',
];

/** How each endpoint rejects an invalid or missing certificate. */
const refusal: Readonly<Record<string, 'in TLS' | 403>> = { go: 'in TLS', 'node-http': 403 };

const right = basicHeader(login.username, login.password);

for (const endpoint of exampleEndpoints.filter(({ auths }) => auths?.includes('both'))) {
  describe(`the example endpoint ${endpoint.name}, with a client certificate in addition to Basic`, () => {
    let running: RunningEndpoint;
    let files: CertificateFiles;
    /** A valid certificate of a different client, issued by the same CA. */
    let unlisted: IssuedCertificate;

    before(async () => {
      running = await startExampleEndpoint(endpoint, 'both');
      files = await certificateFiles();
      const alternativeNames = { email: ['somebody@example.test'], dns: [], ip: [] };
      unlisted = await issueCertificate(
        { ...daysFromNow(0, 1), keyType: 'ec', use: 'client', commonName: 'platform', alternativeNames },
        files.good.ca,
      );
    });
    after(() => running?.stop());

    /** @returns the status, or `in TLS` when there is no response. */
    async function statusFor(client: IssuedCertificate | null, authorization: string): Promise<number | 'in TLS'> {
      const options = {
        ca: files.good.ca.certificate,
        headers: { authorization },
        ...(client && { cert: client.certificate, key: client.key }),
      };
      const answer = await askOrRefused(`${running.url}?userid=ada%40example.com`, options);
      return typeof answer === 'string' ? 'in TLS' : answer.status;
    }

    it('accepts the platform, with the good certificate and the correct credentials', async () => {
      expect(await statusFor(files.good.client, right)).to.equal(200);
    });

    it('responds with 401 to the good certificate with wrong credentials', async () => {
      expect(await statusFor(files.good.client, basicHeader(login.username, 'wrong'))).to.equal(401);
    });

    it('responds with 403 to another certificate from the same CA with the correct credentials', async () => {
      expect(await statusFor(unlisted, right)).to.equal(403);
    });

    it('rejects the right credentials without a certificate', async () => {
      expect(await statusFor(null, right)).to.equal(refusal[endpoint.name]);
    });

    for (const name of badClients) {
      it(`rejects the right credentials with the certificate ${name}`, async () => {
        expect(await statusFor(files.bad.certificates[name], right)).to.equal(refusal[endpoint.name]);
      });
    }
  });
}
