// Layout of packed users: what the builder writes and the lookup reads.
//
// arena, a record per user: varint(useridBytes << 1 | isDisabled)  userid
//                           varint(groupCount)  varint(group id)…
//                           varint(valueCount)  varint(value id)…    (values of one attribute are adjacent)
// slots, the hash index:    offset of the record + 1, or 0; open addressing, linear probing, a power of two
import type { HashKey } from './keyed-hash.ts';
import type { TextTable } from './text-dictionary.ts';

/** Users in a few buffers, which a worker transfers without copying. */
export interface PackedData {
  /** Number of users that can be found, i.e. are not disabled. */
  readonly users: number;
  readonly key: HashKey;
  readonly arena: Uint8Array<ArrayBuffer>;
  readonly slots: Uint32Array<ArrayBuffer>;
  /** `,{"name":"…"}` */
  readonly groups: TextTable;
  /** `,"…"`; the tag is the attribute's id. */
  readonly values: TextTable;
  /** `],"…":[` by attribute id. */
  readonly attributes: TextTable;
}

/** Returns all buffers of the data, for `postMessage`. */
export function buffersOf({ arena, slots, groups, values, attributes }: PackedData): ArrayBuffer[] {
  const tables = [groups, values, attributes].flatMap(({ bytes, offsets, tags }) => [bytes, offsets, tags]);
  return [arena, slots, ...tables].map(({ buffer }) => buffer);
}

export const maxVarintBytes = 5;

/** Writes 7 bits per byte, lowest first, and returns the offset after them. `value` is below 2^32. */
export function writeVarint(bytes: Uint8Array, offset: number, value: number): number {
  let rest = value;
  let at = offset;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** A place in the arena. Reading moves it to the end of what was read. */
export interface Position {
  at: number;
}

export function readVarint(bytes: Uint8Array, position: Position): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[position.at++] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
}

/** Compares the userid of the record at `position` with `bytes[start, end)`. @returns the record's disabled bit; -1: it is another user's. */
export function matchUserid(
  arena: Uint8Array,
  position: Position,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const head = readVarint(arena, position);
  if (head >>> 1 !== end - start) return -1;
  for (let from = start; from < end; from++) {
    if (arena[position.at++] !== bytes[from]) return -1;
  }
  return head & 1;
}
