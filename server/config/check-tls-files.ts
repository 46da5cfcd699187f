// Checks of PEM files before use: whether they can be parsed and belong together.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { TlsConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { Secret } from '../../schemas/secret.ts';
import type { OptionPath } from '../../schemas/server-config-schema.ts';
import { pemBlocksOf } from '../tls/x509.ts';
import { readInputFile } from './read-input-file.ts';

/** An error in a file, or a warning about it. The message names the file and the fix. */
export interface TlsFinding {
  /** Path relative to the given section, e.g. ["clientCa", "0"]. */
  readonly option: OptionPath;
  readonly severity: 'fault' | 'warning';
  readonly message: string;
}

/** The files of a TLS client: of a source, or of a shared cache. */
export interface ClientTlsFiles {
  readonly ca?: string | readonly string[];
  readonly certificate?: string;
  readonly key?: string;
  readonly keyPassphrase?: Secret;
}

type Severity = TlsFinding['severity'];
type Report = (severity: Severity, message: string) => unknown;

const dayMs = 86_400_000;

/**
 * Reads the files of a listener and builds a trial TLS context from them; opens no port. Unreadable files are skipped: `checkConfigFiles` reports
 * them for every kind of file.
 *
 * @param nowMs used to decide whether a certificate has expired, or will expire within 30 days.
 */
export function findTlsFindings(tls: TlsConfig, nowMs: number): TlsFinding[] {
  const findings: TlsFinding[] = [];
  const reportAt = reporter(findings);
  const { cert, key } = checkPair(tls, { nowMs, onDate: 'fault', reportAt });
  if (key !== null && isOpenToOthers(tls.key)) {
    reportAt('key')('warning', `other users of this machine may read the key ${tls.key}. Run chmod 600 on it`);
  }
  findings.push(...findTrustFindings(tls, nowMs));
  // Finds errors that individual files do not reveal, for example a key that is too short for OpenSSL's security level.
  const isWhole = cert !== null && key !== null && findings.every(({ severity }) => severity !== 'fault');
  const passphrase = tls.keyPassphrase?.reveal();
  const failure = isWhole
    ? contextFailure({ cert, key, ...(passphrase !== undefined && { passphrase }), minVersion: tls.minVersion })
    : null;
  if (failure !== null) {
    const message = `OpenSSL rejects ${tls.certificate} with its key (${failure}). Use an RSA key of at least 2048 bits, or an EC key of at least P-256`;
    reportAt('certificate')('fault', message);
  }
  return findings;
}

/**
 * Reads the CAs and CRLs that verify client certificates, with the same checks. The `option` of a finding is relative to the section that contains
 * both.
 */
export function findTrustFindings(
  { clientCa, crl }: { readonly clientCa: readonly string[]; readonly crl: readonly string[] },
  nowMs: number,
): TlsFinding[] {
  const findings: TlsFinding[] = [];
  const reportAt = reporter(findings);
  const isValid = ({ validFrom, validTo }: X509Certificate) =>
    Date.parse(validFrom) <= nowMs && nowMs < Date.parse(validTo);
  const roots = clientCa.map((file, index) => {
    const pem = readPem(file);
    return pem === null ? [] : readCertificates(file, pem, reportAt('clientCa', String(index)));
  });
  // An expired CA in addition to a valid one authorizes no client, so it must not prevent the next start of the server.
  const onDate = roots.flat().some(isValid) ? 'warning' : 'fault';
  for (const [index, file] of clientCa.entries()) {
    const report = reportAt('clientCa', String(index));
    const certificates = roots[index] ?? [];
    checkDates(file, certificates, { nowMs, onDate, report });
    if (certificates.some((root) => !root.ca)) {
      report('warning', `${file} contains a certificate that is not a CA certificate (basicConstraints). Remove it`);
    }
  }
  for (const [index, file] of crl.entries()) {
    const pem = readPem(file);
    if (pem === null || contextFailure({ crl: pem }) === null) continue;
    const message = `${file} contains no certificate revocation list in PEM (BEGIN X509 CRL). Name the CRL's file`;
    reportAt('crl', String(index))('fault', message);
  }
  return findings;
}

/** Reads the files of a connection to a backend, with the same checks. A bundle of public CAs may contain expired ones. */
export function findClientTlsFindings(files: ClientTlsFiles, nowMs: number): TlsFinding[] {
  const findings: TlsFinding[] = [];
  const reportAt = reporter(findings);
  const { ca = [], certificate, key, keyPassphrase } = files;
  for (const [index, file] of (typeof ca === 'string' ? [ca] : ca).entries()) {
    const pem = readPem(file);
    const report = typeof ca === 'string' ? reportAt('ca') : reportAt('ca', String(index));
    if (pem !== null) readCertificates(file, pem, report);
  }
  if (certificate === undefined || key === undefined) return findings;
  checkPair({ certificate, key, ...(keyPassphrase && { keyPassphrase }) }, { nowMs, onDate: 'warning', reportAt });
  return findings;
}

interface PairFiles {
  readonly certificate: string;
  readonly key: string;
  readonly keyPassphrase?: Secret;
}

interface PairRules {
  readonly nowMs: number;
  /** How a certificate outside its validity period is reported. */
  readonly onDate: Severity;
  readonly reportAt: ReturnType<typeof reporter>;
}

/** Returns the texts; `null`: the file cannot be read. */
function checkPair(files: PairFiles, { nowMs, onDate, reportAt }: PairRules) {
  const cert = readPem(files.certificate);
  const key = readPem(files.key);
  const report = reportAt('certificate');
  const certificates = cert === null ? [] : readCertificates(files.certificate, cert, report);
  checkDates(files.certificate, certificates, { nowMs, onDate, report });
  const privateKey = key === null ? null : readKey(key, files, reportAt('key'));
  if (privateKey && certificates[0] && !certificates[0].checkPrivateKey(privateKey)) {
    const message = `the key ${files.key} does not match the certificate ${files.certificate}. Use the two that were issued together`;
    reportAt('key')('fault', message);
  }
  return { cert, key };
}

function reporter(findings: TlsFinding[]) {
  return (...option: string[]): Report =>
    (severity, message) => {
      findings.push({ option, severity, message });
    };
}

function readCertificates(file: string, pem: string, report: Report): X509Certificate[] {
  const blocks = pemBlocksOf(pem, 'CERTIFICATE');
  if (blocks.length === 0) {
    report('fault', `${file} contains no certificate in PEM (BEGIN CERTIFICATE). Name a file that contains one`);
  }
  const certificates: X509Certificate[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(block));
    } catch {
      report('fault', `certificate ${index + 1} of ${file} is damaged. Export it again in PEM`);
    }
  }
  return certificates;
}

function checkDates(
  file: string,
  certificates: readonly X509Certificate[],
  { nowMs, onDate, report }: { readonly nowMs: number; readonly onDate: Severity; readonly report: Report },
): void {
  for (const { validFrom, validTo } of certificates) {
    const expiresMs = Date.parse(validTo);
    if (expiresMs <= nowMs) report(onDate, `a certificate of ${file} expired on ${validTo}. Renew it`);
    else if (expiresMs - nowMs < 30 * dayMs) {
      report('warning', `a certificate of ${file} expires on ${validTo}. Renew it before then`);
    }
    if (Date.parse(validFrom) > nowMs) {
      report(onDate, `a certificate of ${file} is not valid before ${validFrom}. Check the clock of this machine`);
    }
  }
}

function readKey(pem: string, { key: file, keyPassphrase }: PairFiles, report: Report): KeyObject | null {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    report('fault', `${file} contains no private key in PEM (BEGIN PRIVATE KEY). Name the key's file`);
    return null;
  }
  const isEncrypted = /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(pem);
  if (isEncrypted && !keyPassphrase) {
    report('fault', `the key ${file} is encrypted. Set keyPassphrase too`);
    return null;
  }
  try {
    return createPrivateKey({ key: pem, ...(keyPassphrase && { passphrase: keyPassphrase.reveal() }) });
  } catch {
    const message = isEncrypted
      ? `keyPassphrase does not decrypt the key ${file}. Correct the passphrase`
      : `the key ${file} is damaged. Export it again in PEM`;
    report('fault', message);
    return null;
  }
}

/** Returns OpenSSL's code, or `null` when it accepts the files. */
function contextFailure(options: Parameters<typeof createSecureContext>[0]): string | null {
  try {
    createSecureContext(options);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'no code';
  }
}

function readPem(file: string): string | null {
  try {
    return readInputFile(file).toString('utf8');
  } catch {
    return null;
  }
}

/** Returns whether the file is readable by group or others; Windows has no such permission bits. */
function isOpenToOthers(file: string): boolean {
  return process.platform !== 'win32' && (statSync(file).mode & 0o044) !== 0;
}
