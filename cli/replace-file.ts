// Atomic replacement of a file: readers see the old text or the new one, never a part.
import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * Writes `text` beside the file and renames it; an existing file keeps its permissions, and a symbolic link is kept. A device or a pipe, e.g.
 * /dev/stderr, is written to directly, because it cannot be replaced.
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
