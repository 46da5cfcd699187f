// Reads an SQLite file that other programs write: a private copy of one committed state, renewed when the file changes.
import { closeSync, constants, copyFileSync, openSync, readSync, statSync } from 'node:fs';
import { SourceError } from '../user-source.ts';

/** The current state of the file. */
export interface FileState {
  /** Differs if the file was replaced or modified. */
  readonly signature: string;
  /** Why the file cannot be copied at this moment; `null`: it can. */
  readonly busy: string | null;
}

const headerBytes = 100;
const magic = 'SQLite format 3\0';
const retryMs = 20;

/**
 * Examines the file, its header and its journal. The change counter of the header (https://sqlite.org/fileformat2.html, 1.3.7) reveals a commit that
 * is too recent for the timestamps of the file system.
 *
 * @throws {SourceError} 'unavailable' if the file cannot be read or is in WAL mode; 'bad-answer' if it is not an SQLite file.
 */
export function readFileState(path: string): FileState {
  try {
    const found = statSync(path, { bigint: true });
    const header = readHead(path, headerBytes);
    const signature = [found.dev, found.ino, found.size, found.mtimeNs, header.toString('hex', 24, 28)].join(':');
    if (header.length === 0) return { signature, busy: 'is empty' };
    if (header.toString('latin1', 0, magic.length) !== magic)
      throw new SourceError('bad-answer', `${path} is not an SQLite file.`);
    if (header[18] === 2 || header[19] === 2) {
      throw new SourceError(
        'unavailable',
        `${path} is in WAL mode: its newest commits may be in another file. Write it with PRAGMA journal_mode = DELETE, or serve a copy made by VACUUM INTO.`,
      );
    }
    return {
      signature,
      busy: hasHotJournal(path) ? 'is being written to, or its writer crashed; see its -journal file' : null,
    };
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError('unavailable', `${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/**
 * Copies one committed state of the file. Blocks its thread, so it must run in a worker.
 *
 * @returns the signature of the copied state.
 * @throws {SourceError} 'unavailable' if a writer does not finish within `waitMs`; otherwise as `readFileState` does.
 */
export function copyCommittedState(path: string, copy: string, waitMs: number): string {
  const endMs = Date.now() + waitMs;
  for (;;) {
    const before = readFileState(path);
    if (before.busy === null) {
      copyOrFail(path, copy);
      const after = readFileState(path);
      if (after.busy === null && after.signature === before.signature) return before.signature;
    }
    if (Date.now() >= endMs) {
      throw new SourceError(
        'unavailable',
        `${path} ${before.busy ?? 'kept changing'} (waited for lockTimeoutMs, ${waitMs} ms).`,
      );
    }
    sleep(retryMs);
  }
}

function copyOrFail(path: string, copy: string): void {
  try {
    copyFileSync(path, copy, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw new SourceError(
      'unavailable',
      `${path} cannot be copied to ${copy} (${(error as NodeJS.ErrnoException).code}). Check this file, and the space in the temporary directory.`,
    );
  }
}

/**
 * Returns whether the database has the journal of an unfinished transaction. A journal with a non-zero first byte belongs to an unfinished
 * transaction (https://sqlite.org/fileformat2.html, 3).
 */
function hasHotJournal(path: string): boolean {
  try {
    return (readHead(`${path}-journal`, 1)[0] ?? 0) !== 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function readHead(path: string, length: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, 0));
  } finally {
    closeSync(file);
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
