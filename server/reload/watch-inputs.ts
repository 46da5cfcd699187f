// Watches the files from which a server is created, and triggers a reload when their contents differ.
import type { ReloadConfig } from '../../schemas/generated/loaded-server-config.ts';
import { type ChangeHint, type FileWatcher, watchFiles } from '../adapters/file-watcher.ts';

/** The component that reloads the server. */
export interface FollowsInputs {
  /** Returns the `reload` section of the configuration in use. */
  settings(): ReloadConfig;
  inputs(): readonly string[];
  /** Reloads when the files have changed; with `retry`, also when the last attempt failed because a source was down. */
  reloadIfChanged(retry: boolean): Promise<void>;
}

export interface InputsWatcher extends FileWatcher {
  /** Watches the files that the configuration names now. */
  renew(): void;
}

/** Watches the files of the newest configuration that could be read, if the configuration in use sets `reload.watch`. */
export function watchInputs(reloader: FollowsInputs): InputsWatcher {
  let watcher: FileWatcher | null = null;
  let watched = '';
  let isClosed = false;

  function renew(): void {
    const { watch, pollSeconds } = reloader.settings();
    const files = watch ? reloader.inputs() : [];
    const wanted = JSON.stringify([pollSeconds, files]);
    if (isClosed || wanted === watched) return;
    watcher?.close();
    watched = wanted;
    const look = (hint: ChangeHint) => void reloader.reloadIfChanged(hint === 'poll');
    watcher = files.length > 0 ? watchFiles(files, pollSeconds, look) : null;
    // Detects changes that were made before this watch began.
    if (watcher !== null) look('event');
  }

  renew();
  return {
    renew,
    close() {
      isClosed = true;
      watcher?.close();
    },
  };
}
