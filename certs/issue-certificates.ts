// Development set of certificates: a CA, a server certificate and a client certificate. Writes no file.
import { randomBytes } from 'node:crypto';
import { type AlternativeNames, parseDnsName, parseEmailAddress, parseHostNames } from './alternative-names.ts';
import { CertificateError } from './certificate-error.ts';
import { type IssuedCertificate, issueCertificate, type KeyType } from './issue-certificate.ts';

/** Options of `issueCertificates`; all of them are optional. */
export interface IssueOptions {
  /** DNS names and IP addresses of the server in addition to localhost, 127.0.0.1 and ::1. Default: none. */
  readonly names?: readonly string[];
  /** Subject CN of the client certificate. Default: "platform". */
  readonly clientCommonName?: string;
  /** E-mail subject alternative name of the client certificate. Default: "platform@example.test". */
  readonly clientEmail?: string;
  /** DNS subject alternative name of the client certificate. Default: "platform.example.test". */
  readonly clientDnsName?: string;
  /** Validity of the server and client certificates in days, 1 to 825. They are valid from one hour ago. Default: 825. The CA: 3,650. */
  readonly validityDays?: number;
  /** Type of all keys: the CA's, the server's and the client's. Default: "ec", which is P-256. */
  readonly keyType?: KeyType;
}

/** A set of matching certificates. */
export interface DevelopmentCertificates {
  readonly ca: IssuedCertificate;
  readonly server: IssuedCertificate;
  readonly client: IssuedCertificate;
}

/** The maximum that Apple's platforms accept in a server certificate, even from a private CA (HT210176). */
const maxValidityDays = 825;
const caValidityDays = 3650;

/** The name of the client certificate for the server's allow-list. */
export const defaultClientEmail = 'platform@example.test';

const msPerDay = 24 * 3600_000;
/** Certificates are valid from one hour ago, so that a machine whose clock is behind accepts them. */
const clockSkewMs = 3600_000;

/**
 * Issues a development CA, a certificate for the server and one for its client. Takes tens of milliseconds (`rsa`: up to several seconds). For
 * development and tests: the CA's key is returned with the certificates.
 *
 * @throws {CertificateError} for an option that a certificate cannot contain.
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

/** Issues a CA, valid for 3,650 days, with a unique subject, so that several can be distinguished in one trust store. */
export function issueCertificateAuthority(keyType: KeyType): Promise<IssuedCertificate> {
  const commonName = `user-info-kit development CA ${randomBytes(4).toString('hex')}`;
  return issueCertificate({ ...daysFromNow(0, caValidityDays), use: 'ca', keyType, commonName }, 'self');
}

/** Returns a period whose start and end are given in whole days from now (negative: in the past), both minus the clock skew. */
export function daysFromNow(firstDay: number, lastDay: number): { notBefore: Date; notAfter: Date } {
  const origin = Date.now() - clockSkewMs;
  return { notBefore: new Date(origin + firstDay * msPerDay), notAfter: new Date(origin + lastDay * msPerDay) };
}

/** Returns the client certificate's names. @throws {CertificateError} if they are invalid. */
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
