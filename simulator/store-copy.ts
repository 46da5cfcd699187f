// Directory for temporary copies of the store: located next to the store, so that the next process can delete what a killed process left behind.
import { lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Returns the directory of a store's copies; one directory is sufficient, because only one process at a time uses a store. */
function copyDirectoryOf(store: string): string {
  return `${resolve(store)}.temporary-copy`;
}

/** Creates the directory, which only its owner can read. @param store null: in memory. */
export function createCopyDirectory(store: string | null): string {
  if (store === null) return mkdtempSync(join(tmpdir(), 'simulator-copy-'));
  const directory = copyDirectoryOf(store);
  mkdirSync(directory, { mode: 0o700 });
  return directory;
}

/** Deletes a copy that a killed process left behind. The caller holds the lock of the store. */
export function deleteLeftCopy(store: string): void {
  const directory = copyDirectoryOf(store);
  // A regular file with this name does not belong to the simulator.
  const isDirectory = lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isDirectory) rmSync(directory, { recursive: true, force: true });
}
