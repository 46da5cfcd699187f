// Data that is read from a file and kept: reloaded when the file changes, never replaced by unusable data.
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChangeHint, watchFiles } from './file-watcher.ts';
import { type AdapterLog, SourceError } from './user-source.ts';

/** Result of reading a file. `digest` covers the file's bytes. */
export type LoadOutcome<Data> =
  | { readonly kind: 'loaded'; readonly digest: string; readonly loaded: Data }
  /** The digest shows that the bytes are already known. */
  | { readonly kind: 'unchanged'; readonly digest: string }
  /** The file was modified while it was read, so the result is discarded. */
  | { readonly kind: 'changing' }
  | RefusedFile
  /** `code` is Node's, e.g. "ENOENT". */
  | { readonly kind: 'unreadable'; readonly code: string };

/** The file is invalid. Neither of the two texts quotes the file. */
export interface RefusedFile {
  readonly kind: 'refused';
  readonly digest: string;
  /** For readiness, one line: "the file is invalid: line 3: …". */
  readonly reason: string;
  /** For the log and the startup, with each error: "it has errors:\nline 3: …". */
  readonly report: string;
}

/** Options of a kept file. */
export interface FileToKeep<Data> {
  /** Prefix of log messages, e.g. "csv". */
  readonly kind: string;
  readonly path: string;
  /** Interval at which the content is compared if no change was detected. */
  readonly pollSeconds: number;
  /** Maximum decrease, in percent, of each size of the content when a new file is loaded; 100: no limit. */
  readonly maxShrinkPercent: number;
  /** Reads the file. `knownDigests`: bytes with one of these digests are `unchanged`. Errors that it throws are bugs. */
  load(knownDigests: readonly string[], signal: AbortSignal): Promise<LoadOutcome<Data>>;
  /** Returns the sizes of the content, by unit: `{ users: 3 }`. */
  sizesOf(data: Data): Readonly<Record<string, number>>;
}

export interface KeptFile<Data> {
  /** The data currently served. */
  readonly data: Data;
  /** Number of successful loads, starting with 1. */
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly loadedAtMs: number;
  /** Why newer data was rejected; `null`: the newest data is in use. */
  readonly staleReason: string | null;
  /** Stops watching; resolves when no read is in progress. */
  close(): Promise<void>;
}

const changingRetryMs = 300;
const changingRetriesAtStart = 20;

/**
 * Loads the file and keeps it loaded. An unusable file never replaces the data in use: `staleReason` contains the reason, until a valid one
 * arrives.
 *
 * @throws {SourceError} `unavailable`: the file cannot be read; `bad-answer`: it is invalid, and the message contains each error.
 */
export async function keepFile<Data>(file: FileToKeep<Data>, log: AdapterLog): Promise<KeptFile<Data>> {
  const { kind, path, maxShrinkPercent } = file;
  const fileName = basename(path);
  const closing = new AbortController();
  const first = await loadFirst(file, closing.signal);

  let digest = first.digest;
  let sizes = file.sizesOf(first.loaded);
  /** Digest of rejected bytes, so that a poll does not reject and report them again. */
  let refusedDigest: string | null = null;
  let lastSignature = first.signature;
  let wanted: ChangeHint | null = null;
  let reloading: Promise<void> | null = null;
  const kept = {
    data: first.loaded,
    generation: 1,
    loadedAtMs: Date.now(),
    staleReason: null as string | null,
    async close() {
      closing.abort();
      watcher.close();
      await reloading;
    },
  };
  log.info({ file: fileName, ...sizes }, `${kind}: loaded`);

  function refuse(reason: string, details: object): void {
    if (reason === kept.staleReason) return;
    kept.staleReason = reason;
    log.error({ file: fileName, ...details }, `${kind}: ${reason}; the current data remains in use`);
  }

  function accept(message: string): void {
    kept.staleReason = null;
    refusedDigest = null;
    log.info({ file: fileName, ...sizes, generation: kept.generation }, `${kind}: ${message}`);
  }

  function take(outcome: LoadOutcome<Data>): void {
    switch (outcome.kind) {
      case 'unchanged':
        if (outcome.digest === digest && kept.staleReason !== null) accept('the file again matches the data in use');
        break;
      case 'changing':
        // On most mounts an event follows when the writer has finished, but not on all of them.
        requestLater('poll');
        break;
      case 'unreadable':
        refuse(`the file cannot be read (${outcome.code})`, { code: outcome.code });
        break;
      case 'refused':
        refusedDigest = outcome.digest;
        refuse(outcome.reason, { faults: outcome.report });
        break;
      case 'loaded': {
        const found = file.sizesOf(outcome.loaded);
        const shrunk = Object.entries(found).find(
          ([counted, size]) => size * 100 < (sizes[counted] ?? 0) * (100 - maxShrinkPercent),
        );
        if (shrunk !== undefined) {
          const [counted, size] = shrunk;
          refusedDigest = outcome.digest;
          const counts = `${size} ${counted}, compared with ${sizes[counted]} in use`;
          refuse(`the file shrank by more than maxShrinkPercent (${maxShrinkPercent}): ${counts}`, { ...found });
          break;
        }
        digest = outcome.digest;
        sizes = found;
        kept.data = outcome.loaded;
        kept.generation += 1;
        kept.loadedAtMs = Date.now();
        accept('reloaded');
      }
    }
  }

  async function reload(hint: ChangeHint): Promise<void> {
    const signature = fileSignature(path);
    // Many events occur in a directory; a poll compares the content regardless of the signature.
    if (hint === 'event' && signature === lastSignature) return;
    lastSignature = signature;
    try {
      take(await loadRegular(file, [digest, ...(refusedDigest === null ? [] : [refusedDigest])], closing.signal));
    } catch (error) {
      if (!closing.signal.aborted) refuse('loading the file failed', { error: String(error) });
    }
    // The file was replaced while it was loaded. The pause prevents a file that changes continuously from being loaded continuously.
    if (fileSignature(path) !== signature) requestLater('event');
  }

  function requestLater(hint: ChangeHint): void {
    void delay(changingRetryMs, undefined, { ref: false }).then(() => requestReload(hint));
  }

  /** Requests a reload. Only one reload runs at a time; a request during a reload is executed after it. */
  function requestReload(hint: ChangeHint): void {
    if (closing.signal.aborted) return;
    wanted = wanted === 'poll' ? 'poll' : hint;
    reloading ??= (async () => {
      while (wanted !== null && !closing.signal.aborted) {
        const next = wanted;
        wanted = null;
        await reload(next);
      }
    })().finally(() => {
      reloading = null;
    });
  }

  const watcher = watchFiles([path], file.pollSeconds, requestReload);
  // The file may have been replaced during the load, before the watch began. Reloading it ensures that the newest version is served at startup.
  requestReload('event');
  await reloading;
  return kept;
}

/** Loads a regular file, and returns `unreadable` for any other file. A pipe would block the process, and a device has no end. */
async function loadRegular<Data>(
  { path, load }: FileToKeep<Data>,
  knownDigests: readonly string[],
  signal: AbortSignal,
): Promise<LoadOutcome<Data>> {
  const trouble = findFileTrouble(path);
  return trouble === null ? load(knownDigests, signal) : { kind: 'unreadable', code: trouble };
}

/** Returns `null` also for a file that cannot be examined: the load reports the reason. */
function findFileTrouble(path: string): string | null {
  try {
    const found = statSync(path);
    if (found.isFile()) return null;
    return found.isDirectory() ? 'EISDIR' : 'not a regular file';
  } catch {
    return null;
  }
}

/** Loads the file for the first time. `signature` is that of the file before loading. @throws {SourceError} as `keepFile` does. */
async function loadFirst<Data>(
  file: FileToKeep<Data>,
  signal: AbortSignal,
): Promise<{ readonly loaded: Data; readonly digest: string; readonly signature: string }> {
  const { path } = file;
  for (let retry = 0; retry < changingRetriesAtStart; retry++) {
    // Taken before the file is opened, because a later signature could belong to a newer file.
    const signature = fileSignature(path);
    const outcome = await loadRegular(file, [], signal).catch((error: unknown) => {
      throw new SourceError('unavailable', `Loading ${path} failed.`, { cause: error });
    });
    switch (outcome.kind) {
      case 'loaded':
        return { ...outcome, signature };
      case 'unreadable':
        throw new SourceError('unavailable', `${path} cannot be read (${outcome.code}).`);
      case 'refused':
        throw new SourceError('bad-answer', `${path} is rejected: ${outcome.report}`);
      default:
        await delay(changingRetryMs);
    }
  }
  throw new SourceError(
    'unavailable',
    `${path} keeps changing while it is being read. Write a new file, then rename it to this path.`,
  );
}

/**
 * Returns a text that changes with the file, as far as its file system shows. Follows symlinks. The load reports why the file cannot be examined (a
 * directory without permission, a missing mount).
 */
function fileSignature(path: string): string {
  try {
    const found = statSync(path, { bigint: true });
    return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
