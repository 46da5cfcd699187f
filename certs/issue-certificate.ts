// Issues one certificate: its key, its usages, and the issuer's signature.
import { createPrivateKey, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  Name,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { generate } from 'selfsigned';
import type { AlternativeNames } from './alternative-names.ts';
import { CertificateError } from './certificate-error.ts';

/** A certificate and its private key, both PEM; the key is PKCS #8 and not encrypted. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** `ec`: P-256. `rsa`: 2,048 bits, for peers that do not support elliptic curves. */
export type KeyType = 'ec' | 'rsa';

/** Content of a certificate. */
export interface CertificateRequest {
  /** Subject CN: 1 to 64 characters (the upper bound of RFC 5280 appendix A.1), no control characters. */
  readonly commonName: string;
  readonly use: CertificateUse;
  readonly keyType: KeyType;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Left out: none. */
  readonly alternativeNames?: AlternativeNames;
}

/** `ca` signs certificates and CRLs; the others carry the extended key usage serverAuth or clientAuth. */
type CertificateUse = 'ca' | 'server' | 'client';

type DraftOptions = NonNullable<Parameters<typeof generate>[1]>;
type DraftExtensions = NonNullable<DraftOptions['extensions']>;

/** Identifies the origin of a development certificate for people who find one. */
const organization = 'user-info-kit development';

/**
 * Creates a key pair and a certificate for it, signed with SHA-256 by `issuer`, or by its own key if `issuer` is `'self'`.
 *
 * selfsigned creates the key and the extensions. It does not set key identifiers, which RFC 5280 (4.2.1.1, 4.2.1.2) requires and `openssl verify
 * -x509_strict` enforces. It accepts a subject only as text without escapes. Its certificate is therefore a draft: @peculiar/x509 corrects both and
 * signs it again.
 *
 * @throws {CertificateError} for an invalid common name or an unusable issuer key.
 */
export async function issueCertificate(
  request: CertificateRequest,
  issuer: IssuedCertificate | 'self',
): Promise<IssuedCertificate> {
  assertCommonName(request.commonName);
  const draftPem = await generate([{ name: 'commonName', value: 'draft' }], {
    keyType: request.keyType,
    curve: 'P-256',
    keySize: 2048,
    algorithm: 'sha256',
    notBeforeDate: request.notBefore,
    notAfterDate: request.notAfter,
    extensions: draftExtensions(request),
  });
  const draft = new X509Certificate(draftPem.cert);
  const subject = new Name([{ O: [{ utf8String: organization }] }, { CN: [{ utf8String: request.commonName }] }]);
  const issuerCertificate = issuer === 'self' ? null : new X509Certificate(issuer.certificate);
  const signer = await importSigningKey(issuer === 'self' ? draftPem.private : issuer.key);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: draft.serialNumber,
    subject,
    issuer: issuerCertificate?.subjectName ?? subject,
    notBefore: draft.notBefore,
    notAfter: draft.notAfter,
    publicKey: draft.publicKey,
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    extensions: [
      ...draft.extensions,
      await SubjectKeyIdentifierExtension.create(draft.publicKey),
      await AuthorityKeyIdentifierExtension.create((issuerCertificate ?? draft).publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: draftPem.private };
}

/** Returns the key type of a CA, which all its certificates share. @throws {CertificateError} for keys other than P-256 and RSA. */
export function keyTypeOf(keyPem: string): KeyType {
  const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(keyPem);
  if (asymmetricKeyType === 'rsa') return 'rsa';
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ec';
  throw new CertificateError(
    'The CA key must be a P-256 or RSA key, but this key has another type. Create a CA with `user-info certs create`.',
  );
}

/** A private key with its signature algorithm for certificates and CRLs. */
export interface Signer {
  readonly key: webcrypto.CryptoKey;
  readonly algorithm: { readonly name: string; readonly hash: string };
}

/** Prepares a private key for signing with SHA-256. @throws {CertificateError} like `keyTypeOf`. */
export async function importSigningKey(keyPem: string): Promise<Signer> {
  const name = keyTypeOf(keyPem) === 'ec' ? 'ECDSA' : 'RSASSA-PKCS1-v1_5';
  const hash = 'SHA-256';
  const pkcs8 = createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' });
  const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, { name, namedCurve: 'P-256', hash }, false, ['sign']);
  return { key, algorithm: { name, hash } };
}

function draftExtensions({ use, keyType, alternativeNames }: CertificateRequest): DraftExtensions {
  if (use === 'ca') {
    return [
      // The CA issues to servers and clients only, never to another CA.
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ];
  }
  const extensions: DraftExtensions = [
    { name: 'basicConstraints', cA: false, critical: true },
    // Key encipherment is RSA's key exchange in TLS 1.2; elliptic curves do not use it (RFC 8422 sections 5.1 to 5.3).
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: keyType === 'rsa', critical: true },
    { name: 'extKeyUsage', serverAuth: use === 'server', clientAuth: use === 'client' },
  ];
  const altNames = subjectAltNames(alternativeNames);
  if (altNames.length > 0) extensions.push({ name: 'subjectAltName', altNames });
  return extensions;
}

function subjectAltNames(names: AlternativeNames | undefined) {
  return [
    ...(names?.email ?? []).map((value) => ({ type: 1 as const, value })),
    ...(names?.dns ?? []).map((value) => ({ type: 2 as const, value })),
    ...(names?.ip ?? []).map((ip) => ({ type: 7 as const, ip })),
  ];
}

function assertCommonName(name: string): void {
  // Code points are counted, as X.520 counts characters.
  const length = [...name].length;
  if (length === 0 || length > 64 || /\p{Cc}/u.test(name)) {
    throw new CertificateError(
      `A common name must have 1 to 64 characters, none of them a control character; this one has ${length} characters.`,
    );
  }
}
