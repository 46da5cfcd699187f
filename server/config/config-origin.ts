// Where a configuration comes from, and how it is read again: a file, or a pipe that can be read only once.
import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from './config-error.ts';
import { type ConfigReading, decodeConfig, maxConfigBytes, readConfig, readConfigText } from './read-config.ts';

/** How a running server reads its configuration again. */
export interface ConfigOrigin {
  /** The configuration's file; `null`: it cannot be read again. */
  readonly file: string | null;
  /** @throws {ConfigError} with every error. */
  read(): ConfigReading;
}

/** Time within which the writer of the pipe has to finish. */
const pipePatienceMs = 30_000;
const pipePauseMs = 10;

/**
 * Opens the configuration given to a command. A pipe, such as the shell's `<(…)`, is read completely at once. A reload then rereads the files that
 * the configuration names, but not the configuration itself. Relative paths in a pipe are relative to the working directory.
 *
 * @throws {ConfigError} when a pipe contains too many bytes or is not UTF-8, or its writer does not finish within 30 seconds.
 */
export async function openConfigOrigin(file: string, environment: NodeJS.ProcessEnv): Promise<ConfigOrigin> {
  if (!isPipe(file)) return { file, read: () => readConfig(file, environment) };
  const text = decodeConfig(await readPipe(file), file);
  const context = { fileName: file, baseDirectory: process.cwd(), environment };
  return { file: null, read: () => readConfigText(text, context) };
}

function isPipe(file: string): boolean {
  try {
    return statSync(file).isFIFO();
  } catch {
    // The reason is reported when the file is read.
    return false;
  }
}

/** Reads a pipe without blocking, so that a signal ends the wait for a writer. */
async function readPipe(file: string): Promise<Buffer> {
  const refuse = (message: string) => new ConfigError([{ file, line: 0, column: 0, path: '', message }]);
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.allocUnsafe(maxConfigBytes + 1);
    let length = 0;
    for (const endsAtMs = performance.now() + pipePatienceMs; performance.now() < endsAtMs; ) {
      const read = readAvailable(descriptor, bytes, length);
      length += read ?? 0;
      if (length > maxConfigBytes) throw refuse(`the pipe has more than ${maxConfigBytes} bytes. Name the right file`);
      // No bytes so far: the writer has not opened the pipe yet.
      if (read === 0 && length > 0) return Buffer.from(bytes.subarray(0, length));
      if (read === null || read === 0) await delay(pipePauseMs);
    }
    const what = length === 0 ? 'nothing was written to the pipe' : 'the writer did not close the pipe';
    throw refuse(`${what} within ${pipePatienceMs / 1000} seconds. Check the command that writes to it, or use a file`);
  } finally {
    closeSync(descriptor);
  }
}

/** Returns 0 when no writer has the pipe open, and `null` when a writer has opened it but no data is available yet. */
function readAvailable(descriptor: number, bytes: Buffer, offset: number): number | null {
  try {
    return readSync(descriptor, bytes, offset, bytes.length - offset, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null;
    throw error;
  }
}
