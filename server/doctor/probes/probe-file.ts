// Tests a data file: existence, permissions and age.
import { open } from 'node:fs/promises';
import { codeOf, count, doubtful, type Findings, fails, works } from './finding.ts';

const remedies: Readonly<Record<string, string>> = {
  ENOENT:
    'compare the path with the configuration; relative paths are resolved from the directory of the configuration',
  EACCES:
    'give the account of this program read permission for the file, and search permission for the directories above it',
  EISDIR: 'set the path to a file instead of a directory',
};

/** Tests whether a file can be read; its content is validated when the source loads it. */
export async function* probeFile(path: string): Findings {
  try {
    const file = await open(path, 'r');
    try {
      const { size, mtimeMs } = await file.stat();
      await file.read({ buffer: Buffer.alloc(1) });
      const minutes = Math.round((Date.now() - mtimeMs) / 60_000);
      const text = `${path} can be read: ${count(size, 'byte')}, written ${describeAge(minutes)}`;
      if (size === 0) yield fails('file', `${path} is empty`, 'write the file again; the source rejects an empty file');
      else if (minutes < -1)
        yield doubtful('file', text, 'use NTP to synchronize the clock of the machine that writes the file');
      else yield works('file', text);
      return size > 0;
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = codeOf(error);
    yield fails('file', `${path} cannot be read (${code})`, remedies[code] ?? 'check the path and the file system');
    return false;
  }
}

function describeAge(minutes: number): string {
  if (minutes < -1) return `${count(-minutes, 'minute')} in the future`;
  if (minutes < 120) return `${count(Math.max(minutes, 0), 'minute')} ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${count(hours, 'hour')} ago` : `${count(Math.round(hours / 24), 'day')} ago`;
}
