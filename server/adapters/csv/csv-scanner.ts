// Scanner of rows in UTF-8 bytes (RFC 4180): start and end of each field, and the rule that a row violates.
import { csvRules } from './csv-faults.ts';

/** Result of a scan. */
export const scanned = {
  /** A row: its fields are in `starts`, `ends`, `marks`. */
  row: 0,
  /** The bytes end within a row: read more, and scan again from `next`. */
  more: 1,
  /** No row is left. */
  end: 2,
  /** A rule is violated: `faultLine`, `faultRule`. The rest of the line at `next` must be skipped. */
  fault: 3,
} as const;

/** Flags of a field, as bits. */
export const fieldMark = {
  /** It contains doubled quotes, each of which represents one quote. */
  doubledQuotes: 1,
  /** It may contain bytes that JSON escapes. */
  escapes: 2,
} as const;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

const plain = 0;
const special = 1;
const stop = 2;

export class CsvScanner {
  /** Positions of the last row. */
  fieldCount = 0;
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly marks: number[] = [];
  /** The line on which the last row began. */
  rowLine = 1;
  /** Position to continue. */
  next = 0;
  /** Line number at `next`; a caller that skips bytes has to update it. */
  line = 1;
  faultLine = 0;
  faultRule = '';
  readonly #delimiter: number;
  readonly #quote: number;
  /** Meaning of a byte outside and inside of quotes: none, a JSON escape, or the end of the run. */
  readonly #outside = new Uint8Array(256);
  readonly #inside = new Uint8Array(256);

  /** Both are ASCII codes. */
  constructor(delimiter: number, quote: number) {
    this.#delimiter = delimiter;
    this.#quote = quote;
    for (const classes of [this.#outside, this.#inside]) {
      classes.fill(special, 0, 0x20);
      classes[0x22] = special;
      classes[0x5c] = special;
      classes[quote] = stop;
    }
    for (const byte of [delimiter, lineFeed, carriageReturn]) this.#outside[byte] = stop;
  }

  /**
   * Scans the row that begins at `from`, after the empty lines there.
   *
   * @param isLast nothing follows `bytes[to - 1]` in the file.
   */
  scan(bytes: Uint8Array, from: number, to: number, isLast: boolean): number {
    const outside = this.#outside;
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    let at = from;
    // Empty lines are not rows.
    for (;;) {
      this.next = at;
      if (at === to) return isLast ? scanned.end : scanned.more;
      const byte = bytes[at];
      if (byte === carriageReturn) {
        if (at + 1 === to && !isLast) return scanned.more;
        if (bytes[at + 1] !== lineFeed || at + 1 === to) return this.#fail(at, this.line, csvRules.loneCarriageReturn);
        at++;
      } else if (byte !== lineFeed) break;
      at++;
      this.line++;
    }
    let line = this.line;
    let fields = 0;
    for (;;) {
      let mark = 0;
      if (at < to && bytes[at] === quote) {
        const openedAt = at;
        const openedLine = line;
        const inside = this.#inside;
        at++;
        this.starts[fields] = at;
        for (;;) {
          while (at < to) {
            const byte = bytes[at] as number;
            const kind = inside[byte];
            if (kind !== plain) {
              if (kind === stop) break;
              mark |= fieldMark.escapes;
              if (byte === lineFeed) line++;
            }
            at++;
          }
          if (at === to) {
            if (!isLast) return scanned.more;
            return this.#fail(openedAt, openedLine, csvRules.quoteNotClosed);
          }
          if (at + 1 === to && !isLast) return scanned.more;
          if (at + 1 === to || bytes[at + 1] !== quote) break;
          mark |= fieldMark.doubledQuotes | fieldMark.escapes;
          at += 2;
        }
        this.ends[fields] = at;
        at++;
      } else {
        this.starts[fields] = at;
        while (at < to) {
          const kind = outside[bytes[at] as number];
          if (kind !== plain) {
            if (kind === stop) break;
            mark |= fieldMark.escapes;
          }
          at++;
        }
        this.ends[fields] = at;
        if (at < to && bytes[at] === quote) return this.#fail(at, line, csvRules.quoteInField);
      }
      this.marks[fields] = mark;
      fields++;
      if (at === to) {
        if (!isLast) return scanned.more;
        return this.#finish(fields, at, line);
      }
      const byte = bytes[at];
      if (byte === delimiter) {
        at++;
        continue;
      }
      if (byte === lineFeed) return this.#finish(fields, at + 1, line + 1);
      if (byte !== carriageReturn) return this.#fail(at, line, csvRules.textAfterQuote);
      if (at + 1 === to && !isLast) return scanned.more;
      if (at + 1 === to || bytes[at + 1] !== lineFeed) return this.#fail(at, line, csvRules.loneCarriageReturn);
      return this.#finish(fields, at + 2, line + 1);
    }
  }

  #finish(fieldCount: number, next: number, nextLine: number): number {
    this.fieldCount = fieldCount;
    this.rowLine = this.line;
    this.next = next;
    this.line = nextLine;
    return scanned.row;
  }

  /** After an unterminated quote, reading cannot continue; the caller recognizes this by the rule. */
  #fail(at: number, line: number, rule: string): number {
    this.next = at;
    this.line = line;
    this.faultLine = line;
    this.faultRule = rule;
    return scanned.fault;
  }
}
