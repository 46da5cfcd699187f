// Owns turning a reference to a secret, `${env:NAME}` or `${file:PATH}`, into the secret.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { Secret } from '../../schemas/secret.ts';
import { describeFileTrouble } from './file-trouble.ts';

const referencePattern = /^\$\{(env|file):([^}]+)\}$/;

/** A reference may stand nowhere else; this finds one that does. */
export const referenceAnywhere = /\$\{(env|file):/;

/** More is no secret but another file, named by mistake. */
const maxSecretBytes = 65_536;

/** Where references lead. */
export interface ReferenceContext {
  readonly environment: NodeJS.ProcessEnv;
  /** Folder that relative paths start from. */
  readonly baseDirectory: string;
}

/** The reference leads to nothing. The message names the variable or file, never a content. */
export class ReferenceFault extends Error {}

/**
 * Resolves the value of a secret option: a reference, or (a password's hash only) the thing itself.
 *
 * @param option names a secret that stands there itself, so that it prints as `[passwordHash]`.
 * @throws {ReferenceFault} for a variable that is unset or empty, a file that is missing, empty, no UTF-8 or above 64 KiB.
 */
export function resolveSecret(text: string, option: string, { environment, baseDirectory }: ReferenceContext): Secret {
  const [, kind, name = ''] = referencePattern.exec(text) ?? [];
  if (kind === 'env') {
    const value = environment[name];
    if (value) return new Secret(value, text);
    throw new ReferenceFault(`the environment variable ${name} is ${value === undefined ? 'not set' : 'empty'}`);
  }
  if (kind === 'file') {
    const path = resolve(baseDirectory, name);
    return new Secret(readSecretFile(name, path), text, path);
  }
  return new Secret(text, `[${option}]`);
}

/** The file's content without its last line break. */
function readSecretFile(name: string, path: string): string {
  let bytes: Buffer;
  try {
    bytes = readBounded(path);
  } catch (error) {
    if (error instanceof ReferenceFault) throw error;
    throw new ReferenceFault(`the file ${name} is not usable: ${describeFileTrouble(error)}`);
  }
  if (bytes.length > maxSecretBytes) {
    throw new ReferenceFault(`the file ${name} has more than ${maxSecretBytes} bytes, which is no secret`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ReferenceFault(`the file ${name} is not UTF-8`);
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw new ReferenceFault(`the file ${name} is empty`);
  return secret;
}

/** Reads one byte more than allowed at most: the path could lead to an endless device. */
function readBounded(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    if (fstatSync(file).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    const bytes = Buffer.alloc(maxSecretBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
