// Reads the texts to which settings refer: files, and secrets in a file or an environment variable.
import { readFileSync } from 'node:fs';

/** A reference to a secret; exactly one of the two is set. */
export interface SecretReference {
  readonly env: string | undefined;
  readonly file: string | undefined;
}

/** @returns null, with an additional error, if it cannot be read. */
export function readReferencedFile(file: string, option: string, faults: string[]): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    faults.push(`${option}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
    return null;
  }
}

/**
 * Reads a secret without its final line break. @param option name of the option that refers to the file. @returns null, with an additional error, if
 * it cannot be read.
 */
export function readSecret({ env, file }: SecretReference, option: string, faults: string[]): string | null {
  if (file !== undefined) return readReferencedFile(file, option, faults)?.replace(/\r?\n$/, '') ?? null;
  const secret = process.env[env ?? ''];
  if (secret === undefined) faults.push(`The environment variable ${env} is not set.`);
  return secret ?? null;
}
