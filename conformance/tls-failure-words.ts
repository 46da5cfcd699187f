// Meaning and remedy of failed TLS handshakes, by the code of the verification or of the alert.

/** Why we do not trust the certificate of `its` server or proxy, by Node's code; completes "can not be trusted (CODE): …". */
export const untrustedWords: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'its CA is not trusted here: give the CA that signed it with --ca FILE',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed: give the certificate itself with --ca FILE',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its chain is incomplete or its CA is not trusted here: let the server send the intermediate certificates, and give the CA with --ca FILE',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its CA is not trusted here: give the CA that signed it with --ca FILE',
  UNABLE_TO_GET_ISSUER_CERT: 'its CA is not trusted here: give the CA that signed it with --ca FILE',
  CERT_SIGNATURE_FAILURE: 'its signature does not match the CA given with --ca: give the CA that signed it',
  CERT_HAS_EXPIRED: 'it, or a CA above it, has expired: renew it',
  CERT_NOT_YET_VALID: 'it, or a CA above it, is not valid yet: check its dates and the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'it does not name the host of the URL: use a name that it carries, or issue one with this name as subject alternative name',
  HOSTNAME_MISMATCH:
    'it does not name the host of the URL: use a name that it carries, or issue one with this name as subject alternative name',
  INVALID_PURPOSE: 'it is not for servers: issue one whose extended key usage has serverAuth',
  INVALID_CA:
    'a certificate above it is no CA: let the CA that signs have the basic constraint CA:TRUE and the key usage keyCertSign',
  PATH_LENGTH_EXCEEDED:
    'a CA above it may not sign CAs, or not so many: issue it from a CA whose path length allows it',
  CERT_CHAIN_TOO_LONG: 'more certificates stand above it than are followed: let the server send a shorter chain',
  CERT_UNTRUSTED: 'its CA is not trusted for servers: give another with --ca FILE',
  CERT_REJECTED: 'its CA is marked as one that must not be trusted for servers: give another with --ca FILE',
  CERT_REVOKED: 'it was revoked: issue a new one',
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: 'its signature can not be read: issue it anew',
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
    'the public key of its CA can not be read: issue that CA anew, with an RSA or EC key',
  ERROR_IN_CERT_NOT_BEFORE_FIELD: 'its first day is no date: issue it anew',
  ERROR_IN_CERT_NOT_AFTER_FIELD: 'its last day is no date: issue it anew',
  // What Node has no code for.
  UNSPECIFIED:
    'OpenSSL does not take it, or one above it: its signer may be no CA, its key too small or its signature too old; `openssl verify -CAfile CA FILE` tells which',
};

/** OpenSSL words some alerts by the protocol that had them first, SSLV3_, TLSV1_, TLSV13_ or SSL/TLS_: only the end is the same. */
const handshakeWords: readonly (readonly [end: RegExp, words: string])[] = [
  [/ALERT_HANDSHAKE_FAILURE$/, 'it found nothing in common with what was offered, or wants a client certificate'],
  [/ALERT_PROTOCOL_VERSION$/, 'it does not speak the version of TLS that was offered'],
  [/ALERT_INSUFFICIENT_SECURITY$/, 'it wants stronger ciphers than were offered'],
  [/CERTIFICATE_REQUIRED$/, 'it wants a client certificate: give --auth mtls or both, with --cert and --key'],
  [/ALERT_UNKNOWN_CA$/, 'it does not trust the CA of the client certificate'],
  [/ALERT_BAD_CERTIFICATE$/, 'it does not take the client certificate, which it calls bad'],
  [
    /ALERT_UNSUPPORTED_CERTIFICATE$/,
    'it does not take the client certificate: its key or its extended key usage may be wrong',
  ],
  [/ALERT_CERTIFICATE_EXPIRED$/, 'the client certificate has expired, or is not valid yet'],
  [/ALERT_CERTIFICATE_REVOKED$/, 'the client certificate was revoked'],
  [/ALERT_CERTIFICATE_UNKNOWN$/, 'it does not take the client certificate'],
  [
    /ALERT_DECRYPT_ERROR$/,
    'it could not verify a signature: the client certificate and its key may not belong together',
  ],
  [/ALERT_ACCESS_DENIED$/, 'it knows the client certificate and denies it access'],
  [/UNRECOGNIZED_NAME$/, 'it does not know the host of the URL: check the name, and its virtual hosts'],
  [/ALERT_NO_APPLICATION_PROTOCOL$/, 'it does not speak HTTP/1.1 there'],
  [/ALERT_INTERNAL_ERROR$/, 'it failed within: see its log'],
  [/NO_SHARED_CIPHER$/, 'it shares no cipher with what was offered'],
];

/** What the code of a handshake that was broken off means; null: nothing is known of it. */
export function findHandshakeWords(code: string): string | null {
  return handshakeWords.find(([end]) => end.test(code))?.[1] ?? null;
}
