// Builder of packed users from rows: interning, the userid index, and merging of rows of one user.
import { answerOrder } from './csv-columns.ts';
import { createHashKey, type HashKey, hashBytes, hashText, textHashFactor, textHashStart } from './keyed-hash.ts';
import {
  matchUserid,
  maxVarintBytes,
  type PackedData,
  type Position,
  readVarint,
  writeVarint,
} from './packed-format.ts';
import { TextDictionary } from './text-dictionary.ts';

export interface BuilderOptions {
  /** Initial size of memory; unused pages cost nothing. */
  readonly expectedBytes: number;
  readonly expectedUsers: number;
  /** Whether rows of one user are merged, wherever they are; otherwise, the second row is rejected. */
  readonly joinsRows: boolean;
}

const noRecord = 0xffffffff;
const maxArenaBytes = 0xfffffffe;
const linkBytes = 4;
const entryWords = 4;

/** Rows are added one after the other: values and groups first, then `endRow`. */
export class PackedBuilder {
  readonly #key: HashKey = createHashKey();
  readonly #joinsRows: boolean;
  readonly textHashStart: number = textHashStart(this.#key);
  readonly textHashFactor: number = textHashFactor(this.#key);
  readonly #groups = new TextDictionary(',{"name":"', '"}');
  readonly #values = new TextDictionary(',"', '"');
  readonly #attributes = new TextDictionary('],"', '":[');
  readonly #attributeNames: string[] = [];
  // The current row.
  readonly #rowGroups = new DistinctIds();
  readonly #rowValues = new DistinctIds();
  // The users.
  #arena: Uint8Array<ArrayBuffer>;
  #length = 0;
  #users = 0;
  #disabledUsers = 0;
  /**
   * The index, with `entryWords` per slot in one cache line: offset of the user's first record + 1 (0: free), hash, line of the first row, offset of
   * the latest record.
   */
  #entries: Uint32Array;
  readonly #position: Position = { at: 0 };

  constructor({ expectedBytes, expectedUsers, joinsRows }: BuilderOptions) {
    this.#joinsRows = joinsRows;
    let slots = 1024;
    while (slots < expectedUsers * 1.5) slots *= 2;
    this.#arena = new Uint8Array(Math.min(Math.max(expectedBytes, 1 << 16), maxArenaBytes));
    this.#entries = new Uint32Array(slots * entryWords);
  }

  /** Number of users so far, including disabled ones. */
  get users(): number {
    return this.#users;
  }

  /** Returns the id of an authorization's name; equal names have the same id. */
  internAttribute(name: string): number {
    const id = this.#internRaw(this.#attributes, name, 0);
    if (id === this.#attributeNames.length) this.#attributeNames.push(name);
    return id;
  }

  /** Adds a group without characters to escape in JSON; `hash` is computed like `hashText`, starting with `textHashStart`. */
  addGroup(bytes: Uint8Array, start: number, end: number, hash: number): void {
    this.#rowGroups.add(this.#groups.intern(bytes, start, end, 0, hash));
  }

  /** Adds a group that may contain characters to escape. */
  addRawGroup(text: string): void {
    this.#rowGroups.add(this.#internRaw(this.#groups, text, 0));
  }

  /** Adds a value, like `addGroup`. The values of one attribute must be added consecutively. */
  addValue(attribute: number, bytes: Uint8Array, start: number, end: number, hash: number): void {
    this.#rowValues.add(this.#values.intern(bytes, start, end, attribute, hash));
  }

  /** Adds a value, like `addRawGroup`. */
  addRawValue(attribute: number, text: string): void {
    this.#rowValues.add(this.#internRaw(this.#values, text, attribute));
  }

  /**
   * Ends the current row as a row of the user `bytes[start, end)`.
   *
   * @returns 0, or the line of the user's first row if rows are not merged; in that case, nothing of the current row is kept.
   */
  endRow(bytes: Uint8Array, start: number, end: number, isDisabled: boolean, line: number): number {
    const hash = hashBytes(bytes, start, end, this.#key[0], this.#key[1]);
    const entries = this.#entries;
    const slot = this.#findSlot(bytes, start, end, hash);
    const offset = this.#length;
    let firstLine = 0;
    if (entries[slot] === 0) {
      this.#append(noRecord, bytes, start, end, isDisabled);
      entries[slot] = offset + 1;
      entries[slot + 1] = hash;
      entries[slot + 2] = line;
      entries[slot + 3] = offset;
      this.#users++;
      if (isDisabled) this.#disabledUsers++;
      if (this.#users * 1.5 * entryWords > entries.length) this.#growIndex();
    } else if (this.#joinsRows) {
      this.#append(entries[slot + 3] as number, bytes, start, start, isDisabled);
      entries[slot + 3] = offset;
    } else firstLine = entries[slot + 2] as number;
    this.dropRow();
    return firstLine;
  }

  /** Discards the current row. */
  dropRow(): void {
    this.#rowGroups.clear();
    this.#rowValues.clear();
  }

  /** Returns the users. The builder must not be used afterwards. */
  finish(): PackedData {
    if (this.#joinsRows) this.#joinRecords();
    return {
      users: this.#users - this.#disabledUsers,
      key: this.#key,
      // Not trimmed to its length: that would be a copy, and unused pages use no memory.
      arena: this.#arena,
      slots: firstWords(this.#entries),
      groups: this.#groups.finish(),
      values: this.#values.finish(),
      attributes: this.#attributes.finish(),
    };
  }

  #internRaw(dictionary: TextDictionary, text: string, tag: number): number {
    const json = Buffer.from(JSON.stringify(text).slice(1, -1));
    const hash = hashText(json, 0, json.length, this.textHashStart, this.textHashFactor);
    return dictionary.intern(json, 0, json.length, tag, hash);
  }

  /** Returns the slot of the user, or the free slot for the user. */
  #findSlot(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const entries = this.#entries;
    const arena = this.#arena;
    const position = this.#position;
    const mask = entries.length - 1;
    const skip = this.#joinsRows ? linkBytes : 0;
    const unsignedHash = hash >>> 0;
    for (let slot = Math.imul(hash, entryWords) & mask; ; slot = (slot + entryWords) & mask) {
      const entry = entries[slot] as number;
      if (entry === 0) return slot;
      position.at = entry - 1 + skip;
      if (entries[slot + 1] === unsignedHash && matchUserid(arena, position, bytes, start, end) >= 0) return slot;
    }
  }

  #append(previous: number, bytes: Uint8Array, start: number, end: number, isDisabled: boolean): void {
    const numbers = this.#rowGroups.count + this.#rowValues.count + 3;
    this.#makeRoom(linkBytes + numbers * maxVarintBytes + end - start);
    if (this.#joinsRows) {
      writeLink(this.#arena, this.#length, previous);
      this.#length += linkBytes;
    }
    this.#length = this.#write(this.#arena, this.#length, bytes, start, end, isDisabled);
  }

  /** Writes the current row as a record and returns the offset after it. */
  #write(
    arena: Uint8Array,
    offset: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    isDisabled: boolean,
  ): number {
    let at = writeVarint(arena, offset, ((end - start) << 1) | (isDisabled ? 1 : 0));
    for (let from = start; from < end; from++) arena[at++] = bytes[from] as number;
    at = this.#rowGroups.write(arena, at);
    return this.#rowValues.write(arena, at);
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#arena.length) return;
    if (needed > maxArenaBytes) throw new Error('The file has more users than fit into 4 GB.');
    const arena = new Uint8Array(Math.min(maxArenaBytes, Math.ceil(needed * 1.5)));
    arena.set(this.#arena.subarray(0, this.#length));
    this.#arena = arena;
  }

  #growIndex(): void {
    const old = this.#entries;
    const entries = new Uint32Array(old.length * 2);
    const mask = entries.length - 1;
    for (let from = 0; from < old.length; from += entryWords) {
      if (old[from] === 0) continue;
      let slot = Math.imul(old[from + 1] as number, entryWords) & mask;
      while (entries[slot] !== 0) slot = (slot + entryWords) & mask;
      for (let word = 0; word < entryWords; word++) entries[slot + word] = old[from + word] as number;
    }
    this.#entries = entries;
  }

  /** Rewrites the users, each as one record without links, with values in the order of responses. */
  #joinRecords(): void {
    const linked = this.#arena;
    const ranks = this.#attributeRanks();
    const joined = new Uint8Array(this.#length);
    let length = 0;
    this.#disabledUsers = 0;
    const position = this.#position;
    const records: number[] = [];
    const entries = this.#entries;
    for (let slot = 0; slot < entries.length; slot += entryWords) {
      const entry = entries[slot] as number;
      if (entry === 0) continue;
      records.length = 0;
      for (let at = entries[slot + 3] as number; at !== noRecord; at = readLink(linked, at)) records.push(at);
      let isDisabled = false;
      let useridStart = 0;
      let useridEnd = 0;
      for (const record of records.reverse()) {
        position.at = record + linkBytes;
        const head = readVarint(linked, position);
        if ((head & 1) === 1) isDisabled = true;
        if (record === entry - 1) {
          useridStart = position.at;
          useridEnd = useridStart + (head >>> 1);
        }
        position.at += head >>> 1;
        for (let rest = readVarint(linked, position); rest > 0; rest--)
          this.#rowGroups.add(readVarint(linked, position));
        for (let rest = readVarint(linked, position); rest > 0; rest--)
          this.#rowValues.add(readVarint(linked, position));
      }
      if (records.length > 1) this.#rowValues.sortBy((value) => ranks[this.#values.tagOf(value)] as number);
      if (isDisabled) this.#disabledUsers++;
      entries[slot] = length + 1;
      length = this.#write(joined, length, linked, useridStart, useridEnd, isDisabled);
      this.dropRow();
    }
    this.#arena = joined;
    this.#length = length;
  }

  /** Returns the position in a response for each attribute id. */
  #attributeRanks(): number[] {
    const places = new Map(answerOrder(this.#attributeNames).map((name, place) => [name, place]));
    return this.#attributeNames.map((name) => places.get(name) ?? 0);
  }
}

/** Ids in order of appearance, without duplicates. */
class DistinctIds {
  count = 0;
  readonly ids: number[] = [];
  /** By id: the round in which it appeared last. */
  #rounds: Uint32Array = new Uint32Array(1024);
  #round = 1;

  add(id: number): void {
    if (id >= this.#rounds.length) {
      const larger = new Uint32Array(Math.max(this.#rounds.length * 2, id + 1));
      larger.set(this.#rounds);
      this.#rounds = larger;
    }
    if (this.#rounds[id] === this.#round) return;
    this.#rounds[id] = this.#round;
    this.ids[this.count++] = id;
  }

  /** Writes the count and the ids, and returns the offset after them. */
  write(target: Uint8Array, offset: number): number {
    const { count, ids } = this;
    let at = writeVarint(target, offset, count);
    for (let index = 0; index < count; index++) {
      const id = ids[index] as number;
      if (id < 0x80) target[at++] = id;
      else at = writeVarint(target, at, id);
    }
    return at;
  }

  clear(): void {
    this.count = 0;
    this.#round++;
  }

  /** Sorts the ids by rank; equal ranks keep their order. */
  sortBy(rankOf: (id: number) => number): void {
    const sorted = this.ids.slice(0, this.count).sort((a, b) => rankOf(a) - rankOf(b));
    for (const [index, id] of sorted.entries()) this.ids[index] = id;
  }
}

function firstWords(entries: Uint32Array): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(entries.length / entryWords);
  for (let slot = 0; slot < words.length; slot++) words[slot] = entries[slot * entryWords] as number;
  return words;
}

function writeLink(arena: Uint8Array, at: number, link: number): void {
  arena[at] = link;
  arena[at + 1] = link >>> 8;
  arena[at + 2] = link >>> 16;
  arena[at + 3] = link >>> 24;
}

function readLink(arena: Uint8Array, at: number): number {
  const low = (arena[at] as number) | ((arena[at + 1] as number) << 8) | ((arena[at + 2] as number) << 16);
  return (low | ((arena[at + 3] as number) << 24)) >>> 0;
}
