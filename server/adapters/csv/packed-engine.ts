// Engine `packed`: reads a file with our scanner into packed users. Synchronous; large files use a worker thread.
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { resolveColumns } from './csv-columns.ts';
import { createFaultList, csvRules, type FaultList } from './csv-faults.ts';
import { CsvScanner, scanned } from './csv-scanner.ts';
import { type CsvText, digestFile, openCsvText } from './csv-text.ts';
import type { CsvLoadOutcome } from './csv-users.ts';
import { PackedBuilder } from './packed-builder.ts';
import type { PackedData } from './packed-format.ts';
import { createRowPacker, FieldReader } from './packed-rows.ts';

/** Small enough for the processor's cache, large enough that the cost of a read is negligible. */
const defaultChunkBytes = 1 << 20;
const lineFeed = 0x0a;

/**
 * Reads the file at `config.path`.
 *
 * @param encoding a name returned by `findEncoding`.
 * @param chunkBytes number of bytes to read at a time, at least 256; it grows for longer rows.
 * @throws errors of `node:fs`.
 */
export function loadPacked(
  config: CsvSourceConfig,
  encoding: string,
  knownDigests: readonly string[],
  chunkBytes = defaultChunkBytes,
): CsvLoadOutcome<PackedData> {
  // A separate read, a fifteenth of a load: most polls end here.
  const digestBefore = knownDigests.length > 0 ? digestFile(config.path) : '';
  if (knownDigests.includes(digestBefore)) return { kind: 'unchanged', digest: digestBefore };
  const faults = createFaultList(config.maxErrors);
  const text = openCsvText(config.path, encoding, config.delimiter);
  try {
    const builder = readUsers(config, text, faults, chunkBytes);
    if (text.hasChanged()) return { kind: 'changing' };
    const digest = text.digest();
    const textFaults = text.findFaults(config.maxErrors);
    const found = textFaults.length > 0 ? textFaults : faults.faults;
    if (found.length > 0 || builder === null) {
      return { kind: 'refused', digest, faults: found, isCut: found.length === config.maxErrors };
    }
    return { kind: 'loaded', digest, loaded: builder.finish() };
  } finally {
    text.close();
  }
}

/** Reads the text to its end, even after errors. `null`: there are errors and no users. */
function readUsers(
  config: CsvSourceConfig,
  text: CsvText,
  faults: FaultList,
  chunkBytes: number,
): PackedBuilder | null {
  const scanner = new CsvScanner(config.delimiter.charCodeAt(0), config.quote.charCodeAt(0));
  const field = new FieldReader(scanner, config.quote.charCodeAt(0), config.trim);
  const table: { builder: PackedBuilder | null; packRow: ((source: Buffer) => void) | null } = {
    builder: null,
    packRow: null,
  };
  let isDone = false;
  let skipsLine = false;
  let hasRows = false;
  let buffer = Buffer.allocUnsafeSlow(chunkBytes);
  let from = 0;
  let to = 0;

  /** The first row: names the columns, or is a user if the file has no header. */
  function takeFirstRow(): void {
    const header = config.header ? readHeader(field, scanner, buffer) : scanner.fieldCount;
    const roles = resolveColumns(config, header, scanner.rowLine, faults);
    if (roles === null) {
      // Without its columns no row has a meaning.
      isDone = true;
      return;
    }
    const builder = new PackedBuilder({
      expectedBytes: text.fileBytes,
      expectedUsers: config.layout === 'wide' ? estimateRows(buffer, to, text.fileBytes) : 0,
      joinsRows: config.layout === 'long' || config.duplicates === 'merge',
    });
    table.builder = builder;
    table.packRow = createRowPacker(config, roles, scanner, field, builder, faults);
    if (!config.header) table.packRow(buffer);
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
      if (outcome === scanned.fault) {
        hasRows = true;
        faults.add(scanner.faultLine, scanner.faultRule);
        if (scanner.faultRule === csvRules.quoteNotClosed || table.packRow === null) isDone = true;
        skipsLine = true;
      } else {
        hasRows = true;
        if (table.packRow === null) takeFirstRow();
        else table.packRow(buffer);
      }
      if (faults.isFull()) isDone = true;
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
  else if (table.builder?.users === 0 && faults.faults.length === 0) faults.add(1, csvRules.noUsers);
  return table.builder;
}

function readHeader(field: FieldReader, scanner: CsvScanner, source: Buffer): string[] {
  return Array.from({ length: scanner.fieldCount }, (_, place) => {
    field.open(source, place);
    return field.text();
  });
}

/** Estimated from the part that was read; a low estimate means that an index has to grow. */
function estimateRows(buffer: Buffer, length: number, fileBytes: number): number {
  let lines = 0;
  for (let at = buffer.indexOf(lineFeed); at >= 0 && at < length; at = buffer.indexOf(lineFeed, at + 1)) lines++;
  return Math.ceil((lines * fileBytes) / Math.max(length, 1));
}
