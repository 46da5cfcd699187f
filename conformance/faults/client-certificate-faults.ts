// Faults of endpoints that evaluate a client certificate incorrectly.
import { X509Certificate } from 'node:crypto';
import type { EndpointOptions } from './conformant-endpoint.ts';
import type { Fault } from './fault.ts';

/** Returns the fault of an endpoint that accepts certificates in which OpenSSL finds the given error. */
function takesUntrusted(name: string, trips: readonly string[], codes: readonly string[]): Fault {
  return {
    name,
    auth: 'mtls',
    trips,
    alter: (good) => ({
      holdsCertificate: (request) =>
        good.holdsCertificate(request) || codes.includes(request.presented?.untrusted ?? ''),
    }),
  };
}

/** Returns the common name of the CA that the endpoint trusts. */
function caName({ tls }: EndpointOptions): string | undefined {
  return /^CN=(.*)$/m.exec(new X509Certificate(String(tls?.ca)).subject)?.[1];
}

/** Behaves like nginx with ssl_verify_client optional_no_ca and a map of $ssl_client_i_dn. */
const issuerComparedByName: Fault = {
  name: 'issuer-compared-by-name',
  auth: 'mtls',
  trips: [
    'client-certificate-same-names-refused',
    'client-certificate-expired-refused',
    'client-certificate-not-yet-valid-refused',
    'client-certificate-wrong-use-refused',
  ],
  alter: (_good, options) => ({
    holdsCertificate: ({ presented }) => presented?.certificate.issuer.CN === caName(options),
  }),
};

export const badClientCertificateFaults: readonly Fault[] = [
  takesUntrusted('self-signed-accepted', ['client-certificate-self-signed-refused'], ['DEPTH_ZERO_SELF_SIGNED_CERT']),
  takesUntrusted(
    'other-ca-accepted',
    ['client-certificate-other-ca-refused'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  ),
  issuerComparedByName,
  takesUntrusted('expired-accepted', ['client-certificate-expired-refused'], ['CERT_HAS_EXPIRED']),
  takesUntrusted('not-yet-valid-accepted', ['client-certificate-not-yet-valid-refused'], ['CERT_NOT_YET_VALID']),
  takesUntrusted('wrong-use-accepted', ['client-certificate-wrong-use-refused'], ['INVALID_PURPOSE']),
  {
    name: 'any-certificate-accepted-in-both',
    auth: 'both',
    trips: [
      'client-certificate-self-signed-refused',
      'client-certificate-other-ca-refused',
      'client-certificate-same-names-refused',
      'client-certificate-expired-refused',
      'client-certificate-not-yet-valid-refused',
      'client-certificate-wrong-use-refused',
    ],
    alter: () => ({ holdsCertificate: ({ presented }) => presented !== null }),
  },
  {
    name: 'bad-certificate-500',
    auth: 'mtls',
    trips: ['client-certificate-bad-status'],
    alter: () => ({
      finish: (reply, { presented }) =>
        presented !== null && reply.status === 403 ? { ...reply, status: 500 } : reply,
    }),
  },
  {
    name: 'resumed-session-accepted',
    auth: 'mtls',
    trips: ['client-certificate-missing-resumed-refused'],
    alter: (good) => ({
      holdsCertificate: (request) => good.holdsCertificate(request) || request.isSessionReused,
    }),
  },
  {
    name: 'resumed-session-authorized-by-node',
    auth: 'either',
    trips: ['client-certificate-missing-resumed-refused'],
    // In TLS 1.3, Node 20 and 22 report every resumed session as authorized. Later versions do not.
    alter: () => ({ holdsCertificate: ({ isAuthorized, isSessionReused }) => isAuthorized || isSessionReused }),
  },
];
