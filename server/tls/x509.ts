// Access to X.509 data: the blocks of a PEM text, and the X.509 library, which is loaded when the first certificate is read.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Returns `@peculiar/x509`, loaded on demand because loading it takes as long as loading Express. Always returns the same copy, which recognizes only
 * its own objects.
 */
export function x509(): typeof import('@peculiar/x509') {
  return require('@peculiar/x509');
}

/** Returns the blocks with a label, including their first and last lines (RFC 7468). Text between them is skipped. */
export function pemBlocksOf(text: string, label: 'CERTIFICATE' | 'X509 CRL'): string[] {
  return text.match(new RegExp(`-----BEGIN ${label}-----[^-]*-----END ${label}-----`, 'g')) ?? [];
}
