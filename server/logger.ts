// Owns the process's log: JSON lines by pino, buffered so that a request does not wait for the disk.
import { openSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import type { LoggingConfig } from '../schemas/generated/loaded-server-config.ts';

/** Lines are written when this many bytes are waiting, or at the next flush. Below what pino writes at once, 16 KiB. */
const bufferBytes = 14_336;
const flushEveryMs = 500;
/** When nobody reads the log, lines are lost from here on: the server must not grow until it dies. */
const maxWaitingBytes = 32 * 1024 * 1024;

export interface ServerLog {
  readonly logger: Logger;
  /** Writes a line that is JSON already, at level `info`. */
  writeLine(line: string): void;
  /** Writes what is waiting and ends the log. What is logged afterwards is lost. */
  close(): Promise<void>;
}

/** @throws when the destination can't be opened. */
export async function openLog(config: Pick<LoggingConfig, 'level' | 'destination'>): Promise<ServerLog> {
  const dest = openDestination(config.destination);
  const stream = pino.destination({ dest, sync: false, minLength: bufferBytes, maxLength: maxWaitingBytes });
  // A full disk or a closed pipe must not end the server.
  stream.on('error', () => undefined);
  // The stream's own bookkeeping costs more than a line, so it gets many lines at once.
  let lines = '';
  function writeLines(): void {
    if (lines !== '') stream.write(lines);
    lines = '';
  }
  function write(line: string): void {
    lines += line;
    if (lines.length >= bufferBytes) writeLines();
  }
  const timer = setInterval(() => {
    writeLines();
    stream.flush();
  }, flushEveryMs).unref();
  const logger = pino(
    { level: config.level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: nameOnly } },
    { write },
  );
  let infoIsOn = logger.isLevelEnabled('info');
  return {
    logger,
    writeLine(line) {
      if (infoIsOn) write(line);
    },
    async close() {
      clearInterval(timer);
      writeLines();
      // A request that was cut at the deadline may be answered later still, with nowhere to log it.
      logger.level = 'silent';
      infoIsOn = false;
      await new Promise<void>((resolve) => stream.flush(() => resolve()));
      if (dest === 1 || dest === 2) return;
      // Not end(): on a full disk it would try for ever to write what the flush could not.
      await new Promise<void>((resolve) => {
        stream.once('close', () => resolve());
        stream.destroy();
      });
    },
  };
}

function nameOnly(label: string): { level: string } {
  return { level: label };
}

/** @returns a file descriptor. The stream is given no path: one that can't be opened would break the process's exit. */
function openDestination(name: string): number {
  if (name === 'stdout') return 1;
  if (name === 'stderr') return 2;
  return openSync(name, 'a');
}
