// Owns the question whether a client certificate that was verified at its handshake would still be, after CAs or CRLs have changed.
import { X509Certificate } from 'node:crypto';
import { X509Certificate as ParsedCertificate, X509Crl } from '@peculiar/x509';
import { pemBlocksOf } from './pem-blocks.ts';

/** True: certainly. False: not, or only a new handshake can tell. */
export type StillTrusted = (certificate: X509Certificate) => boolean;

interface Issuer {
  readonly certificate: X509Certificate;
  /** `null`: no CRL is configured. */
  readonly revocations: Revocations | null;
}

interface Revocations {
  readonly serials: ReadonlySet<string>;
  /** Milliseconds since the epoch; `Infinity`: the list does not say. */
  readonly nextUpdateMs: number;
}

/**
 * Node verifies chains in handshakes only, so the answer is on the safe side: true for a certificate that a self-signed CA of
 * the files issued itself, within all dates, and that, where CRLs are given, the CA's current CRL does not name. A chain
 * with intermediate CAs is for the next handshake to judge.
 *
 * @param caFiles PEM texts. @param crlFiles PEM texts; with one, each CA needs its own, as for OpenSSL.
 */
export async function createStillTrusted(
  caFiles: readonly string[],
  crlFiles: readonly string[],
): Promise<StillTrusted> {
  const lists = crlFiles.flatMap((text) => pemBlocksOf(text, 'X509 CRL').map((block) => new X509Crl(block)));
  const issuers: Issuer[] = [];
  for (const block of caFiles.flatMap((text) => pemBlocksOf(text, 'CERTIFICATE'))) {
    const certificate = new X509Certificate(block);
    if (!certificate.ca || !isIssuedBy(certificate, certificate)) continue;
    const revocations = await findRevocations(certificate, lists);
    if (lists.length === 0 || revocations) issuers.push({ certificate, revocations });
  }
  return (certificate) =>
    isCurrent(certificate) &&
    issuers.some(
      (issuer) =>
        isCurrent(issuer.certificate) &&
        isIssuedBy(certificate, issuer.certificate) &&
        isUnrevoked(certificate, issuer),
    );
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isCurrent({ validFrom, validTo }: X509Certificate): boolean {
  const nowMs = Date.now();
  return Date.parse(validFrom) <= nowMs && nowMs < Date.parse(validTo);
}

/** What all lists of an issuer say together; `null`: there is none. */
async function findRevocations(issuer: X509Certificate, lists: readonly X509Crl[]): Promise<Revocations | null> {
  const { subject, publicKey } = new ParsedCertificate(issuer.raw);
  const serials = new Set<string>();
  let nextUpdateMs: number | null = null;
  for (const list of lists) {
    if (list.issuer !== subject || !(await list.verify({ publicKey }))) continue;
    for (const { serialNumber } of list.entries) serials.add(plainSerial(serialNumber));
    nextUpdateMs = Math.min(nextUpdateMs ?? Infinity, list.nextUpdate?.getTime() ?? Infinity);
  }
  return nextUpdateMs === null ? null : { serials, nextUpdateMs };
}

function isUnrevoked({ serialNumber }: X509Certificate, { revocations }: Issuer): boolean {
  if (revocations === null) return true;
  return Date.now() < revocations.nextUpdateMs && !revocations.serials.has(plainSerial(serialNumber));
}

/** DER has a leading zero where the first bit is set; Node's text has none. */
function plainSerial(hexadecimal: string): string {
  return hexadecimal.toLowerCase().replace(/^0+/, '');
}
