// Reads a client certificate from the header of a proxy, in the three forms that proxies write.
import { splitOutsideQuotes } from '../http/quoted-lists.ts';

export type ForwardedFormat = 'nginx' | 'envoy' | 'rfc9440';

/** Certificates in DER form: the client's, and what the proxy sent of its chain. */
export interface ForwardedCertificate {
  readonly certificate: Buffer;
  readonly others: readonly Buffer[];
}

/** The header's usual name in each form. */
export const usualHeaders: Readonly<Record<ForwardedFormat, string>> = {
  nginx: 'ssl-client-cert',
  envoy: 'x-forwarded-client-cert',
  rfc9440: 'client-cert',
};

/** A chain of more is not worth following. */
const maxCertificates = 10;

/**
 * @param chainHeader RFC 9440's second header; `undefined`: it was not sent.
 * @returns `none`: the header says that the client had no certificate; `malformed`: it can't be read without doubt.
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

/** nginx's `$ssl_client_escaped_cert`, and whoever else writes percent-encoded PEM. */
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
 * Envoy's `x-forwarded-client-cert`: elements parted by commas, of pairs parted by semicolons; a value may be quoted. One element is
 * taken only: of several, all but the last were written by somebody else than the proxy that is named.
 */
function fromEnvoy(text: string): ForwardedCertificate | 'none' | 'malformed' {
  if (splitOutsideQuotes(text, ',').length > 1) return 'malformed';
  const values = new Map<string, string>();
  for (const pair of splitOutsideQuotes(text, ';')) {
    const sign = pair.indexOf('=');
    const name = pair.slice(0, sign).trim().toLowerCase();
    if (sign < 0) return 'malformed';
    // A certificate can have many of the other names.
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
  // A hash alone proves nothing to us: there is no certificate to validate.
  if (!cert && !chain) return hash ? 'malformed' : 'none';
  const own = cert ? fromEscapedPem(cert) : null;
  const all = chain ? fromEscapedPem(chain) : null;
  if (own === 'malformed' || all === 'malformed') return 'malformed';
  const certificate = own?.certificate ?? all?.certificate;
  if (!certificate) return 'malformed';
  return { certificate, others: all ? [all.certificate, ...all.others] : [] };
}

/** RFC 9440, 2: `Client-Cert` is a byte sequence of RFC 8941 (3.3.5), `Client-Cert-Chain` a list of them. */
function fromByteSequences(text: string, chain: string | undefined): ForwardedCertificate | 'none' | 'malformed' {
  // What a proxy writes that puts colons around nothing.
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

/** `null`: empty, or not what an encoder would have written. */
function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null;
}
