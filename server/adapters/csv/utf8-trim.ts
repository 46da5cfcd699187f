// Trims text in UTF-8 bytes by the white space of String.prototype.trim, without creating strings.

/** The offset of the first character in `bytes[start, end)` that is not white space; `end` if there is none. */
export function trimmedStart(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at] as number;
    if (byte < 0x80) {
      if (!isAsciiSpace(byte)) return at;
      at++;
    } else {
      const next = at + (byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4);
      if (!isSpace(bytes, at, next)) return at;
      at = next;
    }
  }
  return end;
}

/** The offset after the last character in `bytes[start, end)` that is not white space; `start` if there is none. */
export function trimmedEnd(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start) {
    let first = at - 1;
    if ((bytes[first] as number) < 0x80) {
      if (!isAsciiSpace(bytes[first] as number)) return at;
    } else {
      while (((bytes[first] as number) & 0xc0) === 0x80) first--;
      if (!isSpace(bytes, first, at)) return at;
    }
    at = first;
  }
  return start;
}

function isAsciiSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function isSpace(bytes: Buffer, start: number, end: number): boolean {
  return bytes.toString('utf8', start, end).trim() === '';
}
