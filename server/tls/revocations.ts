// Contents of an issuer's CRLs, and whether they are valid (RFC 5280 sections 5 and 6.3).
import type { X509Certificate } from 'node:crypto';
import type { X509Crl } from '@peculiar/x509';
import { pemBlocksOf, x509 } from './x509.ts';

/** Combined content of all lists of an issuer. */
export interface Revocations {
  readonly serials: ReadonlySet<string>;
  /** Beginning and end of their validity, in milliseconds since the epoch; `Infinity`: not specified. */
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
}

/** @param files PEM texts. @throws {TypeError} when one contains no list: revoked certificates would be accepted. */
export function readLists(files: readonly string[]): X509Crl[] {
  return files.flatMap((text) => {
    const blocks = pemBlocksOf(text, 'X509 CRL');
    if (blocks.length === 0) throw new TypeError('a CRL file contains no certificate revocation list in PEM');
    return blocks.map((block) => new (x509().X509Crl)(block));
  });
}

/** @returns `null`: none of the lists is from the issuer, by name and signature. */
export async function findRevocations(issuer: X509Certificate, lists: readonly X509Crl[]): Promise<Revocations | null> {
  const { subject, publicKey } = new (x509().X509Certificate)(issuer.raw);
  const serials = new Set<string>();
  let thisUpdateMs = -Infinity;
  let nextUpdateMs: number | null = null;
  for (const list of lists) {
    // A critical extension limits the scope of the list (RFC 5280, 5.2.5): a certificate that is not in it may be in another one.
    if (list.issuer !== subject || list.extensions.some(({ critical }) => critical)) continue;
    if (!(await list.verify({ publicKey }))) continue;
    for (const { serialNumber } of list.entries) serials.add(plainSerial(serialNumber));
    thisUpdateMs = Math.max(thisUpdateMs, list.thisUpdate.getTime());
    nextUpdateMs = Math.min(nextUpdateMs ?? Infinity, list.nextUpdate?.getTime() ?? Infinity);
  }
  return nextUpdateMs === null ? null : { serials, thisUpdateMs, nextUpdateMs };
}

/** Returns whether the lists are valid now and do not contain the certificate. */
export function isUnrevoked({ serialNumber }: X509Certificate, revocations: Revocations, nowMs: number): boolean {
  const { serials, thisUpdateMs, nextUpdateMs } = revocations;
  return thisUpdateMs <= nowMs && nowMs < nextUpdateMs && !serials.has(plainSerial(serialNumber));
}

/** Removes leading zeros: DER has one if the first bit is set; Node's text has none. */
function plainSerial(hexadecimal: string): string {
  return hexadecimal.toLowerCase().replace(/^0+/, '');
}
