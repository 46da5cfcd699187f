// Owns noticing that files may have changed: their folders are watched, and they are polled besides.
import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** What made us look: `event`, something happened in a folder; `poll`, it was time. */
export type ChangeHint = 'event' | 'poll';

export interface FileWatcher {
  close(): void;
}

/** Writers write in pieces: a look is taken when the folders have been quiet for this long. */
const quietMs = 150;

/**
 * Calls `onHint` when one of the files may have changed. Most hints are false: compare.
 *
 * Folders are watched and not files, because writers replace files by renaming, and Kubernetes swaps the symlink
 * `..data` beside them. Node's own `watch` is enough for that: a folder, not a tree, where each event means only "look", so
 * that what chokidar adds (trees, kinds of events, atomic writes put together) would go unused. Network and some container
 * mounts tell of nothing; the poll sees to these.
 */
export function watchFiles(
  paths: readonly string[],
  pollSeconds: number,
  onHint: (hint: ChangeHint) => void,
): FileWatcher {
  let quietTimer: NodeJS.Timeout | undefined;
  function onEvent(): void {
    clearTimeout(quietTimer);
    quietTimer = setTimeout(() => onHint('event'), quietMs).unref();
  }
  const folders = [...new Set(paths.map((path) => dirname(path)))].map((folder) => watchFolder(folder, onEvent));
  const pollTimer = setInterval(() => {
    for (const folder of folders) folder.renew();
    onHint('poll');
  }, pollSeconds * 1000).unref();

  return {
    close() {
      clearTimeout(quietTimer);
      clearInterval(pollTimer);
      for (const folder of folders) folder.close();
    },
  };
}

/** `renew` watches the folder that has the name now: it may have been replaced itself. */
function watchFolder(folder: string, onEvent: () => void): { renew(): void; close(): void } {
  let watcher: FSWatcher | null = null;
  let watchedInode = 0n;

  function close(): void {
    watcher?.close();
    watcher = null;
  }

  function renew(): void {
    try {
      const inode = statSync(folder, { bigint: true }).ino;
      if (watcher !== null && inode === watchedInode) return;
      close();
      watchedInode = inode;
      watcher = watch(folder, { persistent: false }, onEvent).on('error', close);
    } catch {
      // E.g. the folder is gone or can't be looked at, or there are no watches left: the poll goes on, and tries again.
      close();
    }
  }

  renew();
  return { renew, close };
}
