// Tests of the messages for missing HTTP responses: every Node error code has a cause and a remedy, and real servers produce the codes.
import { expect } from 'chai';
import { issueBadCertificates } from '../../certs/issue-bad-certificates.ts';
import { type IssuedCertificate, issueCertificate } from '../../certs/issue-certificate.ts';
import { daysFromNow, issueCertificates } from '../../certs/issue-certificates.ts';
import { createCheckContext, type ShortRequest } from '../check-context.ts';
import { type ConformanceOptions, checkOptions } from '../conformance-options.ts';
import { startFixture } from '../testing/fixture.ts';
import { findNoAnswer, NoAnswer } from './no-answer.ts';

/** Node's names for OpenSSL's errors in a chain, except those of revocation lists, which the kit does not use. */
const codesOfNode = [
  ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_DECRYPT_CERT_SIGNATURE', 'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY'],
  ...['CERT_SIGNATURE_FAILURE', 'CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED', 'ERROR_IN_CERT_NOT_BEFORE_FIELD'],
  ...['ERROR_IN_CERT_NOT_AFTER_FIELD', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_CHAIN_TOO_LONG', 'CERT_REVOKED'],
  ...['INVALID_CA', 'PATH_LENGTH_EXCEEDED', 'INVALID_PURPOSE', 'CERT_UNTRUSTED', 'CERT_REJECTED', 'HOSTNAME_MISMATCH'],
  ...['ERR_TLS_CERT_ALTNAME_INVALID', 'UNSPECIFIED'],
];

const withCode = (code: string, message = '') => Object.assign(new Error(message), { code });

/** Returns the error of a request that gets no response. Throws if the request gets one. */
async function findFailure(
  options: ConformanceOptions,
  endpointRequest: Partial<ShortRequest> = {},
): Promise<NoAnswer> {
  const context = createCheckContext(checkOptions(options));
  const outcome = await context.ask({ userids: ['ada'], ...endpointRequest }).catch((error: unknown) => error);
  if (outcome instanceof NoAnswer) return outcome;
  throw new Error('There was an answer.');
}

describe('a missing response', () => {
  for (const code of codesOfNode) {
    it(`has a message with a fix for ${code}`, () => {
      const failure = findNoAnswer(withCode(code));
      expect(failure?.kind).to.equal('untrusted');
      expect(failure?.message).to.match(/^The server's certificate cannot be trusted \(\w+\): .+: .+\.$/);
    });
  }

  const handshakes: Record<string, [code: string, kind: string, words: string]> = {
    'an alert, as OpenSSL 3.0 calls it': [
      'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
      'closed',
      'no protocol parameters in common',
    ],
    'the same, as later versions do': [
      'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
      'closed',
      'no protocol parameters in common',
    ],
    'an unsupported version': [
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      'closed',
      'does not support the offered version of TLS',
    ],
    'versions that are too old': ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'refused-here', 'TLS 1.2 and 1.3'],
    'a name that it does not serve': ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 'closed', 'virtual hosts'],
    'a small Diffie-Hellman key': ['ERR_SSL_DH_KEY_TOO_SMALL', 'refused-here', 'current ciphers and keys'],
    'plain HTTP': ['ERR_SSL_WRONG_VERSION_NUMBER', 'not-http', 'whether the URL must begin with http://'],
  };
  for (const [name, [code, kind, words]] of Object.entries(handshakes)) {
    it(`has a message for ${name}`, () => {
      const failure = findNoAnswer(withCode(code));
      expect(failure?.kind).to.equal(kind);
      expect(failure?.message).to.include(words).and.to.include(code);
    });
  }

  it('finds the reason in the message of an EPROTO', () => {
    const message =
      'write EPROTO 40:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../record.c:354:\n';
    const { kind, code } = findNoAnswer(withCode('EPROTO', message)) ?? {};
    expect({ kind, code }).to.deep.equal({ kind: 'not-http', code: 'ERR_SSL_WRONG_VERSION_NUMBER' });
    expect(findNoAnswer(withCode('EPROTO', 'write EPROTO'))).to.include({ kind: 'closed', code: 'EPROTO' });
  });

  it('is not assumed for any other error', () => {
    expect(findNoAnswer(withCode('ERR_INVALID_ARG_TYPE'))).to.equal(null);
    expect(findNoAnswer(new Error('anything'))).to.equal(null);
    expect(findNoAnswer('ECONNREFUSED')).to.equal(null);
  });
});

describe('an untrusted server', () => {
  type Offer = { readonly server: IssuedCertificate; readonly ca?: string };

  async function makeOffers(): Promise<Record<string, Offer>> {
    const { ca, server, client } = await issueCertificates();
    const { certificates, otherCa } = await issueBadCertificates(ca);
    const request = { ...daysFromNow(0, 30), keyType: 'ec', use: 'server', commonName: 'localhost' } as const;
    const local = { alternativeNames: { dns: [], ip: ['127.0.0.1'], email: [] } };
    // Signed by a certificate that is not a CA: Node has no code for OpenSSL's error.
    const issuedByLeaf = await issueCertificate({ ...request, ...local }, server);
    const late = await issueCertificate({ ...request, ...local, ...daysFromNow(100, 200) }, ca);
    const selfSigned = await issueCertificate({ ...request, ...local }, 'self');
    const chain = `${issuedByLeaf.certificate}\n${server.certificate}`;
    return {
      CERT_HAS_EXPIRED: { server: certificates['expired-server'], ca: ca.certificate },
      CERT_NOT_YET_VALID: { server: late, ca: ca.certificate },
      ERR_TLS_CERT_ALTNAME_INVALID: { server: certificates['wrong-host-name-server'], ca: ca.certificate },
      INVALID_PURPOSE: { server: client, ca: ca.certificate },
      UNSPECIFIED: { server: { ...issuedByLeaf, certificate: chain }, ca: ca.certificate },
      DEPTH_ZERO_SELF_SIGNED_CERT: { server: selfSigned, ca: ca.certificate },
      SELF_SIGNED_CERT_IN_CHAIN: { server: { ...server, certificate: `${server.certificate}\n${ca.certificate}` } },
      UNABLE_TO_VERIFY_LEAF_SIGNATURE: { server, ca: otherCa },
    };
  }

  let offers: Record<string, Offer>;
  before(async () => {
    offers = await makeOffers();
  });

  const codes = [
    ...['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'ERR_TLS_CERT_ALTNAME_INVALID', 'INVALID_PURPOSE'],
    ...['UNSPECIFIED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ];
  for (const code of codes) {
    it(`is described with ${code}`, async () => {
      const offer = offers[code];
      if (!offer) throw new Error(`no server for ${code}`);
      const { server, ca } = offer;
      const endpoint = await startFixture({ auth: 'none', tls: { cert: server.certificate, key: server.key } });
      try {
        const failure = await findFailure({ url: endpoint.url, auth: 'none', ...(ca ? { ca } : {}) });
        expect(failure).to.include({ kind: 'untrusted', code });
      } finally {
        await endpoint.close();
      }
    });
  }
});
