// Owns writing a file in one step: whoever reads it sees the old text or the new one, never a part.
import { chmodSync, realpathSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs';

function findStats(file: string): Stats | null {
  return statSync(file, { throwIfNoEntry: false }) ?? null;
}

/**
 * Writes `text` beside the file and moves it there; an existing file keeps its permissions, a symbolic link its place. A device
 * or a pipe, e.g. /dev/stderr, is written to: it can't be replaced.
 *
 * @throws the error of the system, with its `code`.
 */
export function replaceFile(file: string, text: string): void {
  const stats = findStats(file);
  if (stats && !stats.isFile()) {
    writeFileSync(file, text);
    return;
  }
  const target = stats ? realpathSync(file) : file;
  const draft = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, text, { flag: 'wx' });
    if (stats) chmodSync(draft, stats.mode);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
