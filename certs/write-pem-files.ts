// Writes PEM files that only their owner can read, and never overwrites an existing file.
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
 * Throws when one of the files is already there, in any shape: a file, a folder, a link that leads nowhere.
 *
 * @throws {CertificateError} that names all of them and `--force`.
 */
export async function assertFilesAreNew(paths: readonly string[]): Promise<void> {
  const found: string[] = [];
  for (const path of paths) if (await exists(path)) found.push(path);
  if (found.length > 0) {
    throw new CertificateError(
      `${found.join(', ')} ${found.length === 1 ? 'is' : 'are'} already there, so nothing was written. ` +
        'Choose another directory, or replace the files with --force.',
    );
  }
}

/**
 * Writes the files with mode 0600, and makes the folders that are missing with mode 0700; a folder that is there keeps its mode.
 * With `force` a file that is there is replaced as a whole, so that a reader sees the old one or the new one; without, it is an
 * error even if it came a moment ago.
 *
 * @throws {CertificateError} when a folder can't be made or a file can't be written.
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

/** Is there anything at this path? A link counts, wherever it leads. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    // ENOTDIR: a part of the path is a file; writing will say so.
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
