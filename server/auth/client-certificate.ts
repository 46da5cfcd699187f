// Client certificate authentication: TLS verifies the chain and the dates; the allow-list decides who is granted access.
import type { IncomingMessage } from 'node:http';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import { LRUCache } from 'lru-cache';
import type { AllowedCertificateConfig } from '../../schemas/generated/loaded-server-config.ts';
import { x509 } from '../tls/x509.ts';
import type { AuthDecision, Authenticate } from './authenticate.ts';

export interface ShownCertificate {
  /** DER form. */
  readonly raw: Buffer;
  /** SHA-256 of the certificate, hexadecimal. */
  readonly fingerprint256: string;
}

/** The names of a certificate that an allow-list can contain. */
export interface CertificateNames {
  readonly dns: readonly string[];
  readonly email: readonly string[];
  readonly uri: readonly string[];
  readonly subjectCn: readonly string[];
  /** SHA-256 of the DER form, lower-case hexadecimal without colons. */
  readonly fingerprint256: string;
}

/** Platforms have one or a few certificates; if there are thousands, some are parsed again. */
const maxRememberedCertificates = 1000;

/**
 * Creates client certificate authentication. Refusals, all 403: `certificate-missing`, `certificate-untrusted` (TLS could
 * not verify it), `certificate-not-allowed`. `onUntrusted` receives the reason why TLS did not trust the certificate, for the log.
 */
export function createClientCertificateAuthentication(
  allowed: readonly AllowedCertificateConfig[],
  onUntrusted: (reason: string, request: IncomingMessage) => void,
): Authenticate {
  // A connection's certificate does not change, so it is checked once for all requests. The decision is stored on the socket.
  const decisionKey = Symbol('certificate decision');
  // A certificate's names are parsed once, however many connections use it: parsing costs twice as much as the handshake.
  const remembered = new LRUCache<string, AuthDecision>({ max: maxRememberedCertificates });
  const decideByList = (certificate: ShownCertificate): AuthDecision => {
    const { fingerprint256 } = certificate;
    const known = remembered.get(fingerprint256);
    if (known !== undefined) return known;
    const decision: AuthDecision = isAllowed(certificate, allowed)
      ? { granted: true, caller: certificateCaller({ fingerprint256 }) }
      : { granted: false, code: 'certificate-not-allowed' };
    remembered.set(fingerprint256, decision);
    return decision;
  };
  return (request) => {
    if (!(request.socket instanceof TLSSocket)) return { granted: false, code: 'certificate-missing' };
    const socket: TLSSocket & { [decisionKey]?: AuthDecision } = request.socket;
    const known = socket[decisionKey];
    if (known) return known;
    const decision = decide(socket, decideByList);
    if (!decision.granted && decision.code === 'certificate-untrusted') {
      onUntrusted(String(socket.authorizationError), request);
    }
    socket[decisionKey] = decision;
    return decision;
  };
}

function decide(socket: TLSSocket, decideByList: (certificate: ShownCertificate) => AuthDecision): AuthDecision {
  const certificate = certificateShownOn(socket);
  if (!certificate) return { granted: false, code: 'certificate-missing' };
  return socket.authorized ? decideByList(certificate) : { granted: false, code: 'certificate-untrusted' };
}

/**
 * Returns the certificate that the client presented; `null` when there is none.
 *
 * `getPeerX509Certificate()` does the same with less work, but on a server Node 20.20 never frees the object (6 kB per connection).
 */
export function certificateShownOn(socket: TLSSocket): ShownCertificate | null {
  // This is an empty object when there is no certificate, and null when the socket is closed.
  const certificate: Partial<PeerCertificate> | null = socket.getPeerCertificate();
  if (certificate?.raw === undefined || certificate.fingerprint256 === undefined) return null;
  return { raw: certificate.raw, fingerprint256: plainFingerprint(certificate.fingerprint256) };
}

/** Returns the text that identifies a certificate in the log: `certificate:` and its fingerprint. */
export function certificateCaller({ fingerprint256 }: Pick<ShownCertificate, 'fingerprint256'>): string {
  return `certificate:${plainFingerprint(fingerprint256)}`;
}

/** Returns whether a certificate is on the list; the caller has verified that it is trusted. */
export function isAllowed(
  { raw, fingerprint256 }: ShownCertificate,
  allowed: readonly AllowedCertificateConfig[],
): boolean {
  const names = readCertificateNames(raw, fingerprint256);
  return allowed.some((entry) => matches(names, entry));
}

/** Reads the names from the certificate's DER form: the text forms of names are ambiguous (CVE-2021-44532). */
export function readCertificateNames(der: Uint8Array, fingerprint256: string): CertificateNames {
  const { SubjectAlternativeNameExtension, X509Certificate } = x509();
  const certificate = new X509Certificate(Uint8Array.from(der));
  const alternative = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
  const valuesOf = (type: string) => alternative.filter((name) => name.type === type).map((name) => name.value);
  return {
    dns: valuesOf('dns'),
    email: valuesOf('email'),
    uri: valuesOf('url'),
    subjectCn: certificate.subjectName.getField('CN'),
    fingerprint256: plainFingerprint(fingerprint256),
  };
}

function matches(names: CertificateNames, entry: AllowedCertificateConfig): boolean {
  if (entry.dns !== undefined) return hasName(names.dns, entry.dns, (name) => name.toLowerCase());
  if (entry.email !== undefined) return hasName(names.email, entry.email, lowerCaseHost);
  if (entry.uri !== undefined) return names.uri.includes(entry.uri);
  if (entry.subjectCn !== undefined) return names.subjectCn.includes(entry.subjectCn);
  return entry.fingerprint256 !== undefined && names.fingerprint256 === plainFingerprint(entry.fingerprint256);
}

function hasName(names: readonly string[], wanted: string, normalize: (name: string) => string): boolean {
  return names.some((name) => normalize(name) === normalize(wanted));
}

/** Lower-cases the host of an address, whose letter case is ignored; the local part is compared exactly (RFC 5280, 4.2.1.6 and 7.5). */
function lowerCaseHost(address: string): string {
  const at = address.lastIndexOf('@');
  return address.slice(0, at) + address.slice(at).toLowerCase();
}

function plainFingerprint(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}
