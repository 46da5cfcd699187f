// Forwards the workers' output: complete lines, and no more than the reader accepts.
import type { Readable, Writable } from 'node:stream';

/** When the output is not read, lines beyond this limit are lost, as in the log of one process. Otherwise, memory would grow without bound. */
const maxWaitingBytes = 32 * 1024 * 1024;
/** A longer line cannot be a line of a worker's log, so it is forwarded in parts. */
const maxLineLength = 1024 * 1024;

/** Forwards complete lines, since several processes that write to one pipe would split each other's lines. */
export function relayLines(from: Readable | null, to: Writable): void {
  let rest = '';
  const write = (text: string) => {
    if (to.writableLength < maxWaitingBytes) to.write(text);
  };
  from?.setEncoding('utf8').on('data', (part: string) => {
    const text = rest + part;
    const end = text.length > maxLineLength ? text.length : text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    if (end > 0) write(text.slice(0, end));
  });
  from?.on('end', () => {
    if (rest !== '') write(`${rest}\n`);
  });
}
