// Owns the TLS files of a generation: read once, tried out, and whom they let in.
import { constants, hash } from 'node:crypto';
import tls, { createSecureContext, type TlsOptions } from 'node:tls';
import type { TlsConfig } from '../schemas/generated/loaded-server-config.ts';
import type { CertificateRequest } from './auth/create-authentication.ts';
import { readInputFile } from './config/read-input-file.ts';

export interface TlsMaterial {
  /** What the listener is made with, and, but for `requestCert` and `rejectUnauthorized`, renewed with. */
  readonly options: Readonly<TlsOptions>;
  /** Certificate, key and versions in one text: equal when the handshake would be. */
  readonly digest: string;
  /** The same of CAs and CRLs alone. */
  readonly trustDigest: string;
  /** PEM texts of the files. */
  readonly certificate: string;
  readonly clientCa: readonly string[];
  readonly crl: readonly string[];
}

/** @throws an Error of Node's when a file can't be read, or OpenSSL can't use it. */
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
    // Optional: the request is answered with 403 where a certificate is needed.
    rejectUnauthorized: certificateRequest === 'required',
    // An omitted `ca` would trust every public CA with client certificates.
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
 * Node's list, of which TLS 1.3 is to take AES-128-GCM first, as Mozilla's server-side TLS does. OpenSSL's first one, AES-256-GCM, comes with SHA-384, which
 * processors don't do by themselves as they do SHA-256: 7 % of a new connection (`npm run bench -- connections`). A list that Node was given
 * (`--tls-cipher-list`) stays as it is.
 */
function cipherList(): string {
  const first = 'TLS_AES_128_GCM_SHA256';
  if (tls.DEFAULT_CIPHERS !== constants.defaultCoreCipherList) return tls.DEFAULT_CIPHERS;
  return [first, ...tls.DEFAULT_CIPHERS.split(':').filter((name) => name !== first)].join(':');
}

function digestOf(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex');
}
