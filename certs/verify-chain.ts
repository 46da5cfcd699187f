// Verifies whether a certificate chains to a self-signed CA among the given ones (RFC 5280 section 6.1, in part).
import type { X509Certificate } from 'node:crypto';
import { BasicConstraintsExtension, X509Certificate as ParsedCertificate, type X509Crl } from '@peculiar/x509';

/** Whether the chain is valid; `path` is the chain from the certificate to its root, `reason` is human-readable. */
export type ChainVerdict =
  | { readonly holds: true; readonly path: readonly X509Certificate[] }
  | { readonly holds: false; readonly reason: string };

/** `expired` and `not-yet-valid` refer to the time of the inspection. */
export type Validity = 'valid' | 'expired' | 'not-yet-valid';

/**
 * Evaluates the chain of `certificate`: names, key identifiers and signature of each link, the dates of each certificate, the CA flag, key usage and
 * path length of issuers, and revocation if a CRL of the issuer is given. Does not evaluate the purpose of a certificate (host name, extended key
 * usage) or whether the root is trustworthy.
 */
export async function verifyChain(
  certificate: X509Certificate,
  given: readonly X509Certificate[],
  revocationLists: readonly X509Crl[],
  now: Date,
): Promise<ChainVerdict> {
  return followIssuers(certificate, [certificate]);

  /** Follows the chain to its root. `path` is the chain so far, and `last` is its last certificate. */
  async function followIssuers(last: X509Certificate, path: readonly X509Certificate[]): Promise<ChainVerdict> {
    const who = path.length === 1 ? 'it' : `its CA, ${formatName(last.subject)},`;
    const validity = evaluateDates(last, now);
    if (validity === 'expired') return refuse(`${who} expired on ${isoDate(last.validTo)}`);
    if (validity === 'not-yet-valid') return refuse(`${who} is not valid before ${isoDate(last.validFrom)}`);
    if (last.subject === last.issuer && isSignedBy(last, last)) {
      return last.ca ? { holds: true, path } : refuse(`${who} is self-signed and not a CA`);
    }
    const candidates = given.filter(
      (other) => other.subject === last.issuer && !path.some((seen) => isSame(seen, other)),
    );
    let verdict = refuse(`the certificate of its issuer, ${formatName(last.issuer)}, is not among the files`);
    for (const [index, issuer] of candidates.entries()) {
      const fault = await findFault(last, issuer, path.length - 1, revocationLists);
      const found = fault ? refuse(fault) : await followIssuers(issuer, [...path, issuer]);
      if (found.holds) return found;
      if (index === 0) verdict = found;
    }
    return verdict;
  }
}

/** @returns whether `now` is within, before or after the dates of the certificate, inclusive (RFC 5280 section 4.1.2.5). */
export function evaluateDates(certificate: X509Certificate, now: Date): Validity {
  if (now < new Date(certificate.validFrom)) return 'not-yet-valid';
  return now > new Date(certificate.validTo) ? 'expired' : 'valid';
}

/** Returns a subject or issuer on one line, e.g. "O=Acme, CN=Acme CA". */
export function formatName(name: string): string {
  return name === '' ? '(empty)' : name.split('\n').join(', ');
}

/** Returns the reason why `issuer`, which has the right name, cannot have issued `certificate`; `null`: it can. */
async function findFault(
  certificate: X509Certificate,
  issuer: X509Certificate,
  casBelow: number,
  revocationLists: readonly X509Crl[],
): Promise<string | null> {
  const name = formatName(issuer.subject);
  if (!isSignedBy(certificate, issuer))
    return `the given certificate of its issuer, ${name}, does not contain the key that signed this certificate`;
  if (!issuer.ca) return `its issuer, ${name}, is not a CA`;
  if (!certificate.checkIssued(issuer))
    return `the key identifier of its issuer, ${name}, does not match, or that key must not sign certificates`;
  const parsed = new ParsedCertificate(issuer.raw);
  const { pathLength } = parsed.getExtension(BasicConstraintsExtension) ?? {};
  if (pathLength !== undefined && casBelow > pathLength)
    return `${name} limits the number of CAs below it to ${pathLength} (path length), but the chain has ${casBelow}`;
  for (const list of revocationLists) {
    const entry = list.issuer === parsed.subject ? list.findRevoked(certificate.serialNumber) : null;
    if (entry && (await list.verify({ publicKey: parsed.publicKey }))) {
      return `${name} revoked it on ${entry.revocationDate.toISOString().slice(0, 10)}`;
    }
  }
  return null;
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.verify(issuer.publicKey);
}

function isSame(one: X509Certificate, other: X509Certificate): boolean {
  return one.fingerprint256 === other.fingerprint256;
}

function isoDate(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}

function refuse(reason: string): ChainVerdict {
  return { holds: false, reason };
}
