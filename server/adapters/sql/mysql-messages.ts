// Framing validation of MySQL packets: they must be in order and complete, and rows of prepared statements exactly as long as their packet.
import { WireError } from './foreign-server.ts';

const headerBytes = 4;
/** A packet of this length would continue in the next packet; no row of names is that long. */
const maxPacketBytes = 0xff_ff_ff;
const executeStatement = 0x17;

type Stage = 'other' | 'head' | 'columns' | 'columns-end' | 'rows';

/**
 * Validates received data, see https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html. mysql2 only warns about packets out of order,
 * and reads values beyond their packet.
 */
export class MysqlMessages {
  #parts: Buffer[] = [];
  #bytes = 0;
  #needed = headerBytes;
  #sequence = 0;
  #stage: Stage = 'other';
  #columnCount = 0;
  #types: number[] = [];

  /** Observes a packet that is sent, because the response depends on it. */
  sent(packet: Buffer): void {
    const sequence = packet[3] ?? 0;
    this.#sequence = (sequence + 1) % 256;
    if (sequence === 0) this.#stage = packet[headerBytes] === executeStatement ? 'head' : 'other';
  }

  /**
   * Accepts received bytes.
   *
   * @returns the complete packets; may be empty.
   * @throws {WireError} if a packet is malformed.
   */
  take(chunk: Buffer): Buffer {
    this.#parts.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed) return chunk.subarray(0, 0);
    const bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts);
    let place = 0;
    this.#needed = headerBytes;
    while (bytes.length - place >= headerBytes) {
      const length = bytes.readUIntLE(place, 3);
      if (length === 0 || length === maxPacketBytes) throw new WireError('impossible packet length');
      if (bytes[place + 3] !== this.#sequence) throw new WireError('packets out of order');
      const end = place + headerBytes + length;
      if (bytes.length < end) {
        this.#needed = end - place;
        break;
      }
      this.#sequence = (this.#sequence + 1) % 256;
      this.#check(bytes.subarray(place + headerBytes, end));
      place = end;
    }
    this.#parts = place === bytes.length ? [] : [bytes.subarray(place)];
    this.#bytes = bytes.length - place;
    return bytes.subarray(0, place);
  }

  #check(body: Buffer): void {
    const first = body[0] ?? 0;
    const isEnd = first === 0xfe && body.length < 9;
    switch (this.#stage) {
      case 'other':
        return;
      case 'head':
        // An error, or a statement without rows.
        if (first === 0xff || first === 0) this.#stage = 'other';
        else if (body.length !== 1 || first > 250) throw new WireError('impossible number of columns');
        else {
          this.#stage = 'columns';
          this.#columnCount = first;
          this.#types = [];
        }
        return;
      case 'columns':
        this.#types.push(typeOf(body));
        if (this.#types.length === this.#columnCount) this.#stage = 'columns-end';
        return;
      case 'columns-end':
        if (!isEnd) throw new WireError('the number of columns differs from the announced number');
        this.#stage = 'rows';
        return;
      case 'rows':
        if (isEnd || first === 0xff) this.#stage = 'other';
        else if (!isRow(body, this.#types)) throw new WireError('a row does not match its length');
    }
  }
}

/** The fixed part at the end of a column definition: its length, then character set, length, type, flags, decimals, filler. */
const fixedBytes = 0x0c;

function typeOf(body: Buffer): number {
  if (body.at(-fixedBytes - 1) !== fixedBytes) throw new WireError('a malformed column definition');
  return body.at(-fixedBytes + 6) ?? 0;
}

/** Bytes of a value by type, if the length is fixed. */
const sizes: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 2],
  [3, 4],
  [4, 4],
  [5, 8],
  [6, 0],
  [8, 8],
  [9, 4],
  [13, 2],
]);

function isRow(body: Buffer, types: readonly number[]): boolean {
  const bitmapBytes = (types.length + 7 + 2) >> 3;
  if (body[0] !== 0 || body.length < 1 + bitmapBytes) return false;
  let place = 1 + bitmapBytes;
  for (const [column, type] of types.entries()) {
    const bit = column + 2;
    if (((body[1 + (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0) continue;
    const size = sizes.get(type) ?? textBytes(body, place);
    if (size === null) return false;
    place += size;
  }
  return place === body.length;
}

/** Returns the number of bytes of a value with a length prefix, including the prefix; `null`: the prefix is invalid or incomplete. */
function textBytes(body: Buffer, place: number): number | null {
  const first = body[place];
  if (first === undefined || first === 0xfb || first === 0xff) return null;
  if (first < 0xfb) return 1 + first;
  const lengthBytes = first === 0xfc ? 2 : first === 0xfd ? 3 : 6;
  if (body.length - place - 1 < lengthBytes) return null;
  const prefixBytes = first === 0xfe ? 8 : lengthBytes;
  return 1 + prefixBytes + body.readUIntLE(place + 1, lengthBytes);
}
