// TLS files of a generation: read once, validated, and combined with the accepted versions and ciphers.
import { constants, hash } from 'node:crypto';
import tls, { createSecureContext, type TlsOptions } from 'node:tls';
import type { TlsConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { CertificateRequest } from '../auth/create-authentication.ts';
import { readInputFile } from '../config/read-input-file.ts';

export interface TlsMaterial {
  /** Options for creating the listener and, except for `requestCert` and `rejectUnauthorized`, for updating it. */
  readonly options: Readonly<TlsOptions>;
  /** Digest of certificate, key, versions, CAs and CRLs: equal when handshakes would have the same result. */
  readonly digest: string;
  /** Digest only of CAs, CRLs, and whether the handshake requests a certificate. */
  readonly trustDigest: string;
  /** PEM texts of the files. */
  readonly certificate: string;
  readonly clientCa: readonly string[];
  readonly crl: readonly string[];
}

/** Reads the TLS files. @throws Node's error when a file cannot be read, or OpenSSL cannot use it. */
export function readTlsMaterial(config: TlsConfig, certificateRequest: CertificateRequest): TlsMaterial {
  const read = (path: string) => readInputFile(path).toString('utf8');
  const [certificate, key] = [read(config.certificate), read(config.key)];
  const asks = certificateRequest !== 'none';
  const clientCa = asks ? config.clientCa.map(read) : [];
  const crl = asks ? config.crl.map(read) : [];
  const passphrase = config.keyPassphrase?.reveal();
  const options: TlsOptions = {
    cert: certificate,
    key,
    ...(passphrase !== undefined && { passphrase }),
    minVersion: config.minVersion,
    honorCipherOrder: true,
    ciphers: cipherList(),
    requestCert: asks,
    // With `optional`, a request without a required certificate gets a 403.
    rejectUnauthorized: certificateRequest === 'required',
    // Without `ca`, every public CA would be trusted for client certificates.
    ...(asks && { ca: clientCa }),
    ...(crl.length > 0 && { crl }),
  };
  createSecureContext(options);
  const trustDigest = digestOf([certificateRequest, clientCa, crl]);
  return {
    options,
    digest: digestOf([certificate, key, config.minVersion, trustDigest]),
    trustDigest,
    certificate,
    clientCa,
    crl,
  };
}

/**
 * Returns the cipher suites of the listener, in the order of preference. TLS 1.3 prefers AES-128-GCM, as Mozilla's server-side TLS recommendations
 * do. OpenSSL's first suite, AES-256-GCM, uses SHA-384, which makes a new connection more expensive (`npm run bench -- connections`). TLS 1.2 offers
 * only suites with forward secrecy and authenticated encryption (AEAD), as RFC 9325, 4.2 recommends, and no CBC suites. A list that was passed to
 * Node (`--tls-cipher-list`) is used unchanged.
 */
function cipherList(): string {
  if (tls.DEFAULT_CIPHERS !== constants.defaultCoreCipherList) return tls.DEFAULT_CIPHERS;
  const suites = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
  for (const encryption of ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305']) {
    suites.push(`ECDHE-ECDSA-${encryption}`, `ECDHE-RSA-${encryption}`);
  }
  return suites.join(':');
}

function digestOf(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex');
}
