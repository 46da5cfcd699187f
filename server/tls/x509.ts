// Loads the X.509 library when a certificate is to be read; loading takes as long as Express.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** `@peculiar/x509`. Always the same copy: what it has made, only it knows again. */
export function x509(): typeof import('@peculiar/x509') {
  return require('@peculiar/x509');
}
