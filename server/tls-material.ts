// Owns the TLS files of a generation: read once, tried out, and whom they let in.
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type TlsOptions } from 'node:tls';
import type { TlsConfig } from '../schemas/generated/loaded-server-config.ts';
import type { CertificateRequest } from './auth/create-authentication.ts';

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
export function readTlsMaterial(tls: TlsConfig, certificateRequest: CertificateRequest): TlsMaterial {
  const read = (path: string) => readFileSync(path, 'utf8');
  const [certificate, key] = [read(tls.certificate), read(tls.key)];
  const asks = certificateRequest !== 'none';
  const clientCa = asks ? tls.clientCa.map(read) : [];
  const crl = asks ? tls.crl.map(read) : [];
  const passphrase = tls.keyPassphrase?.reveal();
  const options: TlsOptions = {
    cert: certificate,
    key,
    ...(passphrase !== undefined && { passphrase }),
    minVersion: tls.minVersion,
    honorCipherOrder: true,
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
    digest: digestOf([certificate, key, tls.minVersion, trustDigest]),
    trustDigest,
    certificate,
    clientCa,
    crl,
  };
}

function digestOf(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex');
}
