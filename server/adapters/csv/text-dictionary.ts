// Dictionary of distinct texts while a file is loaded: each is stored once, as JSON.
/** Bytes after the last text of a table, so that whole words can be read at its end. */
export const slackBytes = 3;

/** The texts by id, starting with 0: text `id` is `bytes[offsets[id], offsets[id + 1])`; `slackBytes` follow the last one. */
export interface TextTable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** The tag under which each text was interned; empty if `tag` is always 0. */
  readonly tags: Uint32Array<ArrayBuffer>;
}

const minimumSlots = 1024;
const slotWords = 4;

export class TextDictionary {
  size = 0;
  readonly #before: Buffer;
  readonly #after: Buffer;
  /** Bytes of `before` and `after`. */
  readonly #around: number;
  #bytes = new Uint8Array(1 << 14);
  #length = 0;
  #offsets = new Uint32Array(minimumSlots + 1);
  #tags = new Uint32Array(minimumSlots);
  /** Whether any text has a tag other than 0. */
  #hasTags = false;
  /**
   * Open addressing, at most half full. The data for a comparison is adjacent, in one cache line: hash, id + 1 (0: free), offset and length of the
   * text between `before` and `after`.
   */
  #slots = new Int32Array(minimumSlots * 2 * slotWords);

  /** Each text is stored between `before` and `after`, e.g. `,"` and `"`. */
  constructor(before: string, after: string) {
    this.#before = Buffer.from(before);
    this.#after = Buffer.from(after);
    this.#around = this.#before.length + this.#after.length;
  }

  /**
   * Returns the id of the text `source[start, end)`, which is in JSON's escaped form and not empty. Equal texts with the same tag have the same id.
   *
   * @param textHash hash of the text, computed like `hashText`.
   */
  intern(source: Uint8Array, start: number, end: number, tag: number, textHash: number): number {
    const hash = spread(textHash ^ Math.imul(tag, tagFactor));
    const slots = this.#slots;
    const mask = slots.length - 1;
    const length = end - start;
    const isTagged = tag !== 0 || this.#hasTags;
    let slot = Math.imul(hash, slotWords) & mask;
    for (let entry = slots[slot + 1] as number; entry !== 0; entry = slots[slot + 1] as number) {
      if (
        slots[slot] === hash &&
        slots[slot + 3] === length &&
        (!isTagged || this.#tags[entry - 1] === tag) &&
        isEqual(this.#bytes, slots[slot + 2] as number, source, start, length)
      ) {
        return entry - 1;
      }
      slot = (slot + slotWords) & mask;
    }
    assertJsonText(source, start, end);
    const room = length + this.#around;
    while (this.#length + room > this.#bytes.length) this.#bytes = grown(this.#bytes, Uint8Array);
    const id = this.size++;
    if (id === this.#tags.length) {
      this.#tags = grown(this.#tags, Uint32Array);
      this.#offsets = grown(this.#offsets, Uint32Array);
    }
    const text = this.#bytes;
    text.set(this.#before, this.#length);
    let at = this.#length + this.#before.length;
    for (let from = start; from < end; from++, at++) text[at] = source[from] as number;
    text.set(this.#after, at);
    this.#length += room;
    this.#offsets[id + 1] = this.#length;
    this.#tags[id] = tag;
    if (tag !== 0) this.#hasTags = true;
    slots[slot] = hash;
    slots[slot + 1] = id + 1;
    slots[slot + 2] = at - length;
    slots[slot + 3] = length;
    if (this.size * 2 * slotWords > this.#slots.length) this.#growSlots();
    return id;
  }

  tagOf(id: number): number {
    return this.#tags[id] as number;
  }

  /** Returns the texts, in buffers of exactly the needed length. The dictionary must not be used afterwards. */
  finish(): TextTable {
    const bytes = new Uint8Array(this.#length + slackBytes);
    bytes.set(this.#bytes.subarray(0, this.#length));
    return {
      bytes,
      offsets: this.#offsets.slice(0, this.size + 1),
      tags: this.#tags.slice(0, this.#hasTags ? this.size : 0),
    };
  }

  #growSlots(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 2);
    const mask = slots.length - 1;
    for (let from = 0; from < old.length; from += slotWords) {
      if (old[from + 1] === 0) continue;
      let slot = Math.imul(old[from] as number, slotWords) & mask;
      while (slots[slot + 1] !== 0) slot = (slot + slotWords) & mask;
      for (let word = 0; word < slotWords; word++) slots[slot + word] = old[from + word] as number;
    }
    this.#slots = slots;
  }
}

function isEqual(kept: Uint8Array, offset: number, source: Uint8Array, start: number, length: number): boolean {
  for (let index = 0; index < length; index++) {
    if (kept[offset + index] !== source[start + index]) return false;
  }
  return true;
}

/** Returns the same bytes, for reading and writing unaligned words. */
export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

const tagFactor = 0x9e3779b1;

/** Mixes the high bits of a product into the low ones, which select the slot. */
function spread(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return half ^ (half >>> 13);
}

function grown<T extends Uint8Array | Uint32Array>(array: T, make: new (length: number) => T): T {
  const larger = new make(array.length * 2);
  larger.set(array);
  return larger;
}

/**
 * Asserts that `bytes[start, end)` is valid as the content of a non-empty JSON string.
 *
 * @throws {Error} if the content is invalid, which is a bug: callers pass only bytes from `JSON.stringify`, or bytes that need no escaping.
 */
export function assertJsonText(bytes: Uint8Array, start: number, end: number): void {
  let isSound = start < end;
  for (let at = start; at < end && isSound; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x20 || byte === 0x22) isSound = false;
    if (byte === 0x5c) {
      at++;
      isSound = at < end && '"\\bfnrtu'.includes(String.fromCharCode(bytes[at] as number));
    }
  }
  if (!isSound) throw new Error('The dictionary received a string that is not JSON.');
}
