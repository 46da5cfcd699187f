// Subject alternative names of a certificate (RFC 5280 section 4.2.1.6), in the form in which users enter them.
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { CertificateError } from './certificate-error.ts';

/** Subject alternative names by type. */
export interface AlternativeNames {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  readonly email: readonly string[];
}

const dnsLabel = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** Printable ASCII around one @: an rfc822Name is an IA5String. */
const emailAddress = /^[!-?A-~]+@[!-?A-~]+$/;

/**
 * Separates the names of a host into DNS names and IP addresses. Duplicates are removed, letters of other scripts become punycode, and the first
 * label may be a wildcard.
 *
 * @throws {CertificateError} for anything else.
 */
export function parseHostNames(names: readonly string[]): AlternativeNames {
  const isAddress = (name: string) => isIP(name) !== 0;
  return {
    dns: unique(names.filter((name) => !isAddress(name)).map(parseDnsName)),
    ip: unique(names.filter(isAddress)),
    email: [],
  };
}

/** @throws {CertificateError} if it is not a DNS name. */
export function parseDnsName(name: string): string {
  const wildcard = name.startsWith('*.') ? '*.' : '';
  const ascii = domainToASCII(name.slice(wildcard.length)).toLowerCase();
  if (ascii.length > 253 || isIP(ascii) || !ascii.split('.').every((label) => dnsLabel.test(label))) {
    throw new CertificateError(`${JSON.stringify(name)} is not a host name. Specify a DNS name or an IP address.`);
  }
  return wildcard + ascii;
}

/** @throws {CertificateError} if it is not an e-mail address that a certificate can contain. */
export function parseEmailAddress(address: string): string {
  if (!emailAddress.test(address)) {
    throw new CertificateError(`${JSON.stringify(address)} is not an e-mail address with ASCII characters and one @.`);
  }
  return address;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
