// Owns judging the PEM files of a listener before they are used: do they parse, and do they belong together?
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { TlsConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { OptionPath } from '../../schemas/server-config-schema.ts';

/** What is wrong with a file, or unwise about it. */
export interface TlsFinding {
  /** Below what was given, e.g. ["clientCa", "0"]. */
  readonly option: OptionPath;
  readonly severity: 'fault' | 'warning';
  readonly message: string;
}

type Report = (severity: TlsFinding['severity'], message: string) => unknown;

const certificatePattern = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const dayMs = 86_400_000;

/**
 * Reads the files and builds a trial TLS context of them; opens no port. A file that can't be read is left out: that is
 * found elsewhere, for every kind of file.
 *
 * @param nowMs decides whether a certificate has expired, or will within 30 days.
 */
export function findTlsFindings(tls: TlsConfig, nowMs: number): TlsFinding[] {
  const findings: TlsFinding[] = [];
  const reporter =
    (...option: string[]): Report =>
    (severity, message) => {
      findings.push({ option, severity, message });
    };
  const cert = readPem(tls.certificate);
  const key = readPem(tls.key);

  const certificates = cert === null ? [] : readCertificates(cert, nowMs, reporter('certificate'));
  const privateKey = key === null ? null : readKey(key, tls, reporter('key'));
  if (key !== null && isOpenToOthers(tls.key)) {
    reporter('key')('warning', 'other users of this machine may read the key; `chmod 600` it');
  }
  if (privateKey && certificates[0] && !certificates[0].checkPrivateKey(privateKey)) {
    reporter('key')('fault', 'the key does not belong to the certificate of listener.tls.certificate');
  }
  findings.push(...findTrustFindings(tls, nowMs));
  // What single files can't show, e.g. a key that is too small for OpenSSL's security level.
  const isWhole = cert !== null && key !== null && findings.every(({ severity }) => severity !== 'fault');
  const passphrase = tls.keyPassphrase?.reveal();
  if (
    isWhole &&
    !builds({ cert, key, ...(passphrase === undefined ? {} : { passphrase }), minVersion: tls.minVersion })
  ) {
    reporter('certificate')(
      'fault',
      'OpenSSL refuses the certificate with its key; is the key long enough (RSA 2048)?',
    );
  }
  return findings;
}

/** The same of the CAs and CRLs that client certificates are judged by; `option` is below what has both. */
export function findTrustFindings(
  { clientCa, crl }: { readonly clientCa: readonly string[]; readonly crl: readonly string[] },
  nowMs: number,
): TlsFinding[] {
  const findings: TlsFinding[] = [];
  for (const [index, file] of clientCa.entries()) {
    const option = ['clientCa', String(index)];
    const report: Report = (severity, message) => findings.push({ option, severity, message });
    const pem = readPem(file);
    const roots = pem === null ? [] : readCertificates(pem, nowMs, report);
    if (roots.some((root) => !root.ca)) report('warning', 'has a certificate that is no CA (basicConstraints)');
  }
  for (const [index, file] of crl.entries()) {
    const pem = readPem(file);
    if (pem === null || builds({ crl: pem })) continue;
    const message = 'holds no certificate revocation list in PEM (BEGIN X509 CRL)';
    findings.push({ option: ['crl', String(index)], severity: 'fault', message });
  }
  return findings;
}

function readCertificates(pem: string, nowMs: number, report: Report): X509Certificate[] {
  const blocks = pem.match(certificatePattern) ?? [];
  if (blocks.length === 0) report('fault', 'holds no certificate in PEM (BEGIN CERTIFICATE)');
  const certificates: X509Certificate[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(block));
    } catch {
      report('fault', `certificate ${index + 1} of the file is damaged`);
    }
  }
  for (const certificate of certificates) {
    const expiresMs = Date.parse(certificate.validTo);
    if (expiresMs <= nowMs) report('fault', `a certificate has expired on ${certificate.validTo}`);
    else if (expiresMs - nowMs < 30 * dayMs) report('warning', `a certificate expires on ${certificate.validTo}`);
    if (Date.parse(certificate.validFrom) > nowMs)
      report('fault', `a certificate is valid from ${certificate.validFrom} only`);
  }
  return certificates;
}

function readKey(key: string, { keyPassphrase }: TlsConfig, report: Report): KeyObject | null {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) {
    report('fault', 'holds no private key in PEM (BEGIN PRIVATE KEY)');
    return null;
  }
  const isEncrypted = /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(key);
  if (isEncrypted && !keyPassphrase) {
    report('fault', 'the key is encrypted; give listener.tls.keyPassphrase');
    return null;
  }
  try {
    return createPrivateKey({ key, ...(keyPassphrase ? { passphrase: keyPassphrase.reveal() } : {}) });
  } catch {
    report('fault', isEncrypted ? 'listener.tls.keyPassphrase does not open the key' : 'the key is damaged');
    return null;
  }
}

function builds(options: Parameters<typeof createSecureContext>[0]): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    return false;
  }
}

function readPem(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Whether group or others may read; Windows has no such bits. */
function isOpenToOthers(file: string): boolean {
  return process.platform !== 'win32' && (statSync(file).mode & 0o044) !== 0;
}
