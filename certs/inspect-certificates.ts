// Description of PEM files: each certificate and its validity, which key matches which certificate, and the CRLs.
import type { KeyObject, X509Certificate } from 'node:crypto';
import { SocketAddress } from 'node:net';
import type { X509Crl } from '@peculiar/x509';
import { CertificateError } from './certificate-error.ts';
import { type Found, type GivenFile, readPem } from './read-pem.ts';
import { evaluateDates, formatName, type Validity, verifyChain } from './verify-chain.ts';

/** Everything known about the given files, as plain data for JSON. Dates are ISO 8601 in UTC. */
export interface CertificateInspection {
  /** Whether every certificate is within its dates, every chain is valid, every readable key has its certificate, and no CRL is overdue. */
  readonly holds: boolean;
  readonly certificates: readonly InspectedCertificate[];
  readonly keys: readonly InspectedKey[];
  readonly revocationLists: readonly InspectedRevocationList[];
}

/** A certificate with its evaluation. */
export interface InspectedCertificate {
  readonly file: string;
  /** Position among the blocks of the file, starting with 1. */
  readonly position: number;
  readonly subject: string;
  readonly alternativeNames: ReadonlyArray<{ readonly type: string; readonly value: string }>;
  readonly issuer: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly validity: Validity;
  /** Whole days until `notAfter`; negative if that date has passed. */
  readonly daysLeft: number;
  /** e.g. "EC P-256 (256 bits)", "RSA (2048 bits)" */
  readonly keyType: string;
  /** e.g. "serverAuth"; an OID if the usage has no well-known name. Empty: no restriction. */
  readonly extendedKeyUsage: readonly string[];
  /** SHA-256 of the certificate, hexadecimal, colons between the bytes. */
  readonly fingerprint256: string;
  readonly isCa: boolean;
  /** `path`: the subjects from this certificate to its root. `reason`: why the chain is invalid, human-readable. */
  readonly chain:
    | { readonly holds: true; readonly path: readonly string[] }
    | { readonly holds: false; readonly reason: string };
}

/** A private key; the key itself is never shown. */
export interface InspectedKey {
  readonly file: string;
  readonly position: number;
  /** Same format as for a certificate; `null`: the key is encrypted, and its type is unknown without the passphrase. */
  readonly keyType: string | null;
  /** The positions of the certificates that the key belongs to; empty if the key is encrypted. */
  readonly certificates: ReadonlyArray<{ readonly file: string; readonly position: number }>;
}

/** A CRL. */
export interface InspectedRevocationList {
  readonly file: string;
  readonly position: number;
  readonly issuer: string;
  readonly thisUpdate: string;
  /** `null`: the CRL does not contain the time of the next update. */
  readonly nextUpdate: string | null;
  /** Whether `nextUpdate` has passed: a server with this CRL rejects every client. */
  readonly overdue: boolean;
  readonly revokedCount: number;
}

const msPerDay = 24 * 3600_000;

/** RFC 5280 section 4.2.1.12. */
const extendedKeyUsageNames: Readonly<Record<string, string>> = {
  '2.5.29.37.0': 'anyExtendedKeyUsage',
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.3': 'codeSigning',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
};

/** Common names of curves, for OpenSSL's names (RFC 5480 section 2.1.1.1). */
const curveNames: Readonly<Record<string, { name: string; bits: number }>> = {
  prime256v1: { name: 'P-256', bits: 256 },
  secp384r1: { name: 'P-384', bits: 384 },
  secp521r1: { name: 'P-521', bits: 521 },
};

const alternativeNameTypes: Readonly<Record<string, string>> = {
  DNS: 'dns',
  email: 'email',
  URI: 'uri',
  'IP Address': 'ip',
};

/**
 * Inspects the files together, because an issuer may be in any of them.
 *
 * @throws {CertificateError} for a file that cannot be read as PEM, and if none of them contains a certificate.
 */
export async function inspectCertificates(files: readonly GivenFile[], now: Date): Promise<CertificateInspection> {
  const found = readPem(files);
  if (found.certificates.length === 0) {
    throw new CertificateError(
      'None of the files contains a certificate. Name at least one file with a CERTIFICATE block.',
    );
  }
  const given = found.certificates.map(({ value }) => value);
  const lists = found.revocationLists.map(({ value }) => value);
  const certificates: InspectedCertificate[] = [];
  for (const certificate of found.certificates) {
    certificates.push(await describeCertificate(certificate, given, lists, now));
  }
  const keys = found.keys.map((key) => describeKey(key, found.certificates));
  const certificatesHold = certificates.every(({ chain, validity }) => chain.holds && validity === 'valid');
  const keysHold = keys.every(({ keyType, certificates }) => keyType === null || certificates.length > 0);
  const revocationLists = found.revocationLists.map((list) => describeRevocationList(list, now));
  const listsHold = revocationLists.every(({ overdue }) => !overdue);
  return { holds: certificatesHold && keysHold && listsHold, certificates, keys, revocationLists };
}

async function describeCertificate(
  { file, position, value: certificate }: Found<X509Certificate>,
  given: readonly X509Certificate[],
  lists: readonly X509Crl[],
  now: Date,
): Promise<InspectedCertificate> {
  const notAfter = new Date(certificate.validTo);
  const verdict = await verifyChain(certificate, given, lists, now);
  return {
    file,
    position,
    subject: formatName(certificate.subject),
    alternativeNames: parseAlternativeNames(certificate.subjectAltName),
    issuer: formatName(certificate.issuer),
    notBefore: new Date(certificate.validFrom).toISOString(),
    notAfter: notAfter.toISOString(),
    validity: evaluateDates(certificate, now),
    daysLeft: Math.floor((notAfter.getTime() - now.getTime()) / msPerDay),
    keyType: describeKeyType(certificate.publicKey),
    extendedKeyUsage: (certificate.keyUsage ?? []).map((oid) => extendedKeyUsageNames[oid] ?? oid),
    fingerprint256: certificate.fingerprint256,
    isCa: certificate.ca,
    chain: verdict.holds ? { holds: true, path: verdict.path.map(({ subject }) => formatName(subject)) } : verdict,
  };
}

function describeKey(
  { file, position, value: key }: Found<KeyObject | null>,
  certificates: ReadonlyArray<Found<X509Certificate>>,
): InspectedKey {
  const owners = key ? certificates.filter(({ value }) => value.checkPrivateKey(key)) : [];
  return {
    file,
    position,
    keyType: key ? describeKeyType(key) : null,
    certificates: owners.map((owner) => ({ file: owner.file, position: owner.position })),
  };
}

function describeRevocationList({ file, position, value: list }: Found<X509Crl>, now: Date): InspectedRevocationList {
  return {
    file,
    position,
    issuer: list.issuer,
    thisUpdate: list.thisUpdate.toISOString(),
    nextUpdate: list.nextUpdate?.toISOString() ?? null,
    overdue: list.nextUpdate !== undefined && list.nextUpdate < now,
    revokedCount: list.entries.length,
  };
}

function describeKeyType(key: KeyObject): string {
  const { asymmetricKeyType = 'unknown', asymmetricKeyDetails: details = {} } = key;
  if (details.modulusLength !== undefined) return `${asymmetricKeyType.toUpperCase()} (${details.modulusLength} bits)`;
  if (details.namedCurve === undefined) return asymmetricKeyType;
  const curve = curveNames[details.namedCurve];
  return curve ? `EC ${curve.name} (${curve.bits} bits)` : `EC ${details.namedCurve}`;
}

/** Parses Node's text, e.g. `DNS:localhost, IP Address:0:0:0:0:0:0:0:1, email:"a, DNS:b"`; a value with a comma or a quote is JSON. */
function parseAlternativeNames(text: string | undefined): { type: string; value: string }[] {
  const names = text?.matchAll(/([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g) ?? [];
  return [...names].map(([, label = '', written = '']) => {
    const value: string = written.startsWith('"') ? JSON.parse(written) : written;
    const type = alternativeNameTypes[label] ?? label;
    return { type, value: type === 'ip' && value.includes(':') ? shortenIpv6(value) : value };
  });
}

function shortenIpv6(address: string): string {
  return new SocketAddress({ address, family: 'ipv6' }).address;
}
