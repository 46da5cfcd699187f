// Reads a file that the configuration names: completely, with a size limit, and only if it is a regular file.
import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

/** Far larger than any certificate, revocation list or htpasswd file. */
const maxInputBytes = 64 * 1024 * 1024;
/** Without O_NONBLOCK, a pipe that has no writer would block the process in `open`. */
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The path does not lead to a readable file. The message completes "cannot read FILE: ". */
class UnreadableInput extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Reads a regular file.
 *
 * @throws an error with a `code`, which `describeFileTrouble` turns into text.
 */
export function readInputFile(file: string, maxBytes = maxInputBytes): Buffer {
  const descriptor = openSync(file, openFlags);
  try {
    const stats = fstatSync(descriptor);
    assertRegular(stats);
    // The file may grow while it is read, which is revealed by reading one byte more than allowed.
    const limit = Math.min(stats.size, maxBytes) + 1;
    let bytes = Buffer.allocUnsafe(limit);
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, bytes, length, bytes.length - length, null);
      length += read;
      if (length > maxBytes)
        throw new UnreadableInput('TOO_LARGE', `it has more than ${maxBytes} bytes. Name the right file`);
      if (read === 0) return bytes.subarray(0, length);
      if (length === bytes.length) bytes = Buffer.concat([bytes, Buffer.allocUnsafe(bytes.length)]);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Throws as `readInputFile` does, for a file of any size that a source reads in pieces. */
export function assertRegularFile(file: string): void {
  assertRegular(statSync(file));
}

/** Returns a digest; equal contents have equal digests. */
export function digestOfContent(content: Uint8Array): string {
  return hash('sha256', content, 'base64');
}

function assertRegular(stats: Stats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw new UnreadableInput('EISDIR', 'it is a directory. Name a file in it');
  if (stats.isFIFO()) {
    throw new UnreadableInput('NOT_REGULAR', 'it is a pipe, which can be read only once. Write its content to a file');
  }
  throw new UnreadableInput('NOT_REGULAR', 'it is a device or a socket. Name a regular file');
}

const noFile = 'there is no such file. Correct the path, or create the file';
const noPermission = 'this user has no permission. Grant read access to the user that runs this command';

const words: Readonly<Record<string, string>> = {
  ENOENT: noFile,
  ENOTDIR: noFile,
  EACCES: noPermission,
  EPERM: noPermission,
  ELOOP: 'its symbolic links form a loop. Correct them',
  ENAMETOOLONG: 'its name is too long. Correct the path',
  // Error code of `open` for a socket.
  ENXIO: 'it is a device or a socket. Name a regular file',
};

/** Returns why a file could not be read, and what to do: "there is no such file. Correct the path, or …". */
export function describeFileTrouble(error: unknown): string {
  if (error instanceof UnreadableInput) return error.message;
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  return words[code] ?? `reading failed${code === '' ? '' : ` (${code})`}`;
}
