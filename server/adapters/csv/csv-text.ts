// Reader of a file's text: chunks of validated UTF-8 without a byte order mark and Excel's `sep=`, whatever its encoding.
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type CsvFault, createFaultList, csvRules, type FaultList } from './csv-faults.ts';

const lineFeed = 0x0a;
const byteOrderMark = [0xef, 0xbb, 0xbf] as const;
/** Maximum for all WHATWG encodings: no byte becomes more UTF-8 bytes than this. */
const maxUtf8BytesPerByte = 3;

/** An open file. Must not be shared, and must be closed. */
export interface CsvText {
  /** Size of the file in bytes when it was opened. */
  readonly fileBytes: number;
  /**
   * Writes the next piece of text to `target[offset…]`, ending at a whole character, and returns its length in bytes.
   * Requires space for at least 64 bytes. 0 is returned only at the end of the file.
   */
  readInto(target: Buffer, offset: number): number;
  /** Returns whether everything has been read. */
  isEnded(): boolean;
  /** Returns the digest of the file's unchanged bytes; available at the end. */
  digest(): string;
  /**
   * Returns the encoding errors of the bytes, or a declared delimiter that differs; available at the end. If there is one, no other error of the file
   * is worth reporting.
   */
  findFaults(maxErrors: number): readonly CsvFault[];
  /** Returns whether the file was modified while it was read. */
  hasChanged(): boolean;
  close(): void;
}

/**
 * Opens a file. `encoding` is a name returned by `findEncoding`. A first line `sep=;`, in which Excel and other programs specify the delimiter,
 * becomes an empty line, so that line numbers are unchanged. A delimiter other than `delimiter` is an error.
 *
 * @throws errors of `node:fs`, here and in `readInto`.
 */
export function openCsvText(path: string, encoding: string, delimiter: string): CsvText {
  const descriptor = openSync(path, 'r');
  const opened = fstatSync(descriptor, { bigint: true });
  const hash = createHash('sha256');
  const next = encoding === 'utf-8' ? createUtf8Reader(descriptor) : createDecodingReader(descriptor, encoding);
  let ended = false;
  let damaged = false;
  let isFirstText = true;
  let otherSeparator: string | null = null;
  return {
    fileBytes: Number(opened.size),
    readInto(target, offset) {
      while (!ended) {
        const { text, raw, isLast } = next(target, offset);
        hash.update(raw);
        ended = isLast;
        damaged ||= text === null;
        // Damaged bytes are read to the end, for the digest and the report, but not returned.
        if (text === null || damaged) continue;
        if (!isUtf8(text) || text.includes(0)) damaged = true;
        else if (text.length > 0) {
          const separatorLine = isFirstText ? readSeparatorLine(text) : null;
          isFirstText = false;
          if (separatorLine === null) return text.length;
          if (separatorLine.separator !== delimiter) otherSeparator = separatorLine.separator;
          text.copyWithin(0, separatorLine.length);
          const length = text.length - separatorLine.length;
          if (length > 0) return length;
        }
      }
      return 0;
    },
    isEnded: () => ended,
    digest: () => hash.digest('hex'),
    findFaults(maxErrors) {
      if (damaged) return findTextFaults(descriptor, encoding, maxErrors);
      return otherSeparator === null ? [] : [{ line: 1, rule: csvRules.otherSeparator(otherSeparator) }];
    },
    hasChanged() {
      const now = fstatSync(descriptor, { bigint: true });
      return now.size !== opened.size || now.mtimeNs !== opened.mtimeNs;
    },
    close: () => closeSync(descriptor),
  };
}

/** Returns the delimiter in a first line, and the line's length without its end; `null`: there is none. */
function readSeparatorLine(text: Buffer): { separator: string; length: number } | null {
  const start = text.subarray(0, maxSeparatorLineBytes).toString('latin1');
  const [, line = '', quoted, bare] = /^("sep=([ -~\t])"|sep=([ -~\t]))(?:\r?\n|$)/i.exec(start) ?? [];
  return line === '' ? null : { separator: quoted ?? bare ?? '', length: line.length };
}

/** `"sep=;"` and a line break. The first piece of a file is longer than that, or is the whole file. */
const maxSeparatorLineBytes = 9;

/** Returns the digest of a file's bytes, as in `CsvText`. @throws errors of `node:fs`. */
export function digestFile(path: string): string {
  const descriptor = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    for (const chunk of readFromStart(descriptor)) hash.update(chunk);
    return hash.digest('hex');
  } finally {
    closeSync(descriptor);
  }
}

/** `text`: written to the target; `null`: the bytes are invalid. `raw`: the corresponding bytes of the file. */
interface Piece {
  readonly text: Buffer | null;
  readonly raw: Buffer;
  readonly isLast: boolean;
}

function createUtf8Reader(descriptor: number): (target: Buffer, offset: number) => Piece {
  const rest = Buffer.alloc(4);
  let restLength = 0;
  let isFirst = true;
  return (target, offset) => {
    rest.copy(target, offset, 0, restLength);
    const rawStart = offset + restLength;
    const { length, isLast } = readFully(descriptor, target.subarray(rawStart));
    const raw = target.subarray(rawStart, rawStart + length);
    let end = rawStart + length;
    let start = offset;
    if (isFirst && byteOrderMark.every((byte, index) => offset + index < end && target[offset + index] === byte)) {
      start += byteOrderMark.length;
    }
    isFirst = false;
    const cut = isLast ? end : wholeCharactersEnd(target, start, end);
    restLength = target.copy(rest, 0, cut, end);
    end = cut;
    if (start === offset) return { text: target.subarray(start, end), raw, isLast };
    // The digest covers the file's bytes, including the byte order mark: copy them before the text overwrites them.
    const kept = Buffer.from(raw);
    target.copyWithin(offset, start, end);
    return { text: target.subarray(offset, offset + end - start), raw: kept, isLast };
  };
}

/** Returns the end of the last whole UTF-8 sequence, at most 3 bytes before `end`. Bytes that are not UTF-8 are left unchanged. */
function wholeCharactersEnd(bytes: Buffer, start: number, end: number): number {
  for (let at = end - 1; at >= start && at >= end - 3; at--) {
    const byte = bytes[at] as number;
    if (byte < 0x80) return end;
    if (byte < 0xc0) continue;
    const sequenceLength = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return at + sequenceLength > end ? at : end;
  }
  return end;
}

function createDecodingReader(descriptor: number, encoding: string): (target: Buffer, offset: number) => Piece {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let rawBuffer = Buffer.alloc(0);
  return (target, offset) => {
    // The decoder may hold back a character of the last piece: leave space for it.
    const room = Math.floor((target.length - offset) / maxUtf8BytesPerByte) - maxUtf8BytesPerByte;
    if (rawBuffer.length < room) rawBuffer = Buffer.allocUnsafe(room);
    const { length, isLast } = readFully(descriptor, rawBuffer.subarray(0, room));
    const raw = rawBuffer.subarray(0, length);
    try {
      // Always as a stream: otherwise Node 20 treats windows-1252 as ISO 8859-1 (no euro sign).
      const decoded = decoder.decode(raw, { stream: true }) + (isLast ? decoder.decode() : '');
      const written = target.write(decoded, offset, 'utf8');
      return { text: target.subarray(offset, offset + written), raw, isLast };
    } catch {
      return { text: null, raw, isLast };
    }
  };
}

/** Reads until the target is full or the file ends, because any read may return fewer bytes than requested. */
function readFully(
  descriptor: number,
  target: Buffer,
  position: number | null = null,
): { length: number; isLast: boolean } {
  let length = 0;
  while (length < target.length) {
    const count = readSync(
      descriptor,
      target,
      length,
      target.length - length,
      position === null ? null : position + length,
    );
    if (count === 0) return { length, isLast: true };
    length += count;
  }
  return { length, isLast: false };
}

/** Reads a damaged file once more, line by line, which would be too slow for valid files. */
function findTextFaults(descriptor: number, encoding: string, maxErrors: number): readonly CsvFault[] {
  const faults = createFaultList(maxErrors);
  if (encoding === 'utf-8') findUtf8Faults(descriptor, faults);
  else findDecodingFault(descriptor, encoding, faults);
  return faults.faults;
}

const wholeChunkBytes = 1 << 18;

function* readFromStart(descriptor: number): Generator<Buffer> {
  const chunk = Buffer.allocUnsafe(wholeChunkBytes);
  for (let position = 0; ; ) {
    const { length, isLast } = readFully(descriptor, chunk, position);
    position += length;
    yield chunk.subarray(0, length);
    if (isLast) return;
  }
}

function findUtf8Faults(descriptor: number, faults: FaultList): void {
  let line = 1;
  let lineStart = 0;
  let pieces: Buffer[] = [];
  const endLine = (isFileEnd = false) => {
    const bytes = Buffer.concat(pieces);
    const cut = isFileEnd ? findCutCharacter(bytes) : null;
    if (cut !== null) faults.add(line, csvRules.cutInCharacter('utf-8', lineStart + cut));
    else if (!isUtf8(bytes)) faults.add(line, csvRules.notInEncoding('utf-8'));
    else if (bytes.includes(0)) faults.add(line, csvRules.notText);
    pieces = [];
    line++;
    lineStart += bytes.length + 1;
  };
  for (const chunk of readFromStart(descriptor)) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0 && !faults.isFull(); end = chunk.indexOf(lineFeed, start)) {
      pieces.push(chunk.subarray(start, end));
      endLine();
      start = end + 1;
    }
    if (faults.isFull()) return;
    pieces.push(Buffer.from(chunk.subarray(start)));
  }
  endLine(true);
}

/** Returns the start of an incomplete last character if everything before it is valid; otherwise `null`. */
function findCutCharacter(bytes: Buffer): number | null {
  const end = wholeCharactersEnd(bytes, 0, bytes.length);
  const lead = bytes[end] ?? 0;
  return lead >= 0xc2 && lead <= 0xf4 && isUtf8(bytes.subarray(0, end)) ? end : null;
}

/** Finds NULs up to the first encoding error, after which a decoder cannot continue. Decodes byte by byte to determine the lines. */
function findDecodingFault(descriptor: number, encoding: string, faults: FaultList): void {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let line = 1;
  let bytes = 0;
  let isFileEnd = false;
  const take = (text: string) => {
    for (const character of text) {
      if (character === '\0') faults.add(line, csvRules.notText);
      if (character === '\n') line++;
    }
  };
  try {
    for (const chunk of readFromStart(descriptor)) {
      for (let at = 0; at < chunk.length; at++) take(decoder.decode(chunk.subarray(at, at + 1), { stream: true }));
      bytes += chunk.length;
      if (faults.isFull()) return;
    }
    isFileEnd = true;
    take(decoder.decode());
  } catch {
    faults.add(line, isFileEnd ? csvRules.cutInCharacter(encoding, bytes) : csvRules.notInEncoding(encoding));
  }
}
