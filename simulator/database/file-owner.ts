// Lock of the store: one process at a time, released when the process is killed.
import { linkSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseError } from './database-error.ts';

interface Owner {
  readonly host: string;
  readonly pid: number;
  /** Start time of the process in the system's own units; distinguishes the process from a later one with the same number. */
  readonly began: string | null;
}

/**
 * Locks `file` for this process with a file `FILE.owner` in the same directory. @returns a function that releases the lock.
 *
 * @throws {DatabaseError} `in-use` if another live process, a process on another machine, or an unknown process holds the lock; `unusable` if the
 * lock file cannot be written.
 */
export function takeFile(file: string): () => void {
  const ownerFile = `${file}.owner`;
  const text = JSON.stringify({ host: hostname(), pid: process.pid, began: findBeginning(process.pid) });
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(ownerFile, text, { flag: 'wx' });
      break;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST')
        throw new DatabaseError(
          'unusable',
          `${file} cannot be locked: ${ownerFile} cannot be written (${code}). Check the permissions of its directory and the free disk space.`,
        );
      if (attempt > 3) throw inUse(file, ownerFile, 'another process');
      removeDeadOwner(file, ownerFile);
    }
  }
  // The driver's lock is a directory that remains when its process is killed. At this point, no other process can hold the lock.
  try {
    rmdirSync(`${file}.lock`);
  } catch {
    // There is none.
  }
  return () => rmSync(ownerFile, { force: true });
}

function removeDeadOwner(file: string, ownerFile: string): void {
  const text = readOrNull(ownerFile);
  if (text === null) return;
  const owner = parseOwner(text);
  if (owner === null || owner.host !== hostname())
    throw inUse(file, ownerFile, 'an unknown process, or a process on another machine');
  if (isAlive(owner)) throw inUse(file, ownerFile, `the process ${owner.pid}`);
  // The file is renamed first, so that only one of two processes obtains the lock if both find the same dead owner.
  const aside = `${ownerFile}.${process.pid}`;
  try {
    renameSync(ownerFile, aside);
    if (readOrNull(aside) !== text) linkSync(aside, ownerFile);
  } catch {
    // The other process was faster; the next attempt will find its lock file.
  }
  rmSync(aside, { force: true });
}

function inUse(file: string, ownerFile: string, who: string): DatabaseError {
  return new DatabaseError(
    'in-use',
    `${file} is in use by ${who}. Wait until that process exits. If it no longer exists, delete ${ownerFile}.`,
  );
}

function parseOwner(text: string): Owner | null {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return null;
  }
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function isAlive({ pid, began }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const found = findBeginning(pid);
  return began === null || found === null || found === began;
}

/** Returns field 22 of /proc/PID/stat on Linux, found after the name in parentheses, which may contain any character; null elsewhere. */
function findBeginning(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
