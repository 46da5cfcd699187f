// Owns noticing that a file may have changed: its folder is watched, and it is polled besides.
import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** What made us look: `event`, something happened in the folder; `poll`, it was time. */
export type ChangeHint = 'event' | 'poll';

export interface FileWatcher {
  close(): void;
}

/** Writers write in pieces: a look is taken when the folder has been quiet for this long. */
const quietMs = 150;

/**
 * Calls `onHint` when the file at `path` may have changed. Most hints are false: compare.
 *
 * The folder is watched and not the file, because writers replace files by renaming, and Kubernetes swaps the symlink
 * `..data` beside it. Node's own `watch` is enough for that: a folder, not a tree, where each event means only "look", so
 * that what chokidar adds (trees, kinds of events, atomic writes put together) would go unused. Network and some container
 * mounts tell of nothing; the poll sees to these.
 */
export function watchFile(path: string, pollSeconds: number, onHint: (hint: ChangeHint) => void): FileWatcher {
  const folder = dirname(path);
  let watcher: FSWatcher | null = null;
  let watchedInode = 0n;
  let quietTimer: NodeJS.Timeout | undefined;

  function onEvent(): void {
    clearTimeout(quietTimer);
    quietTimer = setTimeout(() => onHint('event'), quietMs).unref();
  }

  /** Watches the folder that has the name now: it may have been replaced itself. */
  function watchFolder(): void {
    const inode = statSync(folder, { bigint: true, throwIfNoEntry: false })?.ino ?? 0n;
    if (watcher !== null && inode === watchedInode) return;
    watcher?.close();
    watcher = null;
    watchedInode = inode;
    try {
      watcher = watch(folder, { persistent: false }, onEvent);
      // E.g. the folder is gone, or there are no watches left: the poll goes on, and tries again.
      watcher.on('error', () => {
        watcher?.close();
        watcher = null;
      });
    } catch {
      watcher = null;
    }
  }

  watchFolder();
  const pollTimer = setInterval(() => {
    watchFolder();
    onHint('poll');
  }, pollSeconds * 1000).unref();

  return {
    close() {
      clearTimeout(quietTimer);
      clearInterval(pollTimer);
      watcher?.close();
      watcher = null;
    },
  };
}
