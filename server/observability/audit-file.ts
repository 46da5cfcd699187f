// The file of the audit trail. Lines are appended in order, with one write per turn, and kept in memory while the file cannot be written.
import { close as closeFile, openSync, fdatasync as syncFile, write as writeFile } from 'node:fs';
import { promisify } from 'node:util';

const closeFd = promisify(closeFile);
const syncFd = promisify(syncFile);
const writeFd = promisify(writeFile);

export interface AuditFile {
  /** Queues a line. Lines are kept while the file cannot be written, but are lost if too many are waiting. */
  append(line: string): void;
  /**
   * Writes a line for which a response waits.
   *
   * @returns true when the operating system has accepted the line; false when it has not, and the line is dropped.
   */
  commit(line: string): Promise<boolean>;
  /**
   * Reopens the path after the file was renamed. If this fails, it is retried every second; until it succeeds, lines go to the old file.
   */
  reopen(): void;
  /** Returns why the latest write failed, e.g. "ENOSPC"; `null` when it succeeded. */
  trouble(): string | null;
  /** Returns why the latest attempt to reopen the path failed; `null` when it succeeded, or there was none. */
  reopenTrouble(): string | null;
  /** Returns the number of lines that were lost. */
  lost(): number;
  /** Writes the waiting lines, or drops them at the first failure, and closes. */
  close(): Promise<void>;
}

export interface AuditFileOptions {
  /** Whether each write is followed by fdatasync(2). */
  readonly fsync: boolean;
  /** Called with the number of lines that were just lost. */
  readonly onLost: (lines: number) => void;
  /** Called with the reason when writing begins to fail, and with `null` when it succeeds again. */
  readonly onTrouble: (reason: string | null) => void;
}

interface Line {
  readonly text: string;
  /** Called when it is known whether the operating system has accepted the line; `null`: no response waits for it. */
  readonly settle: ((accepted: boolean) => void) | null;
}

/** Lines kept while the file cannot be written: several hundred thousand. */
const maxWaitingBytes = 64 * 1024 * 1024;
const retryMs = 1000;

/** @throws Node's error when the file cannot be opened. */
export function openAuditFile(path: string, { fsync, onLost, onTrouble }: AuditFileOptions): AuditFile {
  let fd = openToAppend(path);
  let waiting: Line[] = [];
  let waitingBytes = 0;
  /** Bytes of the first waiting line that an incomplete write has put into the file. */
  let tornBytes = 0;
  let isWriting = false;
  let isClosed = false;
  let trouble: string | null = null;
  let reopenTrouble: string | null = null;
  let lost = 0;
  let retry: NodeJS.Timeout | null = null;
  let reopenRetry: NodeJS.Timeout | null = null;
  const idle: Array<() => void> = [];

  function lose(lines: number): void {
    lost += lines;
    onLost(lines);
  }

  function setTrouble(reason: string | null): void {
    const changes = (reason === null) !== (trouble === null);
    trouble = reason;
    if (changes) onTrouble(reason);
  }

  function enqueue(line: Line): void {
    waitingBytes += line.text.length;
    // The write begins after all lines of this turn have arrived.
    if (waiting.push(line) === 1 && retry === null) setImmediate(() => void write());
  }

  /** Writes all lines that have arrived in the meantime; only one write runs at a time. */
  async function write(): Promise<void> {
    if (isWriting) return;
    isWriting = true;
    while (waiting.length > 0 && (await writeWaiting()));
    isWriting = false;
    for (const settle of idle.splice(0)) settle();
  }

  /** @returns false when the write failed; another one is then scheduled. */
  async function writeWaiting(): Promise<boolean> {
    const target = fd;
    const lines = waiting;
    waiting = [];
    waitingBytes = 0;
    const bytes = Buffer.from(lines.map(({ text }) => text).join(''));
    let done = tornBytes;
    tornBytes = 0;
    try {
      // A write may be incomplete, e.g. on an almost full disk.
      while (done < bytes.length) done += (await writeFd(target, bytes, done)).bytesWritten;
      if (fsync) await syncFd(target);
    } catch (error) {
      setTrouble((error as NodeJS.ErrnoException).code ?? String(error));
      if (!isClosed) retry ??= setTimeout(tryAgain, retryMs).unref();
      const isSynced = !fsync;
      keepUnwritten([...lines, ...waiting], done, isSynced);
      // The beginning of a torn line is in the renamed file, so the complete line goes to the new file.
      if (target !== fd) tornBytes = 0;
      return false;
    }
    for (const { settle } of lines) settle?.(true);
    setTrouble(null);
    return true;
  }

  /**
   * Keeps unwritten lines, except those that a response is waiting for: that response is replaced by an error.
   *
   * @param done bytes of the lines that have been written. A partly written line is completed by the next write.
   */
  function keepUnwritten(lines: readonly Line[], done: number, isSynced: boolean): void {
    waiting = [];
    waitingBytes = 0;
    let end = 0;
    for (const line of lines) {
      const start = end;
      end += Buffer.byteLength(line.text);
      const isTorn = start < done && done < end;
      line.settle?.(end <= done && isSynced);
      if (end <= done || (line.settle !== null && !isTorn)) continue;
      if (isTorn) tornBytes = done - start;
      waiting.push({ text: line.text, settle: null });
      waitingBytes += line.text.length;
    }
  }

  function tryAgain(): void {
    retry = null;
    // The next line shows whether the file can be written.
    if (waiting.length === 0) setTrouble(null);
    else void write();
  }

  function reopen(): void {
    if (reopenRetry !== null) clearTimeout(reopenRetry);
    reopenRetry = null;
    let opened: number;
    try {
      opened = openToAppend(path);
    } catch (error) {
      reopenTrouble = (error as NodeJS.ErrnoException).code ?? String(error);
      if (!isClosed) reopenRetry = setTimeout(reopen, retryMs).unref();
      return;
    }
    reopenTrouble = null;
    const old = fd;
    fd = opened;
    if (!isWriting) tornBytes = 0;
    // A write in progress still uses the old file.
    void becomesIdle().then(() => closeFd(old).catch(() => undefined));
    if (retry !== null) clearTimeout(retry);
    tryAgain();
  }

  const becomesIdle = () => new Promise<void>((resolve) => (isWriting ? idle.push(resolve) : resolve()));
  const isFull = (line: string) => waitingBytes + line.length > maxWaitingBytes;

  return {
    append(line) {
      if (isClosed || isFull(line)) lose(1);
      else enqueue({ text: line, settle: null });
    },
    commit(line) {
      if (isClosed || isFull(line) || trouble !== null) return Promise.resolve(false);
      return new Promise((settle) => enqueue({ text: line, settle }));
    },
    reopen,
    trouble: () => trouble,
    reopenTrouble: () => reopenTrouble,
    lost: () => lost,
    async close() {
      isClosed = true;
      if (retry !== null) clearTimeout(retry);
      if (reopenRetry !== null) clearTimeout(reopenRetry);
      await becomesIdle();
      await write();
      await becomesIdle();
      if (waiting.length > 0) lose(waiting.length);
      await closeFd(fd);
    },
  };
}

/** Opens a file that its group can read, for a log collector. */
function openToAppend(path: string): number {
  return openSync(path, 'a', 0o640);
}
