// Forwards the workers' output: whole lines, and no more than the reader takes.
import type { Readable, Writable } from 'node:stream';

/** As of the log of one process: when nobody reads, lines are lost from here on, and the server does not grow until it dies. */
const maxWaitingBytes = 32 * 1024 * 1024;
/** What is longer is no line of ours, and is handed on in parts. */
const maxLineLength = 1024 * 1024;

/** Whole lines, since several processes that write into one pipe would cut each other's. */
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
