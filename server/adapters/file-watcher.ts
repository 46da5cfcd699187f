// Detects that files may have changed: watches their directories, and polls.
import { type FSWatcher, realpathSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** What made us look: `event`, something happened in a directory; `poll`, it was time. */
export type ChangeHint = 'event' | 'poll';

export interface FileWatcher {
  close(): void;
}

/** Writers write in pieces: a look is taken when the files have been quiet for this long. */
const quietMs = 150;

/**
 * Calls `onHint` when one of the files may have changed. Most hints are false: compare.
 *
 * Folders are watched and not files, because writers replace files by renaming, and Kubernetes swaps the symlink
 * `..data` beside them. Node's own `watch` is enough for that: a directory, not a tree, where each event means only "look", so
 * that what chokidar adds (trees, kinds of events, atomic writes put together) would go unused. Network and some container
 * mounts send no events; the poll covers these.
 */
export function watchFiles(
  paths: readonly string[],
  pollSeconds: number,
  onHint: (hint: ChangeHint) => void,
): FileWatcher {
  let quietTimer: NodeJS.Timeout | undefined;
  function onEvent(isOfFile: boolean): void {
    // What goes on around the files does not put the look off.
    if (!isOfFile && quietTimer !== undefined) return;
    clearTimeout(quietTimer);
    quietTimer = setTimeout(() => {
      quietTimer = undefined;
      look('event');
    }, quietMs).unref();
  }
  function look(hint: ChangeHint): void {
    // A directory may have been replaced, and a symlink may lead to another file.
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
 * `renew` watches the directory that has the name now: it may have been replaced itself. Of other files only what they are called matters: a log
 * beside the configuration is written to with each request.
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
      // For example, the directory is gone or cannot be read, or no watches are left. The poll continues and tries again.
      close();
    }
  }

  renew();
  return { renew, close };
}

/** Those of the files, and of what symlinks lead to: it is written to under its own name. */
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
