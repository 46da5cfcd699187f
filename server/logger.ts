// Owns the process's log: JSON lines by pino, buffered so that a request does not wait for the disk.
import { once } from 'node:events';
import { type Logger, pino } from 'pino';
import type { LoggingConfig } from '../schemas/generated/loaded-server-config.ts';

/** Lines are written when this many bytes are waiting, or at the next flush. */
const bufferBytes = 8192;
const flushEveryMs = 500;

export interface ServerLog {
  readonly logger: Logger;
  /** Writes a line that is JSON already, at level `info`. */
  writeLine(line: string): void;
  /** Writes what is waiting and ends the log. What is logged afterwards is lost. */
  close(): Promise<void>;
}

/** @throws when the destination can't be opened. */
export async function openLog(config: Pick<LoggingConfig, 'level' | 'destination'>): Promise<ServerLog> {
  const destination = destinationOf(config.destination);
  const stream = pino.destination({ dest: destination, sync: false, minLength: bufferBytes });
  if (typeof destination === 'string') {
    await new Promise<void>((resolve, reject) => stream.once('ready', resolve).once('error', reject));
  }
  // A full disk or a closed pipe must not end the server.
  stream.on('error', () => undefined);
  const timer = setInterval(() => stream.flush(), flushEveryMs).unref();
  const logger = pino(
    { level: config.level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: nameOnly } },
    stream,
  );
  let infoIsOn = logger.isLevelEnabled('info');
  return {
    logger,
    writeLine(line) {
      if (infoIsOn) stream.write(line);
    },
    async close() {
      clearInterval(timer);
      // A request that was cut at the deadline may be answered later still, with nowhere to log it.
      logger.level = 'silent';
      infoIsOn = false;
      await new Promise<void>((resolve) => stream.flush(() => resolve()));
      if (typeof destination !== 'string') return;
      stream.end();
      await once(stream, 'close');
    },
  };
}

function nameOnly(label: string): { level: string } {
  return { level: label };
}

function destinationOf(name: string): number | string {
  if (name === 'stdout') return 1;
  if (name === 'stderr') return 2;
  return name;
}
