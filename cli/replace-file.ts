// Replaces a file atomically: readers see the old text or the new one, never a part.
import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * Writes `text` beside the file and moves it there; an existing file keeps its permissions, a symbolic link its place. A device
 * or a pipe, e.g. /dev/stderr, is written to: it can't be replaced.
 *
 * @throws the error of the system, with its `code`.
 */
export function replaceFile(file: string, text: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) {
    writeFileSync(file, text);
    return;
  }
  const target = stats ? realpathSync(file) : file;
  const draft = `${target}.${process.pid}.tmp`;
  // `wx`: a file that somebody put there is neither written through nor taken away.
  writeFileSync(draft, text, { flag: 'wx' });
  try {
    if (stats) chmodSync(draft, stats.mode);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
