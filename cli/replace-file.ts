// Atomic replacement of a file: readers see either the old or the new text, never a partial one.
import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * Writes `text` to a new file and renames it. Preserves the permissions of an existing file, and preserves a symbolic link. Writes directly to a
 * device or a pipe, e.g. /dev/stderr, because it cannot be replaced.
 *
 * @throws the system error with its `code`.
 */
export function replaceFile(file: string, text: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) {
    writeFileSync(file, text);
    return;
  }
  const target = stats ? realpathSync(file) : file;
  const draft = `${target}.${process.pid}.tmp`;
  // `wx`: a file created by another process is neither overwritten nor deleted.
  writeFileSync(draft, text, { flag: 'wx' });
  try {
    if (stats) chmodSync(draft, stats.mode);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
