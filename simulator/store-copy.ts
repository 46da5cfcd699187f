// The directory of a temporary copy of the store: beside the store, so that the next process deletes what a killed one left.
import { lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** One process at a time uses a store, so one directory is enough. */
function copyDirectoryOf(store: string): string {
  return `${resolve(store)}.temporary-copy`;
}

/** Makes the directory, which only its owner can read. @param store null: in memory. */
export function createCopyDirectory(store: string | null): string {
  if (store === null) return mkdtempSync(join(tmpdir(), 'simulator-copy-'));
  const directory = copyDirectoryOf(store);
  mkdirSync(directory, { mode: 0o700 });
  return directory;
}

/** Deletes a copy that a killed process left. The caller has the lock of the store. */
export function deleteLeftCopy(store: string): void {
  const directory = copyDirectoryOf(store);
  // A file of this name is not ours.
  const isDirectory = lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isDirectory) rmSync(directory, { recursive: true, force: true });
}
