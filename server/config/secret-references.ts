// Resolves references to secrets: `${env:NAME}` and `${file:PATH}`.
import { resolve } from 'node:path';
import { Secret } from '../../schemas/secret.ts';
import { describeFileTrouble, digestOfContent, readInputFile } from './read-input-file.ts';

const referencePattern = /^\$\{(env|file):([^}]+)\}$/;

/** Finds a reference in the wrong place: references are allowed only as values of secrets. */
export const referenceAnywhere = /\$\{(env|file):/;

/** A larger file is not a secret, but a different file named by mistake. */
const maxSecretBytes = 65_536;

/** Context in which references are resolved. */
export interface ReferenceContext {
  readonly environment: NodeJS.ProcessEnv;
  /** Directory from which relative paths are resolved. */
  readonly baseDirectory: string;
  /** Receives the digest of the content of each file that is read, by its path. */
  readonly contentDigests: Map<string, string>;
}

/** The reference cannot be resolved. The message names the variable or file, but never contains its content. */
export class ReferenceFault extends Error {}

/**
 * Resolves the value of a secret option: a reference, or (only for a password's hash) the value itself.
 *
 * @param option name of an option with a literal secret, so that it is printed as `[passwordHash]`.
 * @throws {ReferenceFault} for a variable that is unset or empty, or a file that is missing, empty, not UTF-8 or larger than 64 KiB.
 */
export function resolveSecret(text: string, option: string, context: ReferenceContext): Secret {
  const { environment, baseDirectory, contentDigests } = context;
  const [, kind, name = ''] = referencePattern.exec(text) ?? [];
  if (kind === 'env') {
    const value = environment[name];
    if (value) return new Secret(value, text);
    throw new ReferenceFault(`the environment variable ${name} is ${value === undefined ? 'not set' : 'empty'}`);
  }
  if (kind === 'file') {
    const path = resolve(baseDirectory, name);
    const bytes = readSecretBytes(name, path);
    contentDigests.set(path, digestOfContent(bytes));
    return new Secret(decodeSecret(name, bytes), text, path);
  }
  return new Secret(text, `[${option}]`);
}

function readSecretBytes(name: string, path: string): Buffer {
  try {
    return readInputFile(path, maxSecretBytes);
  } catch (error) {
    throw new ReferenceFault(`cannot read the file ${name}: ${describeFileTrouble(error)}`);
  }
}

/** Returns the text without its final line break. */
function decodeSecret(name: string, bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ReferenceFault(`the file ${name} is not UTF-8. Save it as UTF-8`);
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw new ReferenceFault(`the file ${name} is empty. Write the secret into it`);
  return secret;
}
