// Development set of certificates: a CA, a server certificate and a client certificate. Writes no file.
import { randomBytes } from 'node:crypto';
import { type AlternativeNames, parseDnsName, parseEmailAddress, parseHostNames } from './alternative-names.ts';
import { CertificateError } from './certificate-error.ts';
import { type IssuedCertificate, issueCertificate, type KeyType } from './issue-certificate.ts';

/** Options of `issueCertificates`; every one may be left out. */
export interface IssueOptions {
  /** DNS names and IP addresses of the server beside localhost, 127.0.0.1 and ::1. Default: none. */
  readonly names?: readonly string[];
  /** Subject CN of the client certificate. Default: "platform". */
  readonly clientCommonName?: string;
  /** E-mail subject alternative name of the client certificate. Default: "platform@example.test". */
  readonly clientEmail?: string;
  /** DNS subject alternative name of the client certificate. Default: "platform.example.test". */
  readonly clientDnsName?: string;
  /** Days that the server and client certificates are valid, 1 to 825. They begin an hour ago. Default: 825. The CA: 3,650. */
  readonly validityDays?: number;
  /** Of all keys: the CA's, the server's and the client's. Default: "ec", which is P-256. */
  readonly keyType?: KeyType;
}

/** A set of certificates that fit together. */
export interface DevelopmentCertificates {
  readonly ca: IssuedCertificate;
  readonly server: IssuedCertificate;
  readonly client: IssuedCertificate;
}

/** What Apple's platforms take at most from a server, private CAs included (HT210176). */
const maxValidityDays = 825;
const caValidityDays = 3650;

/** The name that the server's allow-list is given for the client certificate. */
export const defaultClientEmail = 'platform@example.test';

const msPerDay = 24 * 3600_000;
/** Certificates begin an hour ago, so that a machine whose clock is behind takes them. */
const clockSkewMs = 3600_000;

/**
 * Issues a development CA, and from it a certificate for the server and one for its client. Takes some tens of ms (`rsa`: up to
 * seconds). For development and tests: the CA's key lies beside what it signs.
 *
 * @throws {CertificateError} for an option that a certificate can't hold.
 */
export async function issueCertificates(options: IssueOptions = {}): Promise<DevelopmentCertificates> {
  const { names = [], clientCommonName = 'platform', keyType = 'ec', validityDays = maxValidityDays } = options;
  assertValidityDays(validityDays);
  const common = { ...daysFromNow(0, validityDays), keyType };
  const server = { ...common, use: 'server', commonName: 'localhost', alternativeNames: serverNames(names) } as const;
  const client = {
    ...common,
    use: 'client',
    commonName: clientCommonName,
    alternativeNames: clientNames(options),
  } as const;
  const ca = await issueCertificateAuthority(keyType);
  return { ca, server: await issueCertificate(server, ca), client: await issueCertificate(client, ca) };
}

/** A CA, valid for 3,650 days, whose subject differs from every other's, so that several can be told apart in one trust store. */
export function issueCertificateAuthority(keyType: KeyType): Promise<IssuedCertificate> {
  const commonName = `user-info-kit development CA ${randomBytes(4).toString('hex')}`;
  return issueCertificate({ ...daysFromNow(0, caValidityDays), use: 'ca', keyType, commonName }, 'self');
}

/** A span that begins and ends whole days from now (negative: ago), both less the clock skew. */
export function daysFromNow(firstDay: number, lastDay: number): { notBefore: Date; notAfter: Date } {
  const origin = Date.now() - clockSkewMs;
  return { notBefore: new Date(origin + firstDay * msPerDay), notAfter: new Date(origin + lastDay * msPerDay) };
}

/** The client certificate's names. @throws {CertificateError} when they can't be used. */
export function clientNames(options: IssueOptions): AlternativeNames {
  const { clientEmail = defaultClientEmail, clientDnsName = 'platform.example.test' } = options;
  return { email: [parseEmailAddress(clientEmail)], dns: [parseDnsName(clientDnsName)], ip: [] };
}

function serverNames(names: readonly string[]): AlternativeNames {
  return parseHostNames(['localhost', '127.0.0.1', '::1', ...names]);
}

function assertValidityDays(days: number): void {
  if (!Number.isInteger(days) || days < 1 || days > maxValidityDays) {
    throw new CertificateError(`Certificates can be valid for 1 to ${maxValidityDays} whole days, not ${days}.`);
  }
}
