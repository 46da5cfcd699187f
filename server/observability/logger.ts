// Log of the process: JSON lines by pino, buffered so that a request does not wait for the disk, and flushed when the process ends.
import { openSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import type { LoggingConfig } from '../../schemas/generated/loaded-server-config.ts';

/** Lines are written when this many bytes are waiting, or at the next flush, because a write costs as much as hundreds of lines. */
const bulkBytes = 131_072;
/** Maximum size of one write to the system. */
const maxWriteBytes = 2 * bulkBytes;
/**
 * Lines rendered per batch; rendering one batch takes a few dozen microseconds. Smaller batches would cost a new connection 3% (`npm run bench --
 * connections`). Larger ones would be visible in the p99 of few connections (`npm run bench -- scaling`).
 */
const bulkItems = 16;
/** Maximum loss when the process is killed. A flush at full load writes hundreds of lines at once. */
const flushWithinMs = 20;
/** When the log is not read, lines beyond this limit are lost, because memory must not grow without bound. */
const maxWaitingBytes = 32 * 1024 * 1024;

export interface ServerLog {
  readonly logger: Logger;
  /**
   * Creates a writer of lines at level `info`. `render` returns a line of JSON that ends in a line break. It is called later, for many items in a
   * row, because rendering then takes a third of the time that it takes between requests. Lines stay in the order in which they were logged.
   */
  createWriter<T>(render: (item: T) => string): (item: T) => void;
  setLevel(level: LoggingConfig['level']): void;
  /**
   * Reopens a file that was renamed; earlier lines still go to the old one. If the path cannot be opened, the old file stays in
   * use, and a line about the failure is logged.
   */
  reopen(): void;
  /** Writes the waiting lines before it returns, for a process that is about to exit; lines that cannot be written are lost. */
  flushSync(): void;
  /** Writes the waiting lines and ends the log. Later log lines are lost. */
  close(): Promise<void>;
}

/** Open logs of this process; a server has one. */
const openLogs = new Set<ServerLog>();
let flushesAtExit = false;

function flushAtExit(log: ServerLog): void {
  openLogs.add(log);
  if (flushesAtExit) return;
  flushesAtExit = true;
  process.on('exit', () => {
    for (const open of openLogs) open.flushSync();
  });
}

/**
 * Writes the error that stops the process to the log, as one line with its stack.
 *
 * @param origin origin of Node's `uncaughtException` event.
 * @returns false when no log is open.
 */
export function logFatalError(error: unknown, origin: NodeJS.UncaughtExceptionOrigin): boolean {
  const stack = error instanceof Error ? error.stack : String(error);
  for (const log of openLogs) {
    log.logger.fatal({ origin, stack }, 'internal error: the process exits; please report it');
    log.flushSync();
  }
  return openLogs.size > 0;
}

/** Opens the log. @throws when the destination cannot be opened. */
export async function openLog(config: Pick<LoggingConfig, 'level' | 'destination'>): Promise<ServerLog> {
  const isFile = config.destination !== 'stdout' && config.destination !== 'stderr';
  let stream = streamTo(openDestination(config.destination));
  /** Resolves when the previously opened files are closed. */
  let oldOnesClosed: Promise<unknown> = Promise.resolve();
  // The stream's own bookkeeping costs more than a line, so the stream receives many lines at once. They are passed as bytes. A string of hundreds of
  // lines consists of thousands of pieces, which garbage collection traverses as long as they wait (`npm run bench -- http`).
  const kept = Buffer.allocUnsafeSlow(maxWriteBytes);
  let keptBytes = 0;
  let flushing: NodeJS.Timeout | null = null;
  function flushSoon(): void {
    flushing ??= setTimeout(() => {
      flushing = null;
      writeLines();
      stream.flush();
    }, flushWithinMs).unref();
  }
  function keep(lines: string): void {
    flushSoon();
    if (keptBytes + maxBytesOf(lines) > kept.length) writeKept();
    if (maxBytesOf(lines) > kept.length) handOver(stream, Buffer.from(lines));
    else keptBytes += kept.write(lines, keptBytes, 'utf8');
    if (keptBytes >= bulkBytes) writeKept();
  }
  function writeKept(): void {
    if (keptBytes > 0) handOver(stream, Buffer.from(kept.subarray(0, keptBytes)));
    keptBytes = 0;
  }
  const renderers: Array<() => void> = [];
  function renderAll(): void {
    for (const renderWaiting of renderers) renderWaiting();
  }
  function write(line: string): void {
    renderAll();
    keep(line);
  }
  function writeLines(): void {
    renderAll();
    writeKept();
  }
  const logger = pino(
    { level: config.level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: nameOnly } },
    { write },
  );
  let infoIsOn = logger.isLevelEnabled('info');
  const log: ServerLog = {
    logger,
    createWriter<T>(render: (item: T) => string) {
      let waiting: T[] = [];
      const renderWaiting = () => {
        let lines = '';
        for (const item of waiting) lines += render(item);
        waiting = [];
        keep(lines);
      };
      renderers.push(renderWaiting);
      return (item: T) => {
        if (!infoIsOn) return;
        if (waiting.push(item) === bulkItems) queueMicrotask(renderAll);
        flushSoon();
      };
    },
    setLevel(level) {
      logger.level = level;
      infoIsOn = logger.isLevelEnabled('info');
    },
    reopen() {
      if (!isFile) return;
      let opened: number;
      try {
        opened = openDestination(config.destination);
      } catch (error) {
        logger.error({ reason: (error as Error).message }, 'the log cannot be reopened; lines go to the old file');
        return;
      }
      writeLines();
      oldOnesClosed = Promise.all([oldOnesClosed, closeFile(stream)]);
      stream = streamTo(opened);
    },
    flushSync() {
      try {
        writeLines();
        stream.flushSync();
      } catch {
        // A full disk or a closed pipe does not prevent the exit.
      }
    },
    async close() {
      openLogs.delete(log);
      writeLines();
      if (flushing !== null) clearTimeout(flushing);
      // A request that was cut at the deadline may still end later, when the log is already closed.
      logger.level = 'silent';
      infoIsOn = false;
      await oldOnesClosed;
      if (isFile) await closeFile(stream);
      else await flush(stream);
    },
  };
  flushAtExit(log);
  return log;
}

/** Returns the maximum length in UTF-8, where a UTF-16 code unit takes at most three bytes. */
function maxBytesOf(text: string): number {
  return 3 * text.length;
}

type LogStream = ReturnType<typeof pino.destination>;

function streamTo(dest: number): LogStream {
  const stream = pino.destination({
    dest,
    sync: false,
    contentMode: 'buffer',
    minLength: bulkBytes,
    maxWrite: maxWriteBytes,
    maxLength: maxWaitingBytes,
  });
  // A full disk or a closed pipe must not end the server.
  return stream.on('error', () => undefined);
}

/** Passes bytes to the stream, whose types allow only strings, regardless of the `contentMode`. */
function handOver(stream: LogStream, bytes: Buffer): void {
  stream.write(bytes as unknown as string);
}

/**
 * Writes all waiting lines, unless a write fails. A flush writes at most one chunk. One flush does not prove that no line is waiting: it may wait
 * only for the current write, which may be empty. The function therefore flushes at least twice.
 */
async function flush(stream: LogStream): Promise<void> {
  let written: number;
  const count = (bytes: number) => {
    written += bytes;
  };
  stream.on('write', count);
  let flushes = 0;
  do {
    written = 0;
    flushes++;
    await new Promise<void>((resolve) => stream.flush(() => resolve()));
  } while (written > 0 || flushes < 2);
  stream.off('write', count);
}

async function closeFile(stream: LogStream): Promise<void> {
  await flush(stream);
  // Does not call end(), which on a full disk would retry forever to write what the flush could not write.
  await new Promise<void>((resolve) => {
    stream.once('close', () => resolve());
    stream.destroy();
  });
}

function nameOnly(label: string): { level: string } {
  return { level: label };
}

/** Returns a file descriptor; with a path that cannot be opened, the stream would prevent the process from exiting. */
function openDestination(name: string): number {
  if (name === 'stdout') return 1;
  if (name === 'stderr') return 2;
  return openSync(name, 'a');
}
