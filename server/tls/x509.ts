// Access to X.509 data: the blocks of a PEM text, and the library, which is loaded when a certificate is to be read.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Returns `@peculiar/x509`, whose loading takes as long as Express's. Always the same copy: only it recognizes its own objects. */
export function x509(): typeof import('@peculiar/x509') {
  return require('@peculiar/x509');
}

/** Returns the blocks with a label, each with its first and last line (RFC 7468). Text between them is skipped. */
export function pemBlocksOf(text: string, label: 'CERTIFICATE' | 'X509 CRL'): string[] {
  return text.match(new RegExp(`-----BEGIN ${label}-----[^-]*-----END ${label}-----`, 'g')) ?? [];
}
