// Detects that files may have changed: watches their directories, and polls.
import { type FSWatcher, realpathSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Reason for a comparison: `event`: something happened in a directory; `poll`: the interval has passed. */
export type ChangeHint = 'event' | 'poll';

export interface FileWatcher {
  close(): void;
}

/** Programs write files in pieces, so files are compared only after nothing has happened for this long. */
const quietMs = 150;

/**
 * Calls `onHint` if one of the files may have changed. Most hints are false, so the caller has to compare the files.
 *
 * Directories are watched instead of files, because writers replace files by renaming, and Kubernetes swaps the symlink `..data` beside them. Node's
 * own `watch` is sufficient for a directory whose events only trigger comparisons. The additional features of chokidar (trees, kinds of events,
 * combined atomic writes) would be unused. Network file systems and some container mounts send no events; polling covers these.
 */
export function watchFiles(
  paths: readonly string[],
  pollSeconds: number,
  onHint: (hint: ChangeHint) => void,
): FileWatcher {
  let quietTimer: NodeJS.Timeout | undefined;
  function onEvent(isOfFile: boolean): void {
    // Other activity in the directory does not delay the comparison.
    if (!isOfFile && quietTimer !== undefined) return;
    clearTimeout(quietTimer);
    quietTimer = setTimeout(() => {
      quietTimer = undefined;
      look('event');
    }, quietMs).unref();
  }
  function look(hint: ChangeHint): void {
    // A directory may have been replaced, and a symlink may have another target.
    for (const directory of directories) directory.renew();
    onHint(hint);
  }
  const directories = [...new Set(paths.map((path) => dirname(path)))].map((directory) =>
    watchDirectory(
      directory,
      paths.filter((path) => dirname(path) === directory),
      onEvent,
    ),
  );
  const pollTimer = setInterval(() => look('poll'), pollSeconds * 1000).unref();

  return {
    close() {
      clearTimeout(quietTimer);
      clearInterval(pollTimer);
      for (const directory of directories) directory.close();
    },
  };
}

/**
 * Watches a directory; `renew` watches the directory that now has this name, because the original may have been replaced. Changes to the content of
 * other files are ignored: a log beside the configuration is written with each request.
 */
function watchDirectory(
  directory: string,
  paths: readonly string[],
  onEvent: (isOfFile: boolean) => void,
): { renew(): void; close(): void } {
  let watcher: FSWatcher | null = null;
  let watchedInode = 0n;
  let names: ReadonlySet<string> = new Set();

  function close(): void {
    watcher?.close();
    watcher = null;
  }

  function onChange(event: string, name: string | null): void {
    const isOfFile = name === null || names.has(name);
    if (event === 'change' && !isOfFile) return;
    onEvent(isOfFile);
  }

  function renew(): void {
    try {
      names = namesOf(paths);
      const inode = statSync(directory, { bigint: true }).ino;
      if (watcher !== null && inode === watchedInode) return;
      close();
      watchedInode = inode;
      watcher = watch(directory, { persistent: false }, onChange).on('error', close);
    } catch {
      // For example, the directory is missing or inaccessible, or no watches are left. Polling continues, and each poll tries to watch again.
      close();
    }
  }

  renew();
  return { renew, close };
}

/** Returns the names of the files and of their symlinks' targets, because targets are written under their own names. */
function namesOf(paths: readonly string[]): ReadonlySet<string> {
  return new Set(paths.flatMap((path) => [basename(path), basename(realPathOf(path))]));
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
