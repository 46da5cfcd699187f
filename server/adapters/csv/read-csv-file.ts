// Reads a CSV file row by row with our scanner, to its end or until there are too many errors; the types of the result.
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import type { LoadOutcome, RefusedFile } from '../kept-file.ts';
import { type CsvRoles, resolveColumns } from './csv-columns.ts';
import { type CsvFault, createFaultList, csvRules, type FaultList } from './csv-faults.ts';
import { CsvScanner, scanned } from './csv-scanner.ts';
import { type CsvText, openCsvText } from './csv-text.ts';
import { FieldReader } from './field-reader.ts';

/** The state of the file when its first row was read. */
export interface OpenedCsv {
  readonly scanner: CsvScanner;
  /** Opens the fields of the scanner's last row. */
  readonly field: FieldReader;
  readonly roles: CsvRoles;
  /** The names of the columns, or their numbers. */
  readonly names: readonly string[];
  readonly fileBytes: number;
  /** Estimated from the part that was read. */
  readonly expectedRows: number;
  readonly faults: FaultList;
}

/** Receiver of the rows. */
export interface RowTarget<Result> {
  /** Takes the scanner's last row, which is in `source`. */
  take(source: Buffer): void;
  countUsers(): number;
  finish(): Result;
}

/** Small enough for the processor's cache, large enough that the cost of a read is negligible. */
const defaultChunkBytes = 1 << 20;
const lineFeed = 0x0a;

/**
 * Reads the file at `config.path`.
 *
 * @param encoding a name returned by `findEncoding`.
 * @param createTarget called after the first row, which names the columns or, if the file has no header, describes a user.
 * @param chunkBytes number of bytes to read at a time, at least 256; it grows for longer rows.
 * @throws errors of `node:fs`.
 */
export function readCsvFile<Result>(
  config: CsvSourceConfig,
  encoding: string,
  createTarget: (file: OpenedCsv) => RowTarget<Result>,
  chunkBytes: number = defaultChunkBytes,
): CsvLoadOutcome<Result> {
  const faults = createFaultList(config.maxErrors);
  const text = openCsvText(config.path, encoding, config.delimiter);
  try {
    const target = readRows(config, text, faults, createTarget, chunkBytes);
    if (text.hasChanged()) return { kind: 'changing' };
    const digest = text.digest();
    const textFaults = text.findFaults(config.maxErrors);
    const found = textFaults.length > 0 ? textFaults : faults.faults;
    if (found.length > 0 || target === null) {
      return { kind: 'refused', digest, faults: found, isCut: found.length === config.maxErrors };
    }
    return { kind: 'loaded', digest, loaded: target.finish() };
  } finally {
    text.close();
  }
}

/** Reads the text to its end, even after errors. `null`: there are errors and no users. */
function readRows<Result>(
  config: CsvSourceConfig,
  text: CsvText,
  faults: FaultList,
  createTarget: (file: OpenedCsv) => RowTarget<Result>,
  chunkBytes: number,
): RowTarget<Result> | null {
  const quote = config.quote.charCodeAt(0);
  const scanner = new CsvScanner(config.delimiter.charCodeAt(0), quote);
  const field = new FieldReader(scanner, quote, config.trim);
  let target = null as RowTarget<Result> | null;
  let isDone = false;
  let skipsLine = false;
  let hasRows = false;
  let buffer = Buffer.allocUnsafeSlow(chunkBytes);
  let from = 0;
  let to = 0;

  /** Reads the first row and creates the receiver; `null`: a column is missing, so no row has a meaning. */
  function takeFirstRow(): RowTarget<Result> | null {
    const fields = field.texts(buffer);
    const names = config.header ? fields : fields.map((_, place) => `${place + 1}`);
    const roles = resolveColumns(config, names, scanner.rowLine, faults);
    if (roles === null) return null;
    const { fileBytes } = text;
    const expectedRows = estimateRows(buffer, to, fileBytes);
    const created = createTarget({ scanner, field, roles, names, fileBytes, expectedRows, faults });
    if (!config.header) created.take(buffer);
    return created;
  }

  /** Processes rows until the buffer contains no complete one. */
  function takeRows(isLast: boolean): void {
    while (!isDone) {
      if (skipsLine) {
        const end = buffer.subarray(0, to).indexOf(lineFeed, from);
        from = end < 0 ? to : end + 1;
        if (end < 0) return;
        skipsLine = false;
        scanner.line++;
      }
      const outcome = scanner.scan(buffer, from, to, isLast);
      from = scanner.next;
      if (outcome === scanned.more || outcome === scanned.end) return;
      hasRows = true;
      if (outcome === scanned.fault) {
        faults.add(scanner.faultLine, scanner.faultRule);
        if (scanner.faultRule === csvRules.quoteNotClosed) isDone = true;
        skipsLine = true;
      } else if (target !== null) target.take(buffer);
      else target = takeFirstRow();
      if (target === null || faults.isFull()) isDone = true;
    }
  }

  while (!text.isEnded()) {
    if (isDone) from = to;
    buffer.copyWithin(0, from, to);
    to -= from;
    from = 0;
    if (to > buffer.length / 2) buffer = Buffer.concat([buffer], buffer.length * 2);
    to += text.readInto(buffer, to);
    takeRows(text.isEnded());
  }
  if (!hasRows) faults.add(1, csvRules.noRows);
  else if (target?.countUsers() === 0 && faults.faults.length === 0) faults.add(1, csvRules.noUsers);
  return target;
}

/** Estimates the number of rows from the part that was read; if the estimate is too low, an index has to grow. */
function estimateRows(buffer: Buffer, length: number, fileBytes: number): number {
  let lines = 0;
  for (let at = buffer.indexOf(lineFeed); at >= 0 && at < length; at = buffer.indexOf(lineFeed, at + 1)) lines++;
  return Math.ceil((lines * fileBytes) / Math.max(length, 1));
}

/** Users in memory. */
export interface CsvUsers {
  /** Number of users in the data that is in use, without disabled ones. */
  readonly size: number;
  /** Returns the user; `null`: unknown or disabled. Each result belongs to its caller. */
  find(userid: string): UserInfo | null;
  isDisabled(userid: string): boolean;
}

/** Result of reading a file with an engine. `digest` covers the file's bytes. */
export type CsvLoadOutcome<Loaded> =
  | Exclude<LoadOutcome<Loaded>, RefusedFile>
  | {
      readonly kind: 'refused';
      readonly digest: string;
      readonly faults: readonly CsvFault[];
      readonly isCut: boolean;
    };
