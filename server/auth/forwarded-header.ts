// Parser of a client certificate in a proxy's header, in the three forms that proxies write.
import { splitOutsideQuotes } from '../http/client-address.ts';

export type ForwardedFormat = 'nginx' | 'envoy' | 'rfc9440';

/** Certificates in DER form: the client's, and those in its chain that the proxy sent. */
export interface ForwardedCertificate {
  readonly certificate: Buffer;
  readonly others: readonly Buffer[];
}

/** The usual name of the header in each form. */
export const usualHeaders: Readonly<Record<ForwardedFormat, string>> = {
  nginx: 'ssl-client-cert',
  envoy: 'x-forwarded-client-cert',
  rfc9440: 'client-cert',
};

/** A header with more certificates is malformed. */
const maxCertificates = 10;

/**
 * Parses the header. @param chainHeader RFC 9440's second header; `undefined`: not sent.
 * @returns `none`: the header says that the client had no certificate; `malformed`: it cannot be parsed unambiguously.
 */
export function readForwardedHeader(
  format: ForwardedFormat,
  header: string,
  chainHeader: string | undefined,
): ForwardedCertificate | 'none' | 'malformed' {
  const text = header.trim();
  if (text === '') return 'none';
  if (format === 'nginx') return fromEscapedPem(text);
  return format === 'envoy' ? fromEnvoy(text) : fromByteSequences(text, chainHeader);
}

const pemBlock = /\s*-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*/y;

/** Parses nginx's `$ssl_client_escaped_cert`, and the header of every other proxy that writes percent-encoded PEM. */
function fromEscapedPem(text: string): ForwardedCertificate | 'malformed' {
  let pem: string;
  try {
    pem = decodeURIComponent(text);
  } catch {
    return 'malformed';
  }
  const found: Buffer[] = [];
  pemBlock.lastIndex = 0;
  while (pemBlock.lastIndex < pem.length) {
    const der = decodeBase64(pemBlock.exec(pem)?.[1]?.replaceAll(/\s/g, '') ?? '');
    if (der === null) return 'malformed';
    found.push(der);
  }
  return certificatesOf(found);
}

/**
 * Parses Envoy's `x-forwarded-client-cert`: comma-separated elements of semicolon-separated pairs; a value may be quoted. Only a single element is
 * accepted: of several, all but the last were written by a sender other than the configured proxy.
 */
function fromEnvoy(text: string): ForwardedCertificate | 'none' | 'malformed' {
  if (splitOutsideQuotes(text, ',').length > 1) return 'malformed';
  const values = new Map<string, string>();
  for (const pair of splitOutsideQuotes(text, ';')) {
    const sign = pair.indexOf('=');
    const name = pair.slice(0, sign).trim().toLowerCase();
    if (sign < 0) return 'malformed';
    // Pairs for other names of a certificate can occur many times.
    if (values.has(name) && (name === 'cert' || name === 'chain' || name === 'hash')) return 'malformed';
    values.set(
      name,
      pair
        .slice(sign + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    );
  }
  const [cert, chain, hash] = ['cert', 'chain', 'hash'].map((name) => values.get(name) ?? '');
  // A hash alone proves nothing, because there is no certificate to verify.
  if (!cert && !chain) return hash ? 'malformed' : 'none';
  const own = cert ? fromEscapedPem(cert) : null;
  const all = chain ? fromEscapedPem(chain) : null;
  if (own === 'malformed' || all === 'malformed') return 'malformed';
  const certificate = own?.certificate ?? all?.certificate;
  if (!certificate) return 'malformed';
  return { certificate, others: all ? [all.certificate, ...all.others] : [] };
}

/** Parses the headers of RFC 9440, 2: `Client-Cert` is a byte sequence of RFC 8941 (3.3.5), `Client-Cert-Chain` a list of them. */
function fromByteSequences(text: string, chain: string | undefined): ForwardedCertificate | 'none' | 'malformed' {
  // A proxy that encodes an empty value writes only the two colons.
  if (text === '::') return 'none';
  const found: Buffer[] = [];
  for (const item of [text, ...(chain?.trim() ? chain.split(',') : [])]) {
    const der = decodeBase64(/^:([A-Za-z0-9+/=]+):$/.exec(item.trim())?.[1] ?? '');
    if (der === null) return 'malformed';
    found.push(der);
  }
  return certificatesOf(found);
}

function certificatesOf([certificate, ...others]: readonly Buffer[]): ForwardedCertificate | 'malformed' {
  if (!certificate || others.length >= maxCertificates) return 'malformed';
  return { certificate, others };
}

/** Decodes a text; `null`: it is empty, or not canonical base64. */
function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null;
}
