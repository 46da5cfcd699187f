// Strict BER reader (X.690) for LDAP: a malformed message is an error, never a shorter list.

/** The bytes are not BER, or not the expected BER. */
export class BerError extends Error {
  override readonly name = 'BerError';
}

/** One element: its tag, and the position of its content in the buffer. */
export interface BerElement {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

export const berTags = {
  boolean: 0x01,
  integer: 0x02,
  octetString: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Returns the number of bytes of the element that begins at `offset`; `null`: too few bytes have arrived to determine it. */
export function sizeOfElement(buffer: Buffer, offset: number): number | null {
  const first = buffer[offset + 1];
  if (first === undefined) return null;
  if (first < 0x80) return 2 + first;
  const lengthBytes = first & 0x7f;
  if (lengthBytes === 0 || lengthBytes > 4) throw new BerError('a length encoding that LDAP does not allow');
  if (buffer.length < offset + 2 + lengthBytes) return null;
  return 2 + lengthBytes + buffer.readUIntBE(offset + 2, lengthBytes);
}

/** Reads elements one after the other between two positions of a buffer. */
export class BerReader {
  readonly #buffer: Buffer;
  readonly #end: number;
  #place: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer;
    this.#place = start;
    this.#end = end;
  }

  get hasMore(): boolean {
    return this.#place < this.#end;
  }

  /** Returns the tag of the next element; 0 at the end. */
  get nextTag(): number {
    return this.hasMore ? (this.#buffer[this.#place] ?? 0) : 0;
  }

  /** Reads the next element. @throws {BerError} at the end, for an element that extends past the end, and for a tag other than `tag`. */
  read(tag?: number): BerElement {
    const found = this.nextTag;
    if (!this.hasMore) throw new BerError('an element is missing');
    if (tag !== undefined && found !== tag) throw new BerError(`tag ${found} where ${tag} was expected`);
    const size = sizeOfElement(this.#buffer, this.#place);
    const end = this.#place + (size ?? Number.POSITIVE_INFINITY);
    if (end > this.#end) throw new BerError('an element extends beyond its parent');
    const first = this.#buffer[this.#place + 1] ?? 0;
    const start = this.#place + 2 + (first < 0x80 ? 0 : first & 0x7f);
    this.#place = end;
    return { tag: found, start, end };
  }

  /** Returns a reader of the next element's content. */
  enter(tag: number): BerReader {
    const { start, end } = this.read(tag);
    return new BerReader(this.#buffer, start, end);
  }

  /** Returns the bytes of the next element's content as a view, not a copy. */
  readBytes(tag: number = berTags.octetString): Buffer {
    const { start, end } = this.read(tag);
    return this.#buffer.subarray(start, end);
  }

  readText(tag: number = berTags.octetString): string {
    const { start, end } = this.read(tag);
    return this.#buffer.toString('utf8', start, end);
  }

  readInteger(tag: number = berTags.integer): number {
    const { start, end } = this.read(tag);
    if (end - start < 1 || end - start > 4) throw new BerError('an integer with no bytes or with more than four bytes');
    return this.#buffer.readIntBE(start, end - start);
  }

  readBoolean(tag: number = berTags.boolean): boolean {
    const { start, end } = this.read(tag);
    if (end - start !== 1) throw new BerError('a boolean that is not one byte long');
    return this.#buffer[start] !== 0;
  }
}
