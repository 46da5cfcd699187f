// Decides whether a client certificate verified at its handshake would still be accepted after CAs or CRLs changed.
import { X509Certificate } from 'node:crypto';
import { findRevocations, isUnrevoked, type Revocations, readLists } from './revocations.ts';
import { pemBlocksOf } from './x509.ts';

/** True: the certificate is certainly still trusted. False: the certificate is no longer trusted, or only a new handshake can determine this. */
export type StillTrusted = (certificate: X509Certificate) => boolean;

interface Issuer {
  readonly certificate: X509Certificate;
  /** `null`: no CRL is configured. */
  readonly revocations: Revocations | null;
}

/**
 * Creates the function that determines whether a certificate is still trusted. Node verifies chains only in handshakes, so the result errs on the
 * safe side. The function returns true for a certificate that was issued directly by a self-signed CA in the files and is within all validity
 * periods. If CRLs are configured, the certificate must also not be in the CA's current CRL. A chain with intermediate CAs is left to the next
 * handshake.
 *
 * @param caFiles PEM texts. @param crlFiles PEM texts; if there are any, each CA needs a CRL of its own, as with OpenSSL.
 */
export async function createStillTrusted(
  caFiles: readonly string[],
  crlFiles: readonly string[],
): Promise<StillTrusted> {
  const lists = readLists(crlFiles);
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
        (issuer.revocations === null || isUnrevoked(certificate, issuer.revocations, Date.now())),
    );
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isCurrent({ validFrom, validTo }: X509Certificate): boolean {
  const nowMs = Date.now();
  return Date.parse(validFrom) <= nowMs && nowMs < Date.parse(validTo);
}
