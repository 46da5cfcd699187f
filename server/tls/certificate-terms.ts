// Remaining validity of a listener's certificates and CRLs.
import { X509Certificate } from 'node:crypto';
import type { TlsMaterial } from './tls-material.ts';
import { pemBlocksOf, x509 } from './x509.ts';

/** The earliest expiry among the certificates or CRLs with the same use. */
export interface CertificateTerm {
  readonly use: 'server' | 'client-ca' | 'crl';
  /** Milliseconds since the epoch. */
  readonly endsAtMs: number;
}

const dayMs = 86_400_000;

/** Returns the number of days until the certificate or CRL expires; negative after it has expired. */
export function daysLeft({ endsAtMs }: CertificateTerm, nowMs: number): number {
  return (endsAtMs - nowMs) / dayMs;
}

/** Returns the terms of all uses; a use that has no files, or whose CRLs never expire, has no term. */
export function readCertificateTerms({
  certificate,
  clientCa,
  crl,
}: Pick<TlsMaterial, 'certificate' | 'clientCa' | 'crl'>): CertificateTerm[] {
  const certificateEnds = (text: string) =>
    pemBlocksOf(text, 'CERTIFICATE').map((block) => Date.parse(new X509Certificate(block).validTo));
  const listEnds = (text: string) =>
    pemBlocksOf(text, 'X509 CRL').flatMap((block) => new (x509().X509Crl)(block).nextUpdate?.getTime() ?? []);
  const ends: ReadonlyArray<readonly [CertificateTerm['use'], number[]]> = [
    ['server', certificateEnds(certificate)],
    ['client-ca', clientCa.flatMap(certificateEnds)],
    ['crl', crl.flatMap(listEnds)],
  ];
  return ends.filter(([, times]) => times.length > 0).map(([use, times]) => ({ use, endsAtMs: Math.min(...times) }));
}
