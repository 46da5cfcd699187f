// Findings about a TLS handshake: the certificate and its validity, or why the handshake failed.
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { count, doubtful, type Finding, fails, works } from './finding.ts';

/** Certificates are usually renewed about a month before they expire; fewer remaining days mean that the renewal was missed. */
const fewDays = 21;
const dayMs = 24 * 3600 * 1000;

/** Endpoint of a handshake, for messages. */
export interface TlsPlace {
  /** "HOST:PORT". */
  readonly place: string;
  /** The section of the configuration: "source.tls". */
  readonly section: string;
}

/** Evaluates the certificate of a finished handshake, even if Node did not authorize it. */
export function certificateFinding(socket: TLSSocket, at: TlsPlace): Finding {
  const chain = [...chainOf(socket.getPeerCertificate(true))];
  // Node stores the error code in `authorizationError`, contrary to its types.
  if (!socket.authorized) return rejectedCertificate(String(socket.authorizationError), at, chain[0]);
  const expiresAtMs = Math.min(...chain.map(({ valid_to }) => Date.parse(valid_to)));
  return validityFinding(String(socket.getProtocol()), expiresAtMs, at);
}

/** Evaluates the remaining validity of an accepted certificate. */
export function validityFinding(protocol: string, expiresAtMs: number, { place }: TlsPlace): Finding {
  const daysLeft = Math.floor((expiresAtMs - Date.now()) / dayMs);
  const text = `${protocol}, the certificate chain is valid, ${count(daysLeft, 'day')} left`;
  if (daysLeft >= fewDays) return works('TLS', text);
  return doubtful('TLS', text, `renew the certificate of ${place}; when it expires, all connections fail`);
}

/**
 * Returns the finding for a handshake that failed.
 *
 * @param code an error code of Node or OpenSSL.
 * @param certificate the server's certificate, if the error contains it.
 */
export function handshakeFailure(code: string, at: TlsPlace, certificate?: DetailedPeerCertificate): Finding {
  if (/CERT|UNABLE_TO_/.test(code)) return rejectedCertificate(code, at, certificate);
  return fails('TLS', `${at.place} aborts the handshake (${code})`, handshakeRemedy(at));
}

/** Returns the finding for a handshake that took too long. */
export function handshakeTimeout(timeoutMs: number, at: TlsPlace): Finding {
  return fails('TLS', `${at.place} does not finish the handshake within ${timeoutMs} ms`, handshakeRemedy(at));
}

function handshakeRemedy({ section }: TlsPlace): string {
  return `check that this is the port for TLS, and that the server supports TLS 1.2 or later. Check whether it requires a client certificate (${section})`;
}

function rejectedCertificate(code: string, { place, section }: TlsPlace, leaf?: DetailedPeerCertificate): Finding {
  const remedy = (certificateRemedies[code] ?? otherRemedy)(section, namesOf(leaf));
  return fails('TLS', `the certificate of ${place} is rejected (${code})`, remedy);
}

function* chainOf(certificate: DetailedPeerCertificate): Generator<DetailedPeerCertificate> {
  const seen = new Set<string>();
  let next: DetailedPeerCertificate | undefined = certificate;
  while (next?.fingerprint256 !== undefined && !seen.has(next.fingerprint256)) {
    seen.add(next.fingerprint256);
    yield next;
    next = next.issuerCertificate;
  }
}

/** Returns the names as one short line of ASCII, because they are untrusted input. */
function namesOf(certificate: DetailedPeerCertificate | undefined): string {
  const names = certificate?.subjectaltname ?? certificate?.subject.CN ?? 'none';
  return String(names)
    .replaceAll(/\P{ASCII}|\p{Cc}/gu, '?')
    .slice(0, 200);
}

type CertificateRemedy = (section: string, names: string) => string;

const unknownCa: CertificateRemedy = (section) =>
  `add the issuing CA to ${section}.ca; if that CA is already there, the server does not send an intermediate certificate`;
const otherRemedy: CertificateRemedy = (section) =>
  `\`openssl s_client -showcerts\` shows what the server sends; compare it with ${section}.ca`;

/** Keyed by error codes of OpenSSL and Node. */
const certificateRemedies: Readonly<Record<string, CertificateRemedy>> = {
  CERT_HAS_EXPIRED: () => 'install a new certificate on the server',
  CERT_NOT_YET_VALID: () =>
    'compare the clocks of both machines; if they agree, wait until the certificate becomes valid, or install another one',
  ERR_TLS_CERT_ALTNAME_INVALID: (section, names) =>
    `connect with a name in the certificate (${names}), or issue a certificate for the configured name; see also ${section}.serverName`,
  SELF_SIGNED_CERT_IN_CHAIN: unknownCa,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownCa,
  UNABLE_TO_GET_ISSUER_CERT: unknownCa,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownCa,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownCa,
};
