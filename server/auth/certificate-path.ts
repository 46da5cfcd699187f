// Validates the path from a client certificate to a configured CA, for certificates that were not part of a handshake with this server.
import { X509Certificate } from 'node:crypto';
import { findRevocations, isUnrevoked, type Revocations, readLists } from '../tls/revocations.ts';
import { pemBlocksOf, x509 } from '../tls/x509.ts';

/** A trusted certificate's end of validity (the earliest in its path), or the reason why the certificate is not trusted, for the log. */
export type PathVerdict =
  | { readonly trusted: true; readonly certificate: X509Certificate; readonly untilMs: number }
  | { readonly trusted: false; readonly reason: string };

/** @param others certificates sent along, in DER form: they may be links in the path, but never its end. */
export type ValidatePath = (certificate: Buffer, others: readonly Buffer[], nowMs: number) => Promise<PathVerdict>;

const maxPathLength = 8;
/** A set of CAs that have all cross-signed each other allows thousands of paths, and each link costs a signature verification. */
const maxLinksTried = 50;
const minRsaBits = 2048;

/**
 * Creates a verifier that works as OpenSSL does for a TLS client (RFC 5280, 6.1): each link's names, key identifiers and signature, the dates, the CA
 * flag, key usage and path length of issuers, the purpose of all, and the path's end in a self-signed CA of the files. With a CRL, each issuer in
 * the path needs a current CRL of its own. Anything unsupported is not trusted: other critical extensions, name constraints, signatures
 * with SHA-1 or MD5, RSA keys below 2,048 bits.
 *
 * @param caFiles PEM texts. @param crlFiles PEM texts.
 * @throws an error of Node or of the parser when a file contains anything else.
 */
export function createPathValidator(caFiles: readonly string[], crlFiles: readonly string[]): ValidatePath {
  const configured = caFiles.flatMap((text) =>
    pemBlocksOf(text, 'CERTIFICATE').map((block) => new X509Certificate(block)),
  );
  const anchors = new Set(configured.filter(isSelfSigned).map(({ fingerprint256 }) => fingerprint256));
  const lists = readLists(crlFiles);
  const known = new Map<string, Promise<Revocations | null>>();

  /** Returns an issuer's CRLs; caches only those of the CAs in the files, because other certificates change constantly. */
  function revocationsOf(issuer: X509Certificate): Promise<Revocations | null> {
    const { fingerprint256 } = issuer;
    const found = known.get(fingerprint256) ?? findRevocations(issuer, lists);
    if (configured.includes(issuer)) known.set(fingerprint256, found);
    return found;
  }

  return async (der, others, nowMs) => {
    let certificate: X509Certificate;
    let candidates: X509Certificate[];
    try {
      certificate = new X509Certificate(der);
      candidates = [...configured, ...others.map((other) => new X509Certificate(other))];
    } catch {
      return refuse('a certificate that cannot be parsed');
    }
    let linksTried = 0;
    const fault = findFault(certificate, nowMs) ?? findClientFault(certificate);
    return fault === null ? follow([certificate], Date.parse(certificate.validTo)) : refuse(fault);

    /** @param path starting with the client's certificate. @param untilMs the earliest end seen so far. */
    async function follow(path: readonly X509Certificate[], untilMs: number): Promise<PathVerdict> {
      const last = path.at(-1) ?? certificate;
      if (anchors.has(last.fingerprint256)) return { trusted: true, certificate, untilMs };
      let verdict = refuse('unable to get issuer certificate');
      for (const issuer of candidates) {
        if (path.length > maxPathLength || path.some((seen) => isSame(seen, issuer)) || !last.checkIssued(issuer))
          continue;
        // `checkIssued` compares names, key identifiers and key usage, but does not verify the signature.
        linksTried += 1;
        if (linksTried > maxLinksTried) return refuse('too many possible paths from its issuer to a CA');
        if (!last.verify(issuer.publicKey)) continue;
        const fault = findFault(issuer, nowMs) ?? findIssuerFault(issuer, path.length - 1);
        const found = fault === null ? await followTo(issuer, last, path, untilMs) : refuse(fault);
        if (found.trusted) return found;
        verdict = found;
      }
      return verdict;
    }

    async function followTo(
      issuer: X509Certificate,
      last: X509Certificate,
      path: readonly X509Certificate[],
      untilMs: number,
    ): Promise<PathVerdict> {
      let endsMs = Math.min(untilMs, Date.parse(issuer.validTo));
      if (lists.length > 0) {
        const revocations = await revocationsOf(issuer);
        if (revocations === null) return refuse('unable to get certificate CRL');
        if (!isUnrevoked(last, revocations, nowMs)) return refuse('certificate revoked, or its CRL is not current');
        endsMs = Math.min(endsMs, revocations.nextUpdateMs);
      }
      return follow([...path, issuer], endsMs);
    }
  };
}

function refuse(reason: string): PathVerdict {
  return { trusted: false, reason };
}

function isSame(one: X509Certificate, other: X509Certificate): boolean {
  return one.fingerprint256 === other.fingerprint256;
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

/** Object identifiers of RFC 5280, 4.2.1: key identifiers, key usage, names, basic constraints, policies, extended key usage. */
const understood = new Set(['14', '35', '15', '17', '18', '19', '32', '37'].map((last) => `2.5.29.${last}`));
const nameConstraints = '2.5.29.30';
const strongHashes: ReadonlySet<unknown> = new Set(['SHA-256', 'SHA-384', 'SHA-512']);
const strongSchemes: ReadonlySet<string> = new Set(['Ed25519', 'Ed448']);

/** Returns the reason to reject a certificate anywhere in a path; `null`: there is none. */
function findFault(certificate: X509Certificate, nowMs: number): string | null {
  if (nowMs < Date.parse(certificate.validFrom)) return 'certificate is not yet valid';
  if (nowMs >= Date.parse(certificate.validTo)) return 'certificate has expired';
  const { ExtendedKeyUsage, ExtendedKeyUsageExtension, X509Certificate: ParsedCertificate } = x509();
  const parsed = new ParsedCertificate(certificate.raw);
  for (const { type, critical } of parsed.extensions) {
    if (type === nameConstraints) return 'name constraints are not supported';
    if (critical && !understood.has(type)) return `unhandled critical extension ${type}`;
  }
  const { name, hash } = parsed.signatureAlgorithm as { name: string; hash?: { name?: string } };
  if (!strongSchemes.has(name) && !strongHashes.has(hash?.name)) return 'signature algorithm too weak, or unknown';
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  const isRsa = asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss';
  if (isRsa && (asymmetricKeyDetails?.modulusLength ?? 0) < minRsaBits) return 'key too small';
  const purposes = parsed.getExtension(ExtendedKeyUsageExtension)?.usages;
  return purposes && !purposes.includes(ExtendedKeyUsage.clientAuth) ? 'unsuitable certificate purpose' : null;
}

function findClientFault(certificate: X509Certificate): string | null {
  const { KeyUsageFlags, KeyUsagesExtension, X509Certificate: ParsedCertificate } = x509();
  const usages = new ParsedCertificate(certificate.raw).getExtension(KeyUsagesExtension)?.usages;
  if (usages === undefined) return null;
  const signs = KeyUsageFlags.digitalSignature | KeyUsageFlags.keyAgreement;
  return (usages & signs) === 0 ? 'unsuitable certificate purpose' : null;
}

/** @param casBelow number of CAs between the issuer and the client's certificate. */
function findIssuerFault(issuer: X509Certificate, casBelow: number): string | null {
  if (!issuer.ca) return 'invalid CA certificate';
  const { BasicConstraintsExtension, X509Certificate: ParsedCertificate } = x509();
  const { pathLength } = new ParsedCertificate(issuer.raw).getExtension(BasicConstraintsExtension) ?? {};
  return pathLength !== undefined && casBelow > pathLength ? 'path length constraint exceeded' : null;
}
