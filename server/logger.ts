// Owns the process's log: JSON lines by pino, buffered so that a request does not wait for the disk.
import { type Logger, pino } from 'pino';
import type { LoggingConfig } from '../schemas/generated/loaded-server-config.ts';

/** Lines are written when this many bytes are waiting, or at the next flush. */
const bufferBytes = 16_384;
const flushEveryMs = 500;

export interface ServerLog {
  readonly logger: Logger;
  /** Writes what is waiting and ends the log. Nothing is to be logged afterwards. */
  close(): Promise<void>;
}

/** @throws when the destination can't be opened. */
export async function openLog(config: Pick<LoggingConfig, 'level' | 'destination'>): Promise<ServerLog> {
  const stream = pino.destination({ dest: destinationOf(config.destination), sync: false, minLength: bufferBytes });
  if (typeof destinationOf(config.destination) === 'string') {
    await new Promise<void>((resolve, reject) => stream.once('ready', resolve).once('error', reject));
  }
  // A full disk or a closed pipe must not end the server.
  stream.on('error', () => undefined);
  const timer = setInterval(() => stream.flush(), flushEveryMs).unref();
  const logger = pino(
    { level: config.level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: nameOnly } },
    stream,
  );
  return {
    logger,
    async close() {
      clearInterval(timer);
      await new Promise<void>((resolve) => stream.flush(() => resolve()));
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
