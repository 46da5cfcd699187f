// Reads rows with the library csv-parse, and adapts its behavior to ours.
//
// Differences and their handling:
// - It stops at the first error. Here, reading continues with the next line, where csv-parse is started again.
// - It counts a CRLF inside quotes as two lines. Here, lines are counted from its byte offsets.
// - It interprets a lone CR as a line break or as text, depending on its options. Here, it ends a row, and such a row is an error.
// - It interprets a NUL after a closing quote as the end of the input. A text with a NUL never reaches this reader (see csv-text.ts).
// - Its messages quote the field. Our messages name the line and the rule.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { csvRules, type FaultList } from '../csv-faults.ts';

export interface CsvDialect {
  /** One ASCII character each. */
  readonly delimiter: string;
  readonly quote: string;
}

/** Amount of text that is parsed before the event loop gets its turn. */
const sliceBytes = 1 << 16;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Position where reading was interrupted, thrown through the parser. `resumesAt` -1: reading cannot continue. */
class BrokenOff extends Error {
  readonly resumesAt: number;

  constructor(resumesAt: number) {
    super('reading was interrupted');
    this.resumesAt = resumesAt;
  }
}

/**
 * Reads rows until the text ends, `onRow` returns `false`, or the list of errors is full.
 *
 * @param text UTF-8 without a byte order mark and without NUL.
 * @param onRow receives each row's fields and the line on which it begins, and returns whether to continue.
 */
export async function readRowsWithCsvParse(
  text: Buffer,
  dialect: CsvDialect,
  faults: FaultList,
  onRow: (fields: string[], line: number) => boolean,
): Promise<void> {
  const quote = dialect.quote.charCodeAt(0);
  const delimiter = dialect.delimiter.charCodeAt(0);
  /** The end of the last row, and its line. */
  let at = 0;
  let line = 1;
  let hasRow = false;

  function advanceTo(offset: number): void {
    for (let next = text.indexOf(lineFeed, at); next >= 0 && next < offset; next = text.indexOf(lineFeed, next + 1))
      line++;
    at = offset;
  }

  /**
   * Reports an error at an offset that was reached; continues after the end of its line. Without the first row, which defines the columns, reading
   * cannot continue.
   */
  function breakOff(rule: string): BrokenOff {
    faults.add(line, rule);
    const lineEnd = text.indexOf(lineFeed, at);
    return new BrokenOff(lineEnd < 0 || !hasRow ? -1 : lineEnd + 1);
  }

  /** Skips empty lines, which are not rows; csv-parse skips them silently. */
  function skipEmptyLines(): void {
    for (;;) {
      if (text[at] === lineFeed) advanceTo(at + 1);
      else if (text[at] === carriageReturn) {
        if (text[at + 1] !== lineFeed) throw breakOff(csvRules.loneCarriageReturn);
        advanceTo(at + 2);
      } else return;
    }
  }

  function takeRecord(fields: string[], end: number): void {
    skipEmptyLines();
    const rowLine = line;
    if (text[end - 1] === carriageReturn) {
      advanceTo(end - 1);
      throw breakOff(csvRules.loneCarriageReturn);
    }
    advanceTo(end);
    hasRow = true;
    if (!onRow(fields, rowLine) || faults.isFull()) throw new BrokenOff(-1);
  }

  /** Finds the error that csv-parse reports, starting at the end of the last field that it could read. */
  function locateFault(lastFieldEnd: number): BrokenOff {
    try {
      skipEmptyLines();
    } catch (error) {
      return error as BrokenOff;
    }
    let fieldStart = Math.max(at, lastFieldEnd);
    if (text[fieldStart] === delimiter) fieldStart++;
    advanceTo(fieldStart);
    if (text[fieldStart] !== quote) return breakOff(csvRules.quoteInField);
    for (let from = fieldStart + 1; ; ) {
      const found = text.indexOf(quote, from);
      if (found < 0) {
        faults.add(line, csvRules.quoteNotClosed);
        return new BrokenOff(-1);
      }
      if (text[found + 1] !== quote) {
        advanceTo(found + 1);
        return breakOff(csvRules.textAfterQuote);
      }
      from = found + 2;
    }
  }

  async function readFrom(start: number): Promise<BrokenOff> {
    const parser = parse({
      delimiter: dialect.delimiter,
      quote: dialect.quote,
      escape: dialect.quote,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      on_record(record: string[], { bytes }) {
        takeRecord(record, start + bytes);
        return null;
      },
    });
    try {
      await pipeline(Readable.from(slicesOf(text, start)), parser, discard);
      skipEmptyLines();
    } catch (error) {
      if (error instanceof BrokenOff) return error;
      if (error instanceof CsvError) return locateFault(start + (error as CsvError & { bytes: number }).bytes);
      throw error;
    }
    return new BrokenOff(-1);
  }

  for (let start = 0; start >= 0 && !faults.isFull(); ) {
    const { resumesAt } = await readFrom(start);
    if (resumesAt >= 0) advanceTo(resumesAt);
    start = resumesAt;
  }
}

async function* slicesOf(text: Buffer, start: number): AsyncGenerator<Buffer> {
  for (let from = start; from < text.length; from += sliceBytes) {
    yield text.subarray(from, from + sliceBytes);
    await setImmediate();
  }
}

/** Drains the stream; `on_record` stores every row itself. */
async function discard(rows: AsyncIterable<unknown>): Promise<void> {
  for await (const _row of rows);
}
