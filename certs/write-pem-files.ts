// Writes PEM files that only their owner can read, and replaces existing files only with `force`.
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CertificateError } from './certificate-error.ts';

/** A file to write. */
export interface PemFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Throws if one of the paths already exists, as a file, a directory, or a broken link.
 *
 * @throws {CertificateError} that names all of them and `--force`.
 */
export async function assertFilesAreNew(paths: readonly string[]): Promise<void> {
  const found: string[] = [];
  for (const path of paths) if (await exists(path)) found.push(path);
  if (found.length > 0) {
    throw new CertificateError(
      `${found.join(', ')} ${found.length === 1 ? 'exists' : 'exist'} already, so nothing was written. ` +
        'Choose another directory, or replace the files with --force.',
    );
  }
}

/**
 * Writes the files with mode 0600, and creates missing directories with mode 0700; existing directories keep their mode. With `force`, an existing
 * file is replaced atomically, so that a reader sees either the old or the new content. Without `force`, an existing file is an error, even if it was
 * created just before.
 *
 * @throws {CertificateError} if a directory cannot be created or a file cannot be written.
 */
export async function writePemFiles(files: readonly PemFile[], force: boolean): Promise<void> {
  for (const { path, text } of files) {
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await (force ? replaceFile(path, text) : writeNewFile(path, text));
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      throw new CertificateError(`${path} cannot be written (${cause}). Choose a directory that you can write to.`, {
        cause: error,
      });
    }
  }
}

/** Returns whether anything exists at this path. A symbolic link counts even if its target does not exist. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    // ENOTDIR: a part of the path is a file; writing reports the error.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

async function writeNewFile(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'wx', mode: 0o600 });
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await writeNewFile(draft, text);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
