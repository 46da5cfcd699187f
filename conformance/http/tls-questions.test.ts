// Tests of the TLS options of a request and the TLS facts of a response, with supertest and with a plain socket.
import { createHash, X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import { type CheckContext, createCheckContext, type ShortRequest } from '../check-context.ts';
import { checkOptions } from '../conformance-options.ts';
import type { RunningEndpoint } from '../faults/conformant-endpoint.ts';
import { runConformance } from '../run-conformance.ts';
import { certificates, completeOptions, startFixture } from '../testing/fixture.ts';
import type { Answer } from './endpoint-request.ts';
import { NoAnswer } from './no-answer.ts';

describe('a request over TLS', () => {
  let endpoint: RunningEndpoint;
  let context: CheckContext;
  before(async () => {
    endpoint = await startFixture({ auth: 'mtls', isCertificateDemanded: true });
    context = createCheckContext(checkOptions(await completeOptions(endpoint.url, 'mtls')));
  });
  after(() => endpoint.close());

  function ask(change: Partial<ShortRequest>): Promise<Answer> {
    return context.ask({ userids: [context.knownUser], ...change });
  }

  /** Returns the kind of the failure; if there is a response, its status. */
  async function findRefusal(change: Partial<ShortRequest>): Promise<string> {
    try {
      return `answered with ${(await ask(change)).status}`;
    } catch (error) {
      if (error instanceof NoAnswer) return error.kind;
      throw error;
    }
  }

  for (const isRaw of [false, true]) {
    const way = isRaw ? 'a plain socket' : 'supertest';

    it(`returns the protocol, the cipher and the chain, with the server's own certificate first: ${way}`, async () => {
      const { tls } = await ask({ isRaw });
      const { server } = await certificates();
      expect(tls?.protocol).to.equal('TLSv1.3');
      expect(tls?.cipher).to.match(/^TLS_/);
      expect(tls?.untrusted).to.equal(null);
      expect(tls?.chain[0]?.equals(new X509Certificate(server.certificate).raw)).to.equal(true);
    });

    it(`chooses the version and the ciphers: ${way}`, async () => {
      const ciphers = 'ECDHE-ECDSA-AES256-GCM-SHA384';
      const { tls } = await ask({ isRaw, tls: { maxVersion: 'TLSv1.2', ciphers } });
      expect(tls).to.include({ protocol: 'TLSv1.2', cipher: ciphers });
    });

    it(`resumes a session: ${way}`, async () => {
      const first = await ask({ isRaw, tls: { maxVersion: 'TLSv1.2' } });
      const session = first.tls?.session;
      expect(session).to.be.instanceOf(Buffer);
      if (!session) return;
      const second = await ask({ isRaw, tls: { maxVersion: 'TLSv1.2', session } });
      expect([first.tls?.isSessionReused, second.tls?.isSessionReused]).to.deep.equal([false, true]);
    });

    const names = [
      'expired',
      'not-yet-valid',
      'other-ca',
      'same-names',
      'self-signed',
      'wrong-extended-key-usage',
    ] as const;
    for (const name of names) {
      it(`presents a bad client certificate, ${name}, which a good endpoint refuses: ${way}`, async () => {
        const clientCertificate = (await context.badClientCertificates())[name];
        expect(await findRefusal({ isRaw, tls: { clientCertificate } })).to.equal('closed');
      });
    }
  }

  for (const isRaw of [false, true]) {
    it(`distinguishes the limits of the local TLS library from a refusal of the endpoint: ${isRaw ? 'a plain socket' : 'supertest'}`, async () => {
      expect(await findRefusal({ isRaw, tls: { ciphers: 'NO-SUCH-CIPHER' } })).to.equal('refused-here');
      // The kit makes the offer, and the other side refuses it with an alert.
      const offered = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
      expect(await findRefusal({ isRaw, tls: offered })).to.equal('closed');
    });
  }

  it('issues bad client certificates once per run, from the given CA where the fault is not the CA', async () => {
    const { ca } = await certificates();
    const bad = await context.badClientCertificates();
    expect(await context.badClientCertificates()).to.equal(bad);
    const isOfCa = (pem: string) => new X509Certificate(pem).checkIssued(new X509Certificate(ca.certificate));
    expect(
      ['expired', 'not-yet-valid', 'wrong-extended-key-usage'].filter((name) => !isOfCa(bad[name as 'expired'].cert)),
    ).to.deep.equal([]);
    expect(isOfCa(bad['other-ca'].cert)).to.equal(false);
    expect(bad.expired.shown).to.equal('--cert "$EXPIRED_CERT" --key "$EXPIRED_KEY"');
  });

  it('can inspect an untrusted server, and returns the reason why it is not trusted', async () => {
    const { ca: _left, ...options } = checkOptions(await completeOptions(endpoint.url, 'mtls'));
    const untrusting = createCheckContext(options);
    const { tls } = await untrusting.ask({ userids: ['x'], tls: { acceptsAnyServer: true } });
    expect(tls?.untrusted).to.match(/SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
  });

  it('records the fingerprint of the server for the report', async () => {
    const { server } = await certificates();
    const der = new X509Certificate(server.certificate).raw;
    expect(context.tally().serverCertificateSha256).to.equal(createHash('sha256').update(der).digest('hex'));
  });
});

describe('an endpoint with an outdated TLS version', () => {
  async function findReason(options: Parameters<typeof startFixture>[0]): Promise<string | undefined> {
    const endpoint = await startFixture(options, true);
    const report = await runConformance(await completeOptions(endpoint.url, 'none'));
    await endpoint.close();
    expect(report.verdict).to.equal('could-not-run');
    return report.reason;
  }

  it('is advised to allow TLS 1.2 when the client refuses the negotiated version', async () => {
    const chooseByHand = () => ({ version: 0x0301, cipher: 0x002f });
    expect(await findReason({ auth: 'none', chooseByHand })).to.match(
      /^TLS on this machine rejects the version, cipher or key of the endpoint \(ERR_SSL_UNSUPPORTED_PROTOCOL\)/,
    );
  });

  it('is advised to allow TLS 1.2 when the endpoint refuses the offered versions', async () => {
    const { ca, server } = await certificates();
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    const tls = { cert: server.certificate, key: server.key, ca: ca.certificate, ...old };
    expect(await findReason({ auth: 'none', tls })).to.match(/It supports neither TLS 1\.2 nor 1\.3/);
  });
});
