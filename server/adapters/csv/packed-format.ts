// Layout of packed users: what the builder writes and the lookup reads.
//
// arena, a record a user:   varint(useridBytes << 1 | isDisabled)  userid
//                           varint(groupCount)  varint(group id)…
//                           varint(valueCount)  varint(value id)…    (values of one attribute stand together)
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

/** All buffers of the data, for `postMessage`. */
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
