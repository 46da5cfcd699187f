// Owns the file of the audit trail: lines are appended in order, kept while it can't be written, and it is opened anew on demand.
import { close as closeFile, openSync, write as writeFile } from 'node:fs';
import { promisify } from 'node:util';

const closeFd = promisify(closeFile);
const writeFd = promisify(writeFile);

export interface AuditFile {
  append(line: string): void;
  /** Opens the path anew, for whoever has renamed the file. What can't be opened leaves the old one in use. */
  reopen(): void;
  /** Why the newest attempt to write failed, e.g. "ENOSPC"; `null`: it did not. */
  trouble(): string | null;
  /** Lines that were given up, since too many were waiting. */
  lost(): number;
  /** Writes what is waiting, or gives it up at the first failure, and closes. */
  close(): Promise<void>;
}

/** Kept while the file can't be written: some hundred thousand lines. */
const maxWaitingBytes = 64 * 1024 * 1024;
const retryMs = 1000;

/** @throws an Error of Node's when the file can't be opened. */
export function openAuditFile(path: string): AuditFile {
  let fd = openToAppend(path);
  let waiting: string[] = [];
  let waitingBytes = 0;
  /** What is left of what was taken for writing. */
  let rest: Buffer | null = null;
  let isWriting = false;
  let isClosed = false;
  let trouble: string | null = null;
  let lost = 0;
  let retry: NodeJS.Timeout | null = null;
  const idle: Array<() => void> = [];

  /** One write at a time takes all that has come meanwhile: a line costs what its bytes do, and none waits for a timer. */
  async function write(): Promise<void> {
    if (isWriting) return;
    isWriting = true;
    try {
      for (let bytes = next(); bytes !== null; bytes = next()) {
        rest = bytes;
        const { bytesWritten } = await writeFd(fd, bytes);
        rest = bytesWritten < bytes.length ? bytes.subarray(bytesWritten) : null;
        trouble = null;
      }
    } catch (error) {
      trouble = (error as NodeJS.ErrnoException).code ?? String(error);
      if (!isClosed) retry ??= setTimeout(tryAgain, retryMs).unref();
    }
    isWriting = false;
    for (const settle of idle.splice(0)) settle();
  }

  function next(): Buffer | null {
    if (rest !== null) return rest;
    if (waiting.length === 0) return null;
    const bytes = Buffer.from(waiting.join(''));
    waiting = [];
    waitingBytes = 0;
    return bytes;
  }

  function tryAgain(): void {
    retry = null;
    void write();
  }

  const becomesIdle = () => new Promise<void>((resolve) => (isWriting ? idle.push(resolve) : resolve()));

  return {
    append(line) {
      if (isClosed || waitingBytes + line.length > maxWaitingBytes) lost += 1;
      else {
        waitingBytes += line.length;
        // The rest of a turn's lines come before the write begins.
        if (waiting.push(line) === 1 && retry === null) setImmediate(() => void write());
      }
    },
    reopen() {
      let opened: number;
      try {
        opened = openToAppend(path);
      } catch (error) {
        trouble = (error as NodeJS.ErrnoException).code ?? String(error);
        return;
      }
      const old = fd;
      fd = opened;
      // A write that is under way has the old one still.
      void becomesIdle().then(() => closeFd(old).catch(() => undefined));
      if (retry !== null) clearTimeout(retry);
      tryAgain();
    },
    trouble: () => trouble,
    lost: () => lost,
    async close() {
      isClosed = true;
      if (retry !== null) clearTimeout(retry);
      await becomesIdle();
      await write();
      await becomesIdle();
      await closeFd(fd);
    },
  };
}

/** Readable for the group, for whoever collects it. */
function openToAppend(path: string): number {
  return openSync(path, 'a', 0o640);
}
