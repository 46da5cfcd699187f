// Meaning and remedy of failed TLS handshakes, by the code of the verification or of the alert.

/** Reasons why the certificate of `its` server or proxy is not trusted, by Node's code; completes "cannot be trusted (CODE): …". */
export const untrustedReasons: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'its CA is not trusted: add the CA that signed it with --ca FILE',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed: add the certificate itself with --ca FILE',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its chain is incomplete or its CA is not trusted: configure the server to send the intermediate certificates, and add the CA with --ca FILE',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its CA is not trusted: add the CA that signed it with --ca FILE',
  UNABLE_TO_GET_ISSUER_CERT: 'its CA is not trusted: add the CA that signed it with --ca FILE',
  CERT_SIGNATURE_FAILURE: 'its signature does not match the CA in --ca: use the CA that signed it',
  CERT_HAS_EXPIRED: 'it, or a CA above it, has expired: renew it',
  CERT_NOT_YET_VALID: 'it, or a CA above it, is not valid yet: check its dates and the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'it does not contain the host of the URL: use a name that it contains, or issue a certificate with the host as a subject alternative name',
  HOSTNAME_MISMATCH:
    'it does not contain the host of the URL: use a name that it contains, or issue a certificate with the host as a subject alternative name',
  INVALID_PURPOSE: 'it is not for servers: issue a certificate whose extended key usage contains serverAuth',
  INVALID_CA: 'its issuer is not a CA: the signing CA needs the basic constraint CA:TRUE and the key usage keyCertSign',
  PATH_LENGTH_EXCEEDED: 'the path length of a CA above it is exceeded: issue it from a CA whose path length allows it',
  CERT_CHAIN_TOO_LONG: 'its chain is too long: configure the server to send a shorter one',
  CERT_UNTRUSTED: 'its CA is not trusted for servers: use another CA with --ca FILE',
  CERT_REJECTED: 'its CA is marked as rejected for servers: use another CA with --ca FILE',
  CERT_REVOKED: 'it was revoked: issue a new one',
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: 'its signature cannot be read: issue a new certificate',
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: 'the public key of its CA cannot be read: issue a new CA with an RSA or EC key',
  ERROR_IN_CERT_NOT_BEFORE_FIELD: 'its start date is malformed: issue a new certificate',
  ERROR_IN_CERT_NOT_AFTER_FIELD: 'its end date is malformed: issue a new certificate',
  // Errors that have no Node code.
  UNSPECIFIED:
    'OpenSSL rejects it or a certificate above it, e.g. because a key is too small: run `openssl verify -CAfile CA FILE`',
};

/**
 * OpenSSL prefixes some alerts with the protocol that introduced them, SSLV3_, TLSV1_, TLSV13_ or SSL/TLS_; only the end of the code is always the
 * same.
 */
const handshakeReasons: readonly (readonly [end: RegExp, words: string])[] = [
  [
    /ALERT_HANDSHAKE_FAILURE$/,
    'it has no protocol parameters in common with the client, or requires a client certificate',
  ],
  [/ALERT_PROTOCOL_VERSION$/, 'it does not support the offered version of TLS'],
  [/ALERT_INSUFFICIENT_SECURITY$/, 'it requires more secure ciphers than were offered'],
  [/CERTIFICATE_REQUIRED$/, 'it requires a client certificate: add --auth mtls or both, with --cert and --key'],
  [/ALERT_UNKNOWN_CA$/, 'it does not trust the CA of the client certificate'],
  [/ALERT_BAD_CERTIFICATE$/, 'it rejects the client certificate as bad'],
  [
    /ALERT_UNSUPPORTED_CERTIFICATE$/,
    'it rejects the client certificate: the key or the extended key usage may be wrong',
  ],
  [/ALERT_CERTIFICATE_EXPIRED$/, 'the client certificate has expired, or is not valid yet'],
  [/ALERT_CERTIFICATE_REVOKED$/, 'the client certificate was revoked'],
  [/ALERT_CERTIFICATE_UNKNOWN$/, 'it rejects the client certificate'],
  [/ALERT_DECRYPT_ERROR$/, 'it could not verify a signature: the key may not match the client certificate'],
  [/ALERT_ACCESS_DENIED$/, 'it accepts the client certificate but denies access'],
  [/UNRECOGNIZED_NAME$/, 'it does not know the host of the URL: check the name and the virtual hosts'],
  [/ALERT_NO_APPLICATION_PROTOCOL$/, 'it does not support HTTP/1.1 on this port'],
  [/ALERT_INTERNAL_ERROR$/, 'it failed internally: see its log'],
  [/NO_SHARED_CIPHER$/, 'it supports none of the offered ciphers'],
];

/** Returns the meaning of the code of a failed handshake; null: unknown. */
export function findHandshakeReason(code: string): string | null {
  return handshakeReasons.find(([end]) => end.test(code))?.[1] ?? null;
}
