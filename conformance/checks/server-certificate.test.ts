// Tests of the checks of the server certificate: chain, name and remaining validity.

import { X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import { issueCertificate } from '../../certs/issue-certificate.ts';
import { daysFromNow } from '../../certs/issue-certificates.ts';
import type { TlsFacts } from '../http/endpoint-request.ts';
import { NoAnswer } from '../http/no-answer.ts';
import { answer, checkOf, createFakeContext, endingOf, findingOf } from '../testing/fake-context.ts';
import { serverCertificateChecks } from './server-certificate.ts';

const server = { use: 'server', keyType: 'ec', commonName: 'kit.test' } as const;
const names = (dns: readonly string[], ip: readonly string[] = []) => ({ dns: [...dns], ip: [...ip], email: [] });
async function issue(from: number, to: number, alternativeNames = names(['kit.test'])): Promise<string> {
  return (await issueCertificate({ ...daysFromNow(from, to), ...server, alternativeNames }, 'self')).certificate;
}

const factsOf = (pem: string | null): TlsFacts => ({
  ...{ protocol: 'TLSv1.3', cipher: '', untrusted: null, isSessionReused: false, session: null },
  chain: pem === null ? [] : [new X509Certificate(pem).raw],
});

/** Runs a check against a server with this certificate. */
function run(id: string, pem: string | null, url = 'https://kit.test/user-info') {
  const respond = () => answer(200, '', { tls: pem === '' ? null : factsOf(pem) });
  const created = createFakeContext({ respond, options: { url: new URL(url), knownUsers: ['ada'] } });
  return { ...created, ended: checkOf(serverCertificateChecks, id).run(created.context) };
}

const end = (id: string, pem: string | null, url?: string) => endingOf(run(id, pem, url).ended);

describe('server-certificate-name', () => {
  const id = 'server-certificate-name';
  it('requires the host as a subject alternative name', async () => {
    const pem = await issue(0, 30, names(['kit.test'], ['127.0.0.1', '::1']));
    const { ended, sent } = run(id, pem);
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([{ userids: ['ada'] }]);
    for (const host of ['127.0.0.1', '[::1]', 'KIT.test'])
      expect(await end(id, pem, `https://${host}/x`)).to.equal('passed');
    for (const host of ['other.test', '127.0.0.2', '[::2]'])
      expect(await end(id, pem, `https://${host}/x`)).to.equal(
        'violated: a certificate with the host as the common name only',
      );
    const commonName = await findingOf(run(id, await issue(0, 30, names([]))).ended);
    expect(commonName.answers).to.have.length(1);
  });

  it('is untestable without a certificate', async () => {
    for (const pem of [null, '']) expect(await end(id, pem)).to.equal('untestable: The server sent no certificate.');
  });
});

describe('server-certificate-time-left', () => {
  const id = 'server-certificate-time-left';
  it('requires two weeks, or a fifth of a shorter lifetime', async () => {
    for (const [from, to] of [
      [-300, 15],
      [-3, 4],
      [-8, 3],
      [0, 30],
    ] as const)
      expect(await end(id, await issue(from, to)), `${from} ${to}`).to.equal('passed');
    const finding = await findingOf(run(id, await issue(-300, 13)).ended);
    expect(finding.seen).to.match(/^a certificate that expires in 1[23] days$/);
    expect(finding.answers).to.have.length(1);
    expect(await end(id, await issue(-17, 3))).to.match(/expires in [23] days$/);
    const { certificate } = await issueCertificate(
      {
        ...{ notBefore: new Date(Date.now() - 40 * 86_400_000), notAfter: new Date(Date.now() + 3_600_000) },
        ...{ ...server, alternativeNames: names(['kit.test']) },
      },
      'self',
    );
    expect(await end(id, certificate)).to.equal('violated: a certificate that expires in less than a day');
  });
});

describe('server-certificate-chain', () => {
  const id = 'server-certificate-chain';
  /** Runs the check with these certificates in --ca; the request with only the roots gets `response`. */
  async function runWith(ca: string | undefined, response: ReturnType<typeof answer> | Error = answer(200)) {
    const created = createFakeContext({ respond: () => response, options: { knownUsers: ['ada'], ca } });
    return { ...created, ended: checkOf(serverCertificateChecks, id).run(created.context) };
  }

  it('trusts only the root certificates of --ca, and sends a request only when --ca also contains other certificates', async () => {
    const ca = { use: 'ca', keyType: 'ec', ...daysFromNow(0, 30) } as const;
    const root = await issueCertificate({ ...ca, commonName: 'root' }, 'self');
    const between = await issueCertificate({ ...ca, commonName: 'between' }, root);
    const untrusted = new NoAnswer('untrusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    for (const given of [undefined, root.certificate]) {
      const { ended, sent } = await runWith(given, untrusted);
      expect(await endingOf(ended)).to.equal('passed');
      expect(sent).to.have.length(0);
    }
    const both = `${between.certificate}${root.certificate}`;
    const { ended, sent } = await runWith(both);
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([{ userids: ['ada'], tls: { ca: root.certificate.trim() } }]);
    expect(await endingOf((await runWith(both, untrusted)).ended)).to.include('(UNABLE_TO_VERIFY_LEAF_SIGNATURE)');
    expect(await endingOf((await runWith(both, new NoAnswer('timeout', 'ETIMEDOUT'))).ended)).to.equal(
      'no answer: ETIMEDOUT',
    );
    const bug = new TypeError('a bug');
    expect(await (await runWith(both, bug)).ended.catch((error: unknown) => error)).to.equal(bug);
  });
});
