// Contents of a PEM file (RFC 7468): certificates, private keys and CRLs, in the order of the file.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { X509Crl } from '@peculiar/x509';
import { CertificateError } from './certificate-error.ts';

/** Name of a file, for messages, and its bytes. */
export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What was found; `position` counts the blocks of the file, starting with 1. */
export interface Found<Value> {
  readonly file: string;
  readonly position: number;
  readonly value: Value;
}

/** Combined content of the files. */
export interface PemContents {
  readonly certificates: ReadonlyArray<Found<X509Certificate>>;
  /** `null`: the key is encrypted. */
  readonly keys: ReadonlyArray<Found<KeyObject | null>>;
  readonly revocationLists: ReadonlyArray<Found<X509Crl>>;
}

const anyBlock = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n[\s\S]*?-----END \1-----/g;
const anyBegin = /-----BEGIN [A-Z0-9 ]+-----/g;

/**
 * Reads PEM files. Text around the blocks is ignored, as in RFC 7468 section 2, and so are blocks of other kinds.
 *
 * @throws {CertificateError} for a file that is not PEM, is truncated, or contains an unreadable block.
 */
export function readPem(files: readonly GivenFile[]): PemContents {
  const certificates: Found<X509Certificate>[] = [];
  const keys: Found<KeyObject | null>[] = [];
  const revocationLists: Found<X509Crl>[] = [];
  for (const file of files) {
    const blocks = splitBlocks(file);
    for (const [index, { label, text }] of blocks.entries()) {
      const at = { file: file.name, position: index + 1 };
      if (label === 'CERTIFICATE')
        certificates.push({ ...at, value: parse(at, label, () => new X509Certificate(text)) });
      else if (label === 'X509 CRL') revocationLists.push({ ...at, value: parse(at, label, () => new X509Crl(text)) });
      else if (label.endsWith('PRIVATE KEY')) keys.push({ ...at, value: parse(at, label, () => readKey(label, text)) });
    }
  }
  return { certificates, keys, revocationLists };
}

function splitBlocks({ name, bytes }: GivenFile): { label: string; text: string }[] {
  const text = Buffer.from(bytes).toString('latin1');
  const blocks = [...text.matchAll(anyBlock)].map(([block, label = '']) => ({ label, text: block }));
  const begins = text.match(anyBegin)?.length ?? 0;
  if (begins > blocks.length) throw new CertificateError(`${name} is truncated: a PEM block has no matching END line.`);
  if (blocks.length === 0) {
    // DER begins with a SEQUENCE whose length takes two more bytes.
    const fix =
      bytes[0] === 0x30 && bytes[1] === 0x82
        ? 'The file looks like DER. Convert it: openssl x509 -inform der -in'
        : null;
    throw new CertificateError(
      `${name} is not PEM: it has no BEGIN line. ${fix ? `${fix} ${name}` : 'Specify a PEM file.'}`,
    );
  }
  return blocks;
}

function readKey(label: string, text: string): KeyObject | null {
  // PKCS #8 indicates encryption in the label, and OpenSSL's older format in a header (RFC 1421 section 4.6.1.1).
  if (label.startsWith('ENCRYPTED') || text.includes('Proc-Type: 4,ENCRYPTED')) return null;
  return createPrivateKey(text);
}

function parse<Value>(at: { file: string; position: number }, label: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new CertificateError(
      `${at.file}: block ${at.position}, ${label}, cannot be read: it is damaged or of an unknown kind.`,
      {
        cause: error,
      },
    );
  }
}
