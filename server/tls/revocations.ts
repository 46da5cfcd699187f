// Contents of an issuer's CRLs, and whether they are valid (RFC 5280 sections 5 and 6.3).
import type { X509Certificate } from 'node:crypto';
import type { X509Crl } from '@peculiar/x509';
import { pemBlocksOf, x509 } from './x509.ts';

/** Combined content of all CRLs of an issuer. */
export interface Revocations {
  readonly serials: ReadonlySet<string>;
  /** Beginning and end of their validity, in milliseconds since the epoch; `Infinity`: not specified. */
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
}

/** Reads CRLs. @param files PEM texts. @throws {TypeError} when a file contains no CRL, because revoked certificates would otherwise be accepted. */
export function readLists(files: readonly string[]): X509Crl[] {
  return files.flatMap((text) => {
    const blocks = pemBlocksOf(text, 'X509 CRL');
    if (blocks.length === 0) throw new TypeError('a CRL file contains no certificate revocation list in PEM');
    return blocks.map((block) => new (x509().X509Crl)(block));
  });
}

/** Returns the content of an issuer's lists; `null`: none of the lists is from the issuer, according to name and signature. */
export async function findRevocations(issuer: X509Certificate, lists: readonly X509Crl[]): Promise<Revocations | null> {
  const { subject, publicKey } = new (x509().X509Certificate)(issuer.raw);
  const serials = new Set<string>();
  let thisUpdateMs = -Infinity;
  let nextUpdateMs: number | null = null;
  for (const list of lists) {
    // A critical extension limits the scope of the list (RFC 5280, 5.2.5): a certificate that is not in this list may be in another one.
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

/** Removes leading zeros: DER contains them if the first bit is set, whereas Node's text does not. */
function plainSerial(hexadecimal: string): string {
  return hexadecimal.toLowerCase().replace(/^0+/, '');
}
